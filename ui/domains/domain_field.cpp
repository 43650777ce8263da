// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/domains/domain_field.h"

namespace krater {

namespace {

// Empty: no limit.
bool readLimit(std::optional<std::uint64_t> &limit, const QString &text)
{
    limit.reset();
    if (text.isEmpty())
        return true;
    bool ok = false;
    const qulonglong value = text.toULongLong(&ok);
    if (ok && value > 0)
        limit = value;
    return ok && value > 0;
}

QString limitText(const std::optional<std::uint64_t> &limit)
{
    return limit ? QString::number(*limit) : QString();
}

// What a field stands for. Texts are translated where they are shown.
struct Binding {
    const char *name;
    const char *example;
    const char *help;
    QString (*read)(const DomainConfig &);
    bool (*write)(DomainConfig &, const QString &); // false: this is no value
};

// In the order of DomainField::Value.
const Binding kBindings[] = {
    {"exclude", "*.dat, drafts/*", QT_TRANSLATE_NOOP("krater::DomainField", "Globs of files that are not read, divided by commas"),
     [](const DomainConfig &d) { return joined(d.exclude, QStringLiteral(", ")); },
     [](DomainConfig &d, const QString &text) { return d.exclude = split(text, QLatin1Char(',')), true; }},
    {"textField", "text", QT_TRANSLATE_NOOP("krater::DomainField", "JSON Lines: where the text stands, as a dotted path"),
     [](const DomainConfig &d) { return QString::fromStdString(d.textField); },
     [](DomainConfig &d, const QString &text) { return d.textField = text.toStdString(), !text.isEmpty(); }},
    {"split", "(?m)^%$",
     QT_TRANSLATE_NOOP("krater::DomainField", "Regular expression that divides a file into documents; what its group 1 matches begins the next one"),
     [](const DomainConfig &d) { return QString::fromStdString(d.split); },
     [](DomainConfig &d, const QString &text) { return d.split = text.toStdString(), true; }},
    {"whereText", "licen[cs]e", QT_TRANSLATE_NOOP("krater::DomainField", "Regular expression that is found in the text"),
     [](const DomainConfig &d) { return QString::fromStdString(d.where.text); },
     [](DomainConfig &d, const QString &text) { return d.where.text = text.toStdString(), true; }},
    {"wherePath", "*/en/*", QT_TRANSLATE_NOOP("krater::DomainField", "Glob over the document's file"),
     [](const DomainConfig &d) { return QString::fromStdString(d.where.path); },
     [](DomainConfig &d, const QString &text) { return d.where.path = text.toStdString(), true; }},
    {"whereField", "score >= 0.5", QT_TRANSLATE_NOOP("krater::DomainField", "JSON Lines: a comparison of one field"),
     [](const DomainConfig &d) { return QString::fromStdString(d.where.field); },
     [](DomainConfig &d, const QString &text) { return d.where.field = text.toStdString(), true; }},
    {"minLength", QT_TRANSLATE_NOOP("krater::DomainField", "bytes"),
     QT_TRANSLATE_NOOP("krater::DomainField", "Documents of fewer bytes are left out"),
     [](const DomainConfig &d) { return d.where.minLength > 0 ? QString::number(d.where.minLength) : QString(); },
     [](DomainConfig &d, const QString &text) {
         std::optional<std::uint64_t> limit;
         const bool ok = readLimit(limit, text);
         d.where.minLength = limit.value_or(0);
         return ok;
     }},
    {"maxLength", QT_TRANSLATE_NOOP("krater::DomainField", "bytes"),
     QT_TRANSLATE_NOOP("krater::DomainField", "Documents of more bytes are left out"),
     [](const DomainConfig &d) { return limitText(d.where.maxLength); },
     [](DomainConfig &d, const QString &text) { return readLimit(d.where.maxLength, text); }},
    {"maxDocuments", QT_TRANSLATE_NOOP("krater::DomainField", "documents"),
     QT_TRANSLATE_NOOP("krater::DomainField", "How many documents are kept at most"),
     [](const DomainConfig &d) { return limitText(d.maxDocuments); },
     [](DomainConfig &d, const QString &text) { return readLimit(d.maxDocuments, text); }},
    {"maxBytes", QT_TRANSLATE_NOOP("krater::DomainField", "bytes"),
     QT_TRANSLATE_NOOP("krater::DomainField", "How many bytes of text are kept at most"),
     [](const DomainConfig &d) { return limitText(d.maxBytes); },
     [](DomainConfig &d, const QString &text) { return readLimit(d.maxBytes, text); }},
};

const Binding &bindingOf(DomainField::Value value)
{
    return kBindings[std::size_t(value)];
}

} // namespace

QString joined(const std::vector<std::string> &parts, const QString &separator)
{
    QStringList texts;
    for (const std::string &part : parts)
        texts << QString::fromStdString(part);
    return texts.join(separator);
}

std::vector<std::string> split(const QString &text, QChar separator)
{
    std::vector<std::string> parts;
    for (const QString &part : text.split(separator, Qt::SkipEmptyParts))
        if (const QString trimmed = part.trimmed(); !trimmed.isEmpty())
            parts.push_back(trimmed.toStdString());
    return parts;
}

DomainField::DomainField(Value value, QWidget *parent) : QLineEdit(parent), m_value(value)
{
    const Binding &binding = bindingOf(value);
    setObjectName(QLatin1String(binding.name));
    setAccessibleName(tr(binding.help));
    setToolTip(tr(binding.help));
    setPlaceholderText(tr(binding.example));
    connect(this, &QLineEdit::editingFinished, this, &DomainField::finish);
}

QString DomainField::shownText() const
{
    return bindingOf(m_value).read(m_domain);
}

void DomainField::setDomain(const DomainConfig &domain)
{
    m_domain = domain;
    setText(shownText());
    setCursorPosition(0); // a long text is read from its start
}

void DomainField::finish()
{
    if (text() == shownText())
        return;
    DomainConfig changed = m_domain;
    if (bindingOf(m_value).write(changed, text().trimmed()))
        emit domainEdited(changed);
    else
        setText(shownText());
}

} // namespace krater
