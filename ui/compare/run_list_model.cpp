// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/run_list_model.h"

#include "ui/compare/cell_table.h"
#include "ui/compare/run_selection.h"
#include "ui/theme/domain_colours.h"
#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/widgets/item_roles.h"

#include <cmath>

namespace krater {
namespace {

using Kind = RunTableModel::Kind;

constexpr int kLossDecimals = 3; // nats per token

bool isNumber(Kind kind)
{
    switch (kind) {
    case Kind::Score:
    case Kind::Difference:
    case Kind::Loss:
    case Kind::Distance:
    case Kind::Tokens:
    case Kind::Duration:
    case Kind::Seed:
    case Kind::Run:
    case Kind::Started:
        return true;
    default:
        return false;
    }
}

bool isFailure(RunState state)
{
    return state == RunState::Failed || state == RunState::Diverged;
}

} // namespace

QString scoreMixtureName(const ScoreMixture &mixture)
{
    switch (mixture.kind) {
    case ScoreMixture::Kind::Uniform:
        return RunListModel::tr("uniform");
    case ScoreMixture::Kind::Natural:
        return RunListModel::tr("natural");
    case ScoreMixture::Kind::Typed:
        break;
    }
    return RunListModel::tr("weighted");
}

QString mixtureText(const RunRow &row, const std::vector<double> &shares, const QString &separator)
{
    QStringList parts;
    for (std::size_t domain = 0; domain < shares.size() && domain < row.record.domains.size(); ++domain)
        if (std::isfinite(shares[domain]))
            parts << QStringLiteral("%1 %2").arg(QString::fromStdString(row.record.domains[domain]),
                                                 number::percent(shares[domain]));
    return parts.join(separator);
}

RunListModel::RunListModel(RunTableModel &model, QObject *parent) : QSortFilterProxyModel(parent), m_model(model)
{
    setSourceModel(&model);
    setDynamicSortFilter(true);
    connect(&model, &RunTableModel::scoringChanged, this,
            [this] { emit headerDataChanged(Qt::Horizontal, 0, columnCount() - 1); });
}

void RunListModel::setFilter(const RunFilter &filter)
{
    m_filter = filter;
    invalidateFilter();
}

void RunListModel::showColoursOf(const RunSelection *selection)
{
    m_selection = selection;
    connect(selection, &RunSelection::runsChanged, this, [this] {
        if (rowCount() > 0)
            emit dataChanged(index(0, 0), index(rowCount() - 1, 0), {ColourRole, BadgeRole});
    });
}

RunId RunListModel::runAt(const QModelIndex &index) const
{
    return index.isValid() ? m_model.row(mapToSource(index).row()).record.id : 0;
}

QModelIndex RunListModel::indexOf(RunId run) const
{
    const int row = m_model.rowOf(run);
    return row < 0 ? QModelIndex() : mapFromSource(m_model.index(row, 0));
}

Kind RunListModel::kindOf(int column) const
{
    return m_model.columns()[std::size_t(column)].kind;
}

bool RunListModel::filterAcceptsRow(int sourceRow, const QModelIndex &) const
{
    return m_filter.accepts(m_model.row(sourceRow));
}

// Runs without a value stand last whichever way the column is sorted; equal ones by number.
bool RunListModel::lessThan(const QModelIndex &left, const QModelIndex &right) const
{
    const int column = left.column();
    const bool leftMissing = m_model.isMissing(left.row(), column);
    const bool rightMissing = m_model.isMissing(right.row(), column);
    const bool ascending = sortOrder() == Qt::AscendingOrder;
    if (leftMissing != rightMissing)
        return leftMissing ? !ascending : ascending;
    if (!leftMissing && m_model.isLess(left.row(), right.row(), column))
        return true;
    if (!leftMissing && m_model.isLess(right.row(), left.row(), column))
        return false;
    return m_model.row(left.row()).record.id < m_model.row(right.row()).record.id;
}

QVariant RunListModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const QModelIndex source = mapToSource(index);
    const RunRow &row = m_model.row(source.row());
    const RunTableModel::Column &column = m_model.columns()[std::size_t(index.column())];
    switch (role) {
    case Qt::DisplayRole:
        return text(row, column, m_model.data(source));
    case Qt::TextAlignmentRole:
        return int(Qt::AlignVCenter | (isNumber(column.kind) ? Qt::AlignRight : Qt::AlignLeft));
    case Qt::ToolTipRole:
        return toolTip(row, column.kind);
    case ToneRole:
        return tone(row, column.kind);
    default:
        break;
    }
    if (column.kind == Kind::Name && (role == ColourRole || role == BadgeRole))
        return nameData(row, role);
    if (column.kind == Kind::Mixture)
        return mixtureData(row, role);
    return QSortFilterProxyModel::data(index, role);
}

