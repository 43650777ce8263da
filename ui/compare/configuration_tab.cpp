// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/configuration_tab.h"

#include "ui/compare/cell_table.h"
#include "ui/compare/run_selection.h"
#include "ui/widgets/card.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/value_table.h"

#include <QStackedWidget>
#include <QVBoxLayout>

namespace krater {
namespace {

// TOML's text of a value as people write it: strings without quotes, numbers without the digits that only a computer needs.
QString plainValue(const std::string &toml)
{
    QString text = QString::fromStdString(toml);
    const bool isQuoted = text.size() >= 2 && (text.startsWith(QLatin1Char('\'')) || text.startsWith(QLatin1Char('"')))
        && text.front() == text.back();
    if (isQuoted)
        return text.mid(1, text.size() - 2);
    bool isFraction = false;
    const double number = text.toDouble(&isFraction);
    return isFraction && text.contains(QLatin1Char('.')) ? QString::number(number, 'g', 6) : text;
}

} // namespace

ConfigurationTab::ConfigurationTab(RunSelection &selection, QWidget *parent)
    : ComparisonTab(selection, parent)
    , m_header(new SectionHeader(tr("Configuration"),
                                 tr("only the keys that differ; what is not listed is the same in all")))
    , m_issues(new MessageBar)
    , m_stack(new QStackedWidget)
    , m_empty(new EmptyState(QStringLiteral("table"), QString()))
    , m_cells(new CellTable(this))
    , m_table(new ValueTable(tr("Keys of the experiments that differ")))
{
    m_table->setModel(m_cells);
    connect(m_cells, &QAbstractItemModel::modelReset, m_table, [this] { fitColumns(m_table); });
    m_stack->addWidget(m_table);
    m_stack->addWidget(m_empty);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(look::kGrid);
    column->addWidget(m_header);
    auto *notice = new QVBoxLayout;
    notice->setContentsMargins(look::kGap, 0, look::kGap, 0);
    notice->addWidget(m_issues);
    column->addLayout(notice);
    column->addWidget(m_stack, 1);
}

QString ConfigurationTab::title() const
{
    return tr("Configuration");
}

void ConfigurationTab::showNumbers()
{
    const auto &comparison = selection().comparison();
    const bool hasTwo = comparison && comparison->runs.size() > 1;
    const bool differs = hasTwo && !comparison->configuration.empty();
    m_header->setVisible(differs);
    m_stack->setCurrentIndex(differs ? 0 : 1);
    m_empty->setSentence(hasTwo ? tr("These runs have the same configuration.")
                                : tr("A second run is needed to compare with."));
    m_empty->setDetail(hasTwo ? QString() : tr("Select two or more runs above."));
    showIssues();
    if (!differs)
        return;
    std::vector<TableCell> headers{textCell(tr("key"))};
    for (const ShownRun &run : selection().runs())
        headers.push_back(textCell(run.name()));
    std::vector<CellTable::Row> rows;
    for (const ConfigurationDifference &difference : comparison->configuration) {
        CellTable::Row row{textCell(QString::fromStdString(difference.key), Tone::Muted)};
        for (const std::string &value : difference.values) {
            const QString text = plainValue(value);
            row.push_back(value.empty() ? textCell(tr("not set"), Tone::Faint) : textCell(text));
            row.back().toolTip = QString::fromStdString(value);
        }
        rows.push_back(std::move(row));
    }
    m_cells->setContents(std::move(headers), std::move(rows));
}

void ConfigurationTab::showIssues()
{
    const auto &comparison = selection().comparison();
    if (!comparison || comparison->issues.empty()) {
        m_issues->dismiss();
        return;
    }
    QStringList lines;
    for (const Issue &issue : comparison->issues) {
        QString message = QString::fromStdString(issue.message);
        message[0] = message.front().toUpper();
        lines << message + QLatin1Char('.');
    }
    m_issues->show(MessageBar::Kind::Warning, lines.join(QLatin1Char('\n')));
}

} // namespace krater
