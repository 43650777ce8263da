// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/live_table_model.h"

#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/training/run_curves.h"
#include "ui/widgets/item_roles.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace krater {
namespace {

constexpr std::uint64_t kChangeSteps = 100; // the change spans at least as many, if there are evaluations
// Repeats beyond are worth little: Muennighoff et al. 2023, "Scaling Data-Constrained Language Models".
constexpr double kManyEpochs = 4;

Qt::Alignment alignmentOf(int column)
{
    return (column == LiveTableModel::Domain ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter;
}

} // namespace

LiveTableModel::LiveTableModel(QObject *parent) : QAbstractTableModel(parent) { }

void LiveTableModel::setRun(std::shared_ptr<RunView> run)
{
    beginResetModel();
    m_run = std::move(run);
    m_step.reset();
    m_changeSteps = 0;
    m_rows.clear();
    if (m_run) {
        const QStringList names = domainNames(m_run->record());
        const std::vector<QColor> colours = domainColours(m_run->record());
        for (int k = 0; k < m_run->numDomains(); ++k)
            m_rows.push_back({names[k], colours[std::size_t(k)]});
    }
    endResetModel();
    refresh();
}

void LiveTableModel::setStep(std::optional<std::uint64_t> step)
{
    m_step = step;
    refresh();
}

void LiveTableModel::refresh()
{
    if (!m_run || m_rows.empty())
        return;
    const std::uint64_t step = m_step.value_or(std::numeric_limits<std::uint64_t>::max());
    const std::uint64_t spanned = m_changeSteps;
    m_largestShare = 0;
    for (std::size_t k = 0; k < m_rows.size(); ++k) {
        readRow(m_rows[k], int(k), step);
        m_largestShare = std::max(m_largestShare, m_rows[k].share);
    }
    emit dataChanged(index(0, 0), index(int(m_rows.size()) - 1, NumColumns - 1));
    if (spanned != m_changeSteps)
        emit headerDataChanged(Qt::Horizontal, Change, Change);
}

void LiveTableModel::readRow(Row &row, int domain, std::uint64_t step)
{
    const auto curve = [&](const char *name) -> const Curve & {
        return m_run->curve(QString::fromLatin1(name), domain);
    };
    row.share = valueAt(curve(metric::kTarget), step);
    row.tokens = valueAt(curve(metric::kTokensDrawn), step);
    row.epochs = valueAt(curve(metric::kEpochs), step);
    row.change = std::numeric_limits<double>::quiet_NaN();
    const Curve &heldOut = curve(metric::kHeldOutLoss);
    row.loss = valueAt(heldOut, step);
    row.isHeldOut = std::isfinite(row.loss);
    if (!row.isHeldOut) {
        row.loss = valueAt(curve(metric::kTrainingLoss), step);
        return;
    }
    auto point = std::prev(
        std::upper_bound(heldOut.begin(), heldOut.end(), step,
                         [](std::uint64_t wanted, const CurvePoint &candidate) { return wanted < candidate.step; }));
    const std::uint64_t last = point->step;
    while (point != heldOut.begin() && last - point->step < kChangeSteps)
        --point;
    if (point->step < last) {
        row.change = row.loss - point->value;
        m_changeSteps = last - point->step;
    }
}

int LiveTableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int LiveTableModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : NumColumns;
}

QString LiveTableModel::text(const Row &row, int column) const
{
    switch (column) {
    case Domain:
        return row.name;
    case Share:
        return number::decimal(row.share * 100, 1);
    case Tokens:
        return number::compact(row.tokens);
    case Epochs:
        return number::epochs(row.epochs);
    case Loss:
        return number::decimal(row.loss, 3);
    case Change:
        return number::change(row.change, 3);
    default:
        return {};
    }
}

QVariant LiveTableModel::tone(const Row &row, int column) const
{
    if (column == Epochs && row.epochs > kManyEpochs)
        return int(Tone::Bad);
    if (column == Epochs && row.epochs > 1)
        return int(Tone::Warn);
    if (column == Tokens || (column == Loss && !row.isHeldOut))
        return int(Tone::Muted);
    if (column == Change && std::abs(row.change) >= 0.0005)
        return int(row.change < 0 ? Tone::Good : Tone::Bad);
    return {};
}

QVariant LiveTableModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || std::size_t(index.row()) >= m_rows.size())
        return {};
    const Row &row = m_rows[std::size_t(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return text(row, index.column());
    case Qt::TextAlignmentRole:
        return int(alignmentOf(index.column()));
    case ColourRole:
        return row.colour;
    case ShareRole:
        return m_largestShare > 0 && std::isfinite(row.share) ? row.share / m_largestShare : 0.0;
    case ToneRole:
        return tone(row, index.column());
    case Qt::ToolTipRole:
        if (index.column() == Loss && !row.isHeldOut)
            return tr("Of training text: held-out text has not been measured yet.");
        return index.column() == Domain ? QVariant(row.name) : QVariant();
    default:
        return {};
    }
}

QVariant LiveTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int(alignmentOf(section));
    const bool isTip = role == Qt::ToolTipRole;
    if (role != Qt::DisplayRole && !isTip)
        return {};
    switch (section) {
    case Domain:
        return isTip ? QVariant() : tr("domain");
    case Share:
        return isTip ? tr("Probability with which sequences of the domain are drawn") : tr("share %");
    case Tokens:
        return isTip ? tr("Training tokens drawn so far") : tr("drawn");
    case Epochs:
        return isTip ? tr("Tokens drawn divided by the domain's training tokens") : tr("epochs");
    case Loss:
        return isTip ? tr("Held-out loss at the last evaluation, nats per token") : tr("loss");
    case Change:
        if (isTip)
            return tr("Change of the held-out loss over as many steps");
        return m_changeSteps ? tr("Δ %1").arg(number::count(m_changeSteps)) : tr("Δ");
    default:
        return {};
    }
}

} // namespace krater