QString RunListModel::text(const RunRow &row, const RunTableModel::Column &column, const QVariant &value) const
{
    const double figure = value.toDouble();
    switch (column.kind) {
    case Kind::Mixture:
        return {}; // a bar
    case Kind::Score:
    case Kind::Loss:
        return value.isValid() ? number::decimal(figure, kLossDecimals) : QString();
    case Kind::Difference:
        return value.isValid() ? number::change(figure, kLossDecimals) : QString();
    case Kind::Distance:
        return value.isValid() ? number::decimal(figure, 2) : QString();
    case Kind::Tokens:
        return number::tokens(figure);
    case Kind::Duration:
        return number::duration(figure);
    case Kind::Seed:
        return number::count(row.record.seed);
    case Kind::Run:
        return number::count(std::uint64_t(row.record.id));
    case Kind::Started:
        return number::relativeTime(row.record.createdMs);
    case Kind::State:
        return isActive(row.record.state) && row.record.tokenBudget > 0 ? tr("%1 %2").arg(
                   value.toString(), number::percent(double(row.record.tokens) / double(row.record.tokenBudget), 0))
                                                                        : value.toString();
    default:
        return value.toString();
    }
}

QString RunListModel::toolTip(const RunRow &row, Kind kind) const
{
    switch (kind) {
    case Kind::Name:
        return QString::fromStdString(row.record.notes.empty() ? row.record.name
                                                               : row.record.name + "\n\n" + row.record.notes);
    case Kind::Mixture:
        return mixtureText(row, row.meanShares, QStringLiteral("\n"));
    case Kind::State:
        return QString::fromStdString(row.record.message);
    default:
        return {};
    }
}

QVariant RunListModel::tone(const RunRow &row, Kind kind) const
{
    switch (kind) {
    case Kind::Difference:
        return int(differenceTone(row.scoreDifference));
    case Kind::State:
        return int(isFailure(row.record.state) ? Tone::Bad : isActive(row.record.state) ? Tone::Accent : Tone::Muted);
    case Kind::Started:
    case Kind::Policy:
    case Kind::Device:
    case Kind::Tags:
    case Kind::Run:
    case Kind::Seed:
    case Kind::Duration:
        return int(Tone::Muted);
    default:
        return {};
    }
}

QVariant RunListModel::nameData(const RunRow &row, int role) const
{
    const ShownRun *shown = m_selection ? m_selection->find(row.record.id) : nullptr;
    if (role == BadgeRole)
        return m_model.baseline() == row.record.id ? tr("baseline") : QString();
    return shown ? shown->colour(Theme::current()) : Theme::current().line;
}

QVariant RunListModel::mixtureData(const RunRow &row, int role) const
{
    QVariantList list;
    if (role == MixtureRole) {
        for (const double share : row.meanShares)
            list << share;
        return list;
    }
    if (role == MixtureColoursRole) {
        for (const QColor &colour : domainColours(row.record.colours, row.record.domains.size()))
            list << colour;
        return list;
    }
    if (role == Qt::AccessibleTextRole)
        return mixtureText(row, row.meanShares, QStringLiteral(", "));
    return {};
}

QVariant RunListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    const RunTableModel::Column &column = m_model.columns()[std::size_t(section)];
    switch (role) {
    case Qt::DisplayRole:
        return headerText(column, QSortFilterProxyModel::headerData(section, orientation, role).toString());
    case Qt::ToolTipRole:
        return headerToolTip(column);
    case Qt::TextAlignmentRole:
        return int(Qt::AlignVCenter | (isNumber(column.kind) ? Qt::AlignRight : Qt::AlignLeft));
    default:
        return {};
    }
}

QString RunListModel::headerText(const RunTableModel::Column &column, const QString &title) const
{
    return column.kind == Kind::Score ? scoreMixtureName(m_model.scoreMixture()) : title;
}

QString RunListModel::headerToolTip(const RunTableModel::Column &column) const
{
    switch (column.kind) {
    case Kind::Mixture:
        return tr("Mean of the sampling weights over the run. Sorts by the distance to the baseline's.");
    case Kind::Score:
        return tr("Last held-out loss on the %1 mixture, the same for every run, in nats per token. Lower is better.")
            .arg(scoreMixtureName(m_model.scoreMixture()));
    case Kind::Difference:
        return tr("Score less that of the pinned baseline, in nats per token. Below 0 is better.");
    case Kind::Loss:
        return tr("Last held-out loss of %1, in nats per token.").arg(column.domain);
    case Kind::Distance:
        return tr("Sum of the absolute differences between the mean mixture and the baseline's, from 0 to 2.");
    default:
        return {};
    }
}

} // namespace krater
