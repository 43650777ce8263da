// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/domains/domain_form.h"

#include "core/corpus/corpus_reader.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/colour_swatch.h"

#include <QColorDialog>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QEvent>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPlainTextEdit>
#include <QSignalBlocker>

#include <cmath>

namespace krater {

namespace {

// Two controls in one row with a word between them.
QHBoxLayout *pairOf(QWidget *first, const QString &word, QWidget *second)
{
    auto *row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(first, 1);
    auto *label = new QLabel(word);
    label->setForegroundRole(QPalette::PlaceholderText);
    row->addWidget(label);
    row->addWidget(second, 1);
    return row;
}

} // namespace

DomainForm::DomainForm(QWidget *parent) : Card(tr("Domain"), {}, parent), m_form(new QFormLayout)
{
    m_colourButton = new IconButton(QStringLiteral("domains"), tr("Choose the domain's colour"));
    m_colourButton->setObjectName(QStringLiteral("colour"));
    addToHeader(m_colourButton);
    connect(m_colourButton, &IconButton::clicked, this, &DomainForm::chooseColour);
    m_form->setVerticalSpacing(6);
    m_form->setHorizontalSpacing(look::kGap);
    m_form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    m_form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    createSources();
    createFormat();
    createHeldOut();
    createReadingFields();
    createPredicateFields();
    createMoreButton();
    createLimitFields();
    body()->addLayout(m_form);
}

void DomainForm::createSources()
{
    m_sources = new QPlainTextEdit;
    m_sources->setObjectName(QStringLiteral("sources"));
    m_sources->setAccessibleName(tr("Sources"));
    m_sources->setToolTip(tr("Files, folders and globs, one a line; ** crosses folders. Relative ones start where the "
                             "experiment file stands."));
    m_sources->setPlaceholderText(tr("texts/**/*.txt"));
    m_sources->setTabChangesFocus(true);
    m_sources->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_sources->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_sources->setFixedHeight(2 * look::kControlHeight + 2);
    m_sources->installEventFilter(this);
    auto *files = new IconButton(QStringLiteral("file"), tr("Add files…"));
    auto *folder = new IconButton(QStringLiteral("folder"), tr("Add a folder…"));
    connect(files, &IconButton::clicked, this, &DomainForm::addFilesRequested);
    connect(folder, &IconButton::clicked, this, &DomainForm::addFolderRequested);
    auto *row = new QHBoxLayout;
    row->setSpacing(4);
    row->addWidget(m_sources, 1);
    auto *buttons = new QVBoxLayout;
    buttons->setSpacing(2);
    buttons->addWidget(files);
    buttons->addWidget(folder);
    buttons->addStretch();
    row->addLayout(buttons);
    m_form->addRow(tr("Sources"), row);
}

void DomainForm::createFormat()
{
    m_format = new QComboBox;
    m_format->setObjectName(QStringLiteral("format"));
    m_format->setAccessibleName(tr("Format"));
    m_format->addItem(tr("auto"), QStringLiteral("auto"));
    for (const ReaderInfo &reader : readers()) {
        m_format->addItem(QString::fromStdString(reader.name), QString::fromStdString(reader.name));
        m_format->setItemData(m_format->count() - 1, QString::fromStdString(reader.summary), Qt::ToolTipRole);
    }
    connect(m_format, &QComboBox::activated, this, [this] {
        DomainConfig changed = m_domain;
        changed.format = m_format->currentData().toString().toStdString();
        report(changed, tr("change the format of %1"));
    });
}

void DomainForm::createReadingFields()
{
    m_form->addRow(tr("Leave out"), makeField(DomainField::Value::Exclude));
    m_form->addRow(tr("Format"), pairOf(m_format, tr("held-out"), m_heldOut));
    m_textField = makeField(DomainField::Value::TextField);
    m_form->addRow(tr("Text field"), m_textField);
    m_form->addRow(tr("Split at"), makeField(DomainField::Value::Split));
}

void DomainForm::createPredicateFields()
{
    m_form->addRow(tr("Where text"), makeField(DomainField::Value::WhereText));
    m_wherePath = makeField(DomainField::Value::WherePath);
    m_whereField = makeField(DomainField::Value::WhereField);
}

// Below it stand the rows that few domains need.
void DomainForm::createMoreButton()
{
    m_more = new Button(tr("More predicates"), QStringLiteral("next"), ButtonKind::Quiet);
    m_more->setObjectName(QStringLiteral("morePredicates"));
    m_more->setCheckable(true);
    m_more->setToolTip(tr("Path, JSON field, length and caps"));
    auto *left = new QHBoxLayout;
    left->addWidget(m_more);
    left->addStretch();
    m_form->addRow(left);
    m_form->addRow(tr("Where path"), m_wherePath);
    m_form->addRow(tr("Where field"), m_whereField);
    connect(m_more, &Button::clicked, this, [this](bool open) {
        m_moreWanted = open;
        setMoreOpen(open);
    });
}

bool DomainForm::usesMore(const DomainConfig &domain)
{
    return !domain.where.path.empty() || !domain.where.field.empty() || domain.where.minLength > 0
        || domain.where.maxLength || domain.maxDocuments || domain.maxBytes;
}

void DomainForm::setMoreOpen(bool open)
{
    m_more->setChecked(open);
    m_more->setIcon(icon(open ? QStringLiteral("down") : QStringLiteral("next")));
    showRows();
}

// Rows for what the format and the section let a domain have.
void DomainForm::showRows()
{
    const bool json = m_domain.format == "jsonl" || m_domain.format == "auto";
    const bool more = m_more->isChecked();
    m_form->setRowVisible(m_textField, json);
    m_form->setRowVisible(m_wherePath, more);
    m_form->setRowVisible(m_whereField, more && json);
    for (QLayout *row : m_moreRows)
        m_form->setRowVisible(row, more);
    emit heightChanged();
}

void DomainForm::createLimitFields()
{
    using Value = DomainField::Value;
    m_moreRows = {pairOf(makeField(Value::MinLength), tr("to"), makeField(Value::MaxLength)),
                  pairOf(makeField(Value::MaxDocuments), tr("and"), makeField(Value::MaxBytes))};
    m_form->addRow(tr("Length from"), m_moreRows[0]);
    m_form->addRow(tr("Keep at most"), m_moreRows[1]);
}

void DomainForm::createHeldOut()
{
    m_heldOut = new QDoubleSpinBox;
    m_heldOut->setObjectName(QStringLiteral("heldOut"));
    m_heldOut->setAccessibleName(tr("Held-out"));
    m_heldOut->setToolTip(tr("Share of the documents that is never trained on; every evaluation measures them"));
    m_heldOut->setRange(0, 50);
    m_heldOut->setDecimals(1);
    m_heldOut->setSuffix(QStringLiteral(" %"));
    m_heldOut->setKeyboardTracking(false);
    connect(m_heldOut, &QDoubleSpinBox::valueChanged, this, [this](double percent) {
        DomainConfig changed = m_domain;
        changed.heldOut = percent / 100;
        report(changed, tr("change the held-out share of %1"));
    });
}

DomainField *DomainForm::makeField(DomainField::Value value)
{
    auto *field = new DomainField(value);
    m_fields.push_back(field);
    connect(field, &DomainField::domainEdited, this,
            [this](const DomainConfig &changed) { report(changed, tr("edit %1")); });
    return field;
}

void DomainForm::finishSources()
{
    DomainConfig changed = m_domain;
    changed.sources = split(m_sources->toPlainText(), QLatin1Char('\n'));
    report(changed, tr("edit the sources of %1"));
}

bool DomainForm::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_sources && event->type() == QEvent::FocusOut)
        finishSources();
    return Card::eventFilter(watched, event);
}

