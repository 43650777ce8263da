// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/differences_tab.h"

#include "ui/compare/cell_table.h"
#include "ui/compare/difference_chart.h"
#include "ui/compare/run_legend.h"
#include "ui/compare/run_list_model.h"
#include "ui/compare/run_selection.h"
#include "ui/theme/number_format.h"
#include "ui/widgets/card.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/value_table.h"

#include <QHeaderView>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <utility>

namespace krater {
namespace {

constexpr int kDecimals = 3;
constexpr int kMaxColumnWidth = 132; // of runs with long names

// The baseline's loss, then loss and difference of each other run.
CellTable::Row lossRow(TableCell name, const std::vector<double> &losses, const std::vector<double> &differences)
{
    CellTable::Row row{std::move(name), numberCell(number::decimal(losses[0], kDecimals))};
    for (std::size_t run = 1; run < losses.size(); ++run) {
        row.push_back(numberCell(number::decimal(losses[run], kDecimals)));
        row.push_back(numberCell(number::change(differences[run], kDecimals), differenceTone(differences[run])));
    }
    return row;
}

} // namespace

DifferencesTab::DifferencesTab(RunSelection &selection, QWidget *parent)
    : ComparisonTab(selection, parent)
    , m_header(new SectionHeader(tr("Held-out loss less the baseline's")))
    , m_legend(new RunLegend(selection))
    , m_figure(new QWidget)
    , m_stack(new QStackedWidget)
    , m_empty(new EmptyState(QStringLiteral("compare"), tr("A second run is needed to compare with.")))
    , m_chart(new DifferenceChart)
    , m_cells(new CellTable(this))
    , m_table(new ValueTable(tr("Held-out loss by domain and run")))
{
    m_table->setModel(m_cells);
    m_table->setItemDelegateForColumn(0, new ColourDelegate(m_table));
    connect(m_cells, &QAbstractItemModel::modelReset, m_table, [this] { fitColumns(m_table, kMaxColumnWidth); });
    auto *figure = new QVBoxLayout(m_figure);
    figure->setContentsMargins(0, 0, 0, look::kGap);
    figure->setSpacing(look::kGrid);
    figure->addWidget(m_header);
    auto *inside = new QVBoxLayout;
    inside->setContentsMargins(look::kGap, 0, look::kGap, 0);
    inside->setSpacing(look::kGap);
    inside->addWidget(m_legend);
    inside->addWidget(m_chart, 1);
    figure->addLayout(inside, 1);
    auto *scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setWidget(m_figure);
    scroll->viewport()->setAutoFillBackground(false);
    m_figure->setAutoFillBackground(false);
    auto *splitter = new QSplitter;
    splitter->addWidget(scroll);
    splitter->addWidget(m_table);
    splitter->setSizes({1100, 1000});
    splitter->setChildrenCollapsible(false);
    m_stack->addWidget(splitter);
    m_stack->addWidget(m_empty);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_stack, 1);
}

QString DifferencesTab::title() const
{
    return tr("Per domain vs baseline");
}

QWidget *DifferencesTab::chart()
{
    return m_stack->currentIndex() == 0 ? m_figure : nullptr;
}

void DifferencesTab::showNumbers()
{
    const auto &comparison = selection().comparison();
    const bool hasTwo = comparison && comparison->runs.size() > 1;
    m_stack->setCurrentIndex(hasTwo ? 0 : 1);
    if (!hasTwo) {
        const QString problem = selection().comparisonProblem();
        m_empty->setDetail(!problem.isEmpty()
                               ? problem
                               : tr("Select two or more runs above, or pin a baseline and select another run."));
        return;
    }
    m_header->setHeading(tr("Held-out loss minus %1").arg(selection().baseline()->name()));
    m_header->setHint(selection().isPinned()
                          ? tr("nats per token at the last evaluation; below 0 is better")
                          : tr("the run that was started first; pin another one as baseline (B). Below 0 is better"));
    showChart();
    showTable();
}

void DifferencesTab::showChart()
{
    const Comparison &comparison = *selection().comparison();
    const Theme &theme = Theme::of(this);
    DifferenceBars bars;
    for (std::size_t run = 1; run < selection().runs().size(); ++run)
        bars.runs.push_back({selection().runs()[run].name(), selection().runs()[run].colour(theme)});
    const std::vector<QColor> colours = selection().comparedColours();
    for (std::size_t domain = 0; domain < comparison.domains.size(); ++domain) {
        const DomainComparison &entry = comparison.domains[domain];
        bars.groups.push_back({QString::fromStdString(entry.name),
                               colours[domain],
                               {entry.lossDifference.begin() + 1, entry.lossDifference.end()}});
    }
    m_chart->setBars(std::move(bars));
}

void DifferencesTab::showTable()
{
    const Comparison &comparison = *selection().comparison();
    const Theme &theme = Theme::of(this);
    std::vector<TableCell> headers{textCell(tr("domain"))};
    headers.push_back(numberCell(selection().baseline()->name()));
    for (std::size_t run = 1; run < selection().runs().size(); ++run) {
        headers.push_back(numberCell(selection().runs()[run].name()));
        headers.push_back(numberCell(tr("Δ")));
    }
    const std::vector<QColor> colours = selection().comparedColours();
    std::vector<CellTable::Row> rows;
    for (std::size_t domain = 0; domain < comparison.domains.size(); ++domain) {
        const DomainComparison &entry = comparison.domains[domain];
        rows.push_back(lossRow(swatchCell(QString::fromStdString(entry.name), colours[domain]), entry.finalLoss,
                               entry.lossDifference));
    }
    std::vector<double> scores, differences;
    for (const RunScore &score : comparison.scores) {
        scores.push_back(score.score);
        differences.push_back(score.scoreDifference);
    }
    rows.push_back(
        lossRow(swatchCell(tr("%1 mixture").arg(scoreMixtureName(comparison.on)), theme.line), scores, differences));
    m_cells->setContents(std::move(headers), std::move(rows));
}

} // namespace krater
