// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/domains/overlap_model.h"

#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/widgets/item_roles.h"

namespace krater {

OverlapModel::OverlapModel(QObject *parent) : QAbstractTableModel(parent) { }

void OverlapModel::setReport(std::shared_ptr<const CorpusReport> report)
{
    beginResetModel();
    m_report = std::move(report);
    endResetModel();
}

bool OverlapModel::hasOverlap() const
{
    for (int row = 0; row < rowCount(); ++row)
        for (int column = 1; column < columnCount(); ++column)
            if (count(row, column) > 0)
                return true;
    return false;
}

int OverlapModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_report ? 0 : int(m_report->domains.size());
}

int OverlapModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_report ? 0 : int(m_report->domains.size()) + 2;
}

std::uint64_t OverlapModel::count(int row, int column) const
{
    const DomainReport &domain = m_report->domains[std::size_t(row)];
    if (column == columnCount() - 1)
        return domain.heldOutDuplicates;
    if (column - 1 == row)
        return domain.duplicates;
    return m_report->shared[std::size_t(row)][std::size_t(column - 1)];
}

QVariant OverlapModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const DomainReport &domain = m_report->domains[std::size_t(index.row())];
    if (index.column() == 0)
        return role == Qt::DisplayRole ? QString::fromStdString(domain.name) : QVariant();
    const std::uint64_t documents = count(index.row(), index.column());
    switch (role) {
    case Qt::DisplayRole: {
        const double share = domain.documents > 0 ? double(documents) / double(domain.documents) : 0;
        if (documents == 0)
            return QStringLiteral("0");
        return share < 0.001 ? tr("< 0.1 %") : number::percent(share);
    }
    case Qt::ToolTipRole:
        return tr("%1 of %2 documents").arg(number::count(documents), number::count(domain.documents));
    case Qt::TextAlignmentRole:
        return int(Qt::AlignRight | Qt::AlignVCenter);
    case ToneRole:
        return int(documents == 0                            ? Tone::Faint
                       : index.column() == columnCount() - 1 ? Tone::Bad
                       : index.column() - 1 == index.row()   ? Tone::Muted
                                                             : Tone::Warn);
    default:
        return {};
    }
}

QVariant OverlapModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || !m_report)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((section == 0 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    if (section == 0)
        return tr("domain");
    if (section == columnCount() - 1)
        return tr("held-out");
    return QString::fromStdString(m_report->domains[std::size_t(section - 1)].name);
}

} // namespace krater