void DomainForm::report(const DomainConfig &changed, const QString &what)
{
    if (!(changed == m_domain))
        emit domainEdited(changed, what.arg(QString::fromStdString(m_domain.name)));
}

void DomainForm::chooseColour()
{
    const QColor chosen =
        QColorDialog::getColor(m_colour, this, tr("Colour of %1").arg(QString::fromStdString(m_domain.name)));
    if (!chosen.isValid())
        return;
    DomainConfig changed = m_domain;
    changed.colour = chosen.name(QColor::HexRgb).toUpper().toStdString();
    report(changed, tr("change the colour of %1"));
}

void DomainForm::showColour(const QColor &colour)
{
    m_colour = colour;
    QPixmap pixmap(QSize(look::kIconSize, look::kIconSize) * devicePixelRatioF());
    pixmap.setDevicePixelRatio(devicePixelRatioF());
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paintSwatch(&painter, QRectF(2, 2, look::kIconSize - 4, look::kIconSize - 4), colour);
    painter.end();
    m_colourButton->setIcon(pixmap);
}

void DomainForm::setDomain(const DomainConfig &domain, const QColor &colour)
{
    const bool isOther = domain.name != m_domain.name;
    const bool beganUse = usesMore(domain) && !usesMore(m_domain);
    m_domain = domain;
    setHeading(QString::fromStdString(domain.name));
    showColour(colour);
    const QString sources = joined(domain.sources, QStringLiteral("\n"));
    if (m_sources->toPlainText() != sources)
        m_sources->setPlainText(sources);
    m_format->setCurrentIndex(m_format->findData(QString::fromStdString(domain.format)));
    for (DomainField *field : m_fields)
        field->setDomain(domain);
    const QSignalBlocker blocker(m_heldOut);
    m_heldOut->setValue(domain.heldOut * 100);
    if (isOther || beganUse)
        setMoreOpen(m_moreWanted || usesMore(domain));
    else
        showRows();
}

void DomainForm::setSummary(const QString &text)
{
    setHint(text);
}

} // namespace krater
