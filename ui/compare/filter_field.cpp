// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/filter_field.h"

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QCoreApplication>
#include <QInputMethodEvent>
#include <QLabel>
#include <QLineEdit>
#include <QTextCharFormat>
#include <QToolButton>
#include <QVBoxLayout>

namespace krater {
namespace {

constexpr int kMaxLength = 2000;

} // namespace

FilterField::FilterField(QWidget *parent) : QWidget(parent), m_edit(new QLineEdit), m_problem(new QLabel)
{
    m_edit->setPlaceholderText(tr("Filter: words, or loss.code < 2.1 and policy = \"gibbs\""));
    m_edit->setAccessibleName(tr("Filter of the runs"));
    m_edit->setClearButtonEnabled(true);
    m_edit->setMaxLength(kMaxLength);
    m_edit->addAction(icon(QStringLiteral("search"), Tone::Muted), QLineEdit::LeadingPosition);
    for (auto *button : m_edit->findChildren<QToolButton *>()) // Qt leaves the field's own buttons without a name
        button->setAccessibleName(
            button->defaultAction() && button->defaultAction()->isVisible() ? tr("Filter") : tr("Clear the filter"));
    m_edit->setToolTip(tr("Words are looked for in name, policy, state, tags and notes.\n"
                          "Fields: %1\nOperators: = != < <= > >= ~ (contains), and, or, not, ( )")
                           .arg(RunFilter::fields().join(QStringLiteral(", "))));
    m_problem->setFont(textFont(TextRole::Small, this));
    m_problem->setWordWrap(true);
    m_problem->hide();
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    column->addWidget(m_edit);
    column->addWidget(m_problem);
    setFocusProxy(m_edit);
    connect(m_edit, &QLineEdit::textChanged, this, &FilterField::parse);
}

QString FilterField::problem() const
{
    return m_filter.problem() ? m_filter.problem()->message : QString();
}

void FilterField::setDomains(const QStringList &domains)
{
    if (domains == m_domains)
        return;
    m_domains = domains;
    if (!m_edit->text().isEmpty())
        parse();
}

void FilterField::clear()
{
    m_edit->clear();
}

void FilterField::parse()
{
    m_filter = RunFilter::parse(m_edit->text(), m_domains);
    const auto &problem = m_filter.problem();
    m_problem->setVisible(problem.has_value());
    if (problem)
        m_problem->setText(QStringLiteral("<span style='color:%1'>%2</span>")
                               .arg(Theme::of(this).bad.name(), problem->message.toHtmlEscaped()));
    mark();
    m_edit->setAccessibleDescription(problem ? problem->message : QString());
    emit filterChanged(m_filter);
}

// A wavy line under the place, by the means that input methods have for it.
void FilterField::mark()
{
    QList<QInputMethodEvent::Attribute> attributes;
    if (const auto &problem = m_filter.problem()) {
        QTextCharFormat format;
        format.setUnderlineStyle(QTextCharFormat::WaveUnderline);
        format.setUnderlineColor(Theme::of(this).bad);
        attributes << QInputMethodEvent::Attribute(
            QInputMethodEvent::TextFormat, problem->position - m_edit->cursorPosition(), problem->length, format);
    }
    QInputMethodEvent event(QString(), attributes);
    QCoreApplication::sendEvent(m_edit, &event);
}

} // namespace krater
