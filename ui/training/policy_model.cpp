// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/policy_model.h"

#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/training/run_curves.h"
#include "ui/widgets/item_roles.h"

#include <algorithm>
#include <limits>

namespace krater {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

Qt::Alignment alignmentOf(int column)
{
    return (column == 0 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter;
}

} // namespace

PolicyModel::PolicyModel(QObject *parent) : QAbstractTableModel(parent) { }

void PolicyModel::setRun(std::shared_ptr<RunView> run)
{
    beginResetModel();
    m_run = std::move(run);
    m_step.reset();
    m_updateStep.reset();
    m_allTerms.clear();
    m_terms.clear();
    m_rows.clear();
    if (m_run) {
        const QStringList names = domainNames(m_run->record());
        const std::vector<QColor> colours = domainColours(m_run->record());
        for (int k = 0; k < m_run->numDomains(); ++k)
            m_rows.push_back({names[k], colours[std::size_t(k)], {}});
    }
    endResetModel();
    refresh();
}

void PolicyModel::setStep(std::optional<std::uint64_t> step)
{
    m_step = step;
    refresh();
}

const Curve &PolicyModel::termCurve(qsizetype term, int domain) const
{
    return m_run->curve(QString::fromLatin1(metric::kPolicyPrefix) + m_allTerms[term], domain);
}

std::optional<std::uint64_t> PolicyModel::lastUpdate() const
{
    const std::uint64_t limit = m_step.value_or(std::numeric_limits<std::uint64_t>::max());
    std::optional<std::uint64_t> newest;
    for (qsizetype term = 0; term < m_allTerms.size(); ++term) {
        for (int k = 0; k < m_run->numDomains(); ++k) {
            const Curve &curve = termCurve(term, k);
            const auto after =
                std::upper_bound(curve.begin(), curve.end(), limit,
                                 [](std::uint64_t wanted, const CurvePoint &point) { return wanted < point.step; });
            if (after != curve.begin())
                newest = std::max(newest.value_or(0), std::prev(after)->step);
        }
    }
    return newest;
}

void PolicyModel::refresh()
{
    if (!m_run || m_rows.empty())
        return;
    if (const QStringList terms = m_run->policyTerms(); terms != m_allTerms) {
        m_allTerms = terms;
        for (Row &row : m_rows)
            row.terms.assign(std::size_t(terms.size()), kNoValue);
    }
    m_updateStep = lastUpdate();
    if (!m_updateStep)
        return;
    readUpdate(*m_updateStep);
    chooseTerms();
    emit dataChanged(index(0, 0), index(int(m_rows.size()) - 1, columnCount() - 1));
}

void PolicyModel::readUpdate(std::uint64_t step)
{
    for (std::size_t k = 0; k < m_rows.size(); ++k) {
        Row &row = m_rows[k];
        for (qsizetype term = 0; term < m_allTerms.size(); ++term)
            row.terms[std::size_t(term)] = valueAt(termCurve(term, int(k)), step);
        // What the policy moves: the loss where it weighs that, else the draw.
        const Curve &objective = m_run->curve(QString::fromLatin1(metric::kObjective), int(k));
        const Curve &share = objective.empty() ? m_run->curve(QString::fromLatin1(metric::kTarget), int(k)) : objective;
        row.after = valueAt(share, step);
        row.before = step > 0 ? valueAt(share, step - 1) : kNoValue;
    }
}

void PolicyModel::chooseTerms()
{
    std::vector<std::size_t> shown;
    for (std::size_t term = 0; term < std::size_t(m_allTerms.size()); ++term)
        if (!isRepeated(term))
            shown.push_back(term);
    if (shown == m_terms)
        return;
    beginResetModel();
    m_terms = std::move(shown);
    endResetModel();
}

bool PolicyModel::isRepeated(std::size_t term) const
{
    for (std::size_t earlier = 0; earlier < term; ++earlier)
        if (std::ranges::all_of(m_rows, [&](const Row &row) { return row.terms[term] == row.terms[earlier]; }))
            return true;
    return false;
}

int PolicyModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int PolicyModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : numTerms() + 3;
}

QVariant PolicyModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || std::size_t(index.row()) >= m_rows.size())
        return {};
    const Row &row = m_rows[std::size_t(index.row())];
    const int column = index.column();
    const bool isBefore = column == numTerms() + 1;
    switch (role) {
    case Qt::TextAlignmentRole:
        return int(alignmentOf(column));
    case ColourRole:
        return row.colour;
    case ToneRole:
        return isBefore ? QVariant(int(Tone::Muted)) : QVariant();
    case Qt::DisplayRole:
        if (column == 0)
            return row.name;
        if (column <= numTerms())
            return number::decimal(row.terms[m_terms[std::size_t(column - 1)]], 3);
        return number::decimal(100 * (isBefore ? row.before : row.after), 1);
    default:
        return {};
    }
}

QVariant PolicyModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int(alignmentOf(section));
    if (role == Qt::ToolTipRole && section > 0 && section <= numTerms())
        return tr("“%1”, as the policy computed it at this update").arg(termName(section));
    if (role != Qt::DisplayRole)
        return {};
    if (section == 0)
        return tr("domain");
    if (section <= numTerms())
        return termName(section);
    return section == numTerms() + 1 ? tr("before %") : tr("p %");
}

} // namespace krater
