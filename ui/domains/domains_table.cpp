// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/domains/domains_table.h"

#include "ui/domains/domains_model.h"
#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/widgets/column_fit.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/item_roles.h"
#include "ui/widgets/value_table.h"

#include <QAction>
#include <QHBoxLayout>

#include <algorithm>

namespace krater {

namespace {

constexpr int kRowHeight = 44; // name above sources
constexpr int kShareBarWidth = 88;
constexpr int kSourcesWidth = 190; // longer ones are cut in the middle before columns go

QAction *keyAction(QWidget *owner, const QKeySequence &key)
{
    auto *action = new QAction(owner);
    action->setShortcut(key);
    action->setShortcutContext(Qt::WidgetShortcut);
    owner->addAction(action);
    return action;
}

} // namespace

DomainsTable::DomainsTable(DomainsModel &model, QWidget *parent)
    : Card(tr("Domains"), tr("double click to rename, drag to reorder"), parent)
    , m_model(model)
    , m_table(new ValueTable(tr("Domains")))
    , m_shareBars(new ShareBarDelegate(ShareBarDelegate::Form::BarFirst, m_table))
    , m_total(new ElidedLabel({}, TextRole::Body, Tone::Muted))
{
    m_table->setObjectName(QStringLiteral("domainsTable"));
    m_table->setModel(&m_model);
    m_table->setRowHeight(kRowHeight);
    m_table->setItemDelegate(new ToneDelegate(m_table));
    m_table->setItemDelegateForColumn(DomainsModel::Name, new ColourDelegate(m_table));
    m_table->setItemDelegateForColumn(DomainsModel::Share, m_shareBars);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed);
    m_table->setDragDropMode(QAbstractItemView::DragDrop);
    m_table->setDropIndicatorShown(true);
    auto *columns = new ColumnFit(m_table, DomainsModel::Name);
    columns->setExtra(DomainsModel::Share, kShareBarWidth);
    columns->setMostForStretched(kSourcesWidth);
    columns->setLeastWanted({DomainsModel::HeldOut, DomainsModel::Bytes, DomainsModel::Documents, DomainsModel::Share});
    addFlush(m_table, 1);
    auto *foot = new QWidget;
    auto *footRow = new QHBoxLayout(foot);
    footRow->setContentsMargins(look::kGap, 8, look::kGap, 8);
    footRow->addWidget(m_total);
    addFlush(foot);

    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &DomainsTable::selectionChanged);
    connect(&m_model, &DomainsModel::moved, this, &DomainsTable::moveRequested);
    connect(keyAction(m_table, QKeySequence::Delete), &QAction::triggered, this, &DomainsTable::removeRequested);
    connect(keyAction(m_table, Qt::ALT | Qt::Key_Up), &QAction::triggered, this, [this] { moveBy(-1); });
    connect(keyAction(m_table, Qt::ALT | Qt::Key_Down), &QAction::triggered, this, [this] { moveBy(1); });
}

int DomainsTable::currentRow() const
{
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    return rows.isEmpty() ? -1 : rows.first().row();
}

std::vector<std::size_t> DomainsTable::selectedRows() const
{
    std::vector<std::size_t> rows;
    for (const QModelIndex &index : m_table->selectionModel()->selectedRows())
        rows.push_back(std::size_t(index.row()));
    std::ranges::sort(rows);
    return rows;
}

void DomainsTable::selectRow(int row)
{
    m_table->selectRow(row);
}

void DomainsTable::keepSelection(int row)
{
    if (m_model.rowCount() > 0 && currentRow() < 0)
        m_table->selectRow(std::clamp(row, 0, m_model.rowCount() - 1));
}

void DomainsTable::showTotals()
{
    double tokens = 0, bytes = 0;
    std::uint64_t documents = 0;
    bool exact = true, scanned = false;
    for (int row = 0; row < m_model.rowCount(); ++row) {
        if (const DomainReport *report = m_model.reportOf(row)) {
            tokens += report->tokens;
            bytes += double(report->bytes);
            documents += report->documents;
            exact = exact && report->exact;
            scanned = true;
        }
    }
    double largest = 0;
    for (int row = 0; row < m_model.rowCount(); ++row)
        if (const double share = m_model.index(row, DomainsModel::Share).data(ShareRole).toDouble(); share > largest)
            largest = share;
    m_shareBars->setFullScale(largest); // the longest bar fills its column
    const QString domains = m_model.rowCount() == 1 ? tr("1 domain") : tr("%1 domains").arg(m_model.rowCount());
    m_total->setText(
        scanned ? tr("%1, %2 documents, %3, %4 training tokens")
                      .arg(domains, number::count(documents), number::bytes(bytes), number::tokens(tokens, exact))
                : tr("%1, not scanned yet").arg(domains));
}

void DomainsTable::moveBy(int offset)
{
    const int from = currentRow();
    const int to = from + offset;
    if (from >= 0 && to >= 0 && to < m_model.rowCount())
        emit moveRequested(from, to);
}

} // namespace krater
