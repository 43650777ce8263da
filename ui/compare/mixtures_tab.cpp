// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/mixtures_tab.h"

#include "core/mixture/mixture.h"
#include "ui/compare/cell_table.h"
#include "ui/compare/run_selection.h"
#include "ui/theme/number_format.h"
#include "ui/widgets/card.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/value_table.h"

#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace krater {
namespace {

constexpr int kBarColumn = 2;

std::vector<TableCell> headersFor(const Comparison &comparison)
{
    std::vector<TableCell> headers{textCell(MixturesTab::tr("run")), textCell(MixturesTab::tr("mixture")),
                                   textCell(QString())};
    for (const DomainComparison &domain : comparison.domains)
        headers.push_back(numberCell(QString::fromStdString(domain.name)));
    headers.push_back(numberCell(MixturesTab::tr("effective domains")));
    headers.back().toolTip =
        MixturesTab::tr("exp(entropy): how many domains an even mixture of the same entropy would have.");
    headers.push_back(numberCell(MixturesTab::tr("to baseline")));
    headers.back().toolTip = MixturesTab::tr("Sum of the absolute differences to the baseline's, from 0 to 2.");
    return headers;
}

double distance(const std::vector<double> &a, const std::vector<double> &b)
{
    double sum = 0;
    for (std::size_t domain = 0; domain < a.size(); ++domain)
        sum += std::abs((std::isfinite(a[domain]) ? a[domain] : 0) - (std::isfinite(b[domain]) ? b[domain] : 0));
    return sum;
}

bool isKnown(const std::vector<double> &shares)
{
    return std::any_of(shares.begin(), shares.end(), [](double share) { return std::isfinite(share); });
}

QString effectiveDomains(std::vector<double> shares)
{
    for (double &share : shares)
        share = std::isfinite(share) && share > 0 ? share : 0;
    return number::decimal(Mixture::fromWeights(shares).effectiveDomains(), 2);
}

// [K] of one run, NaN where the run has no such domain.
std::vector<double> sharesOf(const Comparison &comparison, std::vector<double> DomainComparison::*which,
                             std::size_t run)
{
    std::vector<double> shares;
    for (const DomainComparison &domain : comparison.domains)
        shares.push_back((domain.*which)[run]);
    return shares;
}

} // namespace

MixturesTab::MixturesTab(RunSelection &selection, QWidget *parent)
    : ComparisonTab(selection, parent)
    , m_cells(new CellTable(this))
    , m_table(new ValueTable(tr("Mean and final mixture by run")))
{
    m_table->setModel(m_cells);
    m_table->setItemDelegateForColumn(0, new ColourDelegate(m_table));
    m_table->setItemDelegateForColumn(kBarColumn, new MixtureBarDelegate(m_table));
    connect(m_cells, &QAbstractItemModel::modelReset, m_table, [this] { fitColumns(m_table); });
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(look::kGrid);
    column->addWidget(
        new SectionHeader(tr("Mixtures"), tr("target sampling weights: mean over the run, and where it ended")));
    column->addWidget(m_table, 1);
}

QString MixturesTab::title() const
{
    return tr("Mixtures");
}

QWidget *MixturesTab::chart()
{
    return m_table;
}

void MixturesTab::showNumbers()
{
    const auto &comparison = selection().comparison();
    if (!comparison) {
        m_cells->setContents({}, {});
        return;
    }
    const std::vector<QColor> colours = selection().comparedColours();
    std::vector<CellTable::Row> rows;
    for (std::size_t run = 0; run < comparison->runs.size(); ++run)
        for (const bool isMean : {true, false})
            rows.push_back(makeRow(*comparison, run, isMean, colours));
    m_cells->setContents(headersFor(*comparison), std::move(rows));
}

CellTable::Row MixturesTab::makeRow(const Comparison &comparison, std::size_t run, bool isMean,
                                    const std::vector<QColor> &colours) const
{
    const auto which = isMean ? &DomainComparison::meanShare : &DomainComparison::finalShare;
    const std::vector<double> shares = sharesOf(comparison, which, run);
    const ShownRun &shown = selection().runs()[run];
    TableCell name = isMean ? swatchCell(shown.name(), shown.colour(Theme::of(this))) : TableCell();
    TableCell bar;
    bar.shares = shares;
    bar.shareColours = colours;
    CellTable::Row row{std::move(name), textCell(isMean ? tr("mean") : tr("final"), Tone::Muted), std::move(bar)};
    for (const double share : shares)
        row.push_back(numberCell(number::percent(share)));
    const bool known = isKnown(shares);
    row.push_back(numberCell(known ? effectiveDomains(shares) : QString(), Tone::Muted));
    const double toBaseline = distance(shares, sharesOf(comparison, which, 0));
    row.push_back(numberCell(known && run > 0 ? number::decimal(toBaseline, 2) : QString(), Tone::Muted));
    return row;
}

} // namespace krater
