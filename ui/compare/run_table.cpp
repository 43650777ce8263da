// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/run_table.h"

#include "app/settings.h"
#include "ui/compare/run_list_model.h"
#include "ui/theme/theme.h"
#include "ui/widgets/delegates.h"

#include <QAction>
#include <QHeaderView>
#include <QMenu>

#include <algorithm>
#include <utility>

namespace krater {
namespace {

using Kind = RunTableModel::Kind;

const QString kShownKey = QStringLiteral("compare/columnsShown");
const QString kHiddenKey = QStringLiteral("compare/columnsHidden");
const QString kWidthKey = QStringLiteral("compare/columnWidth/");
const QString kSortKey = QStringLiteral("compare/sortColumn");
const QString kDescendingKey = QStringLiteral("compare/sortDescending");

constexpr int kMaxLossColumns = 8; // that are shown without being asked for
constexpr int kRunRowHeight = look::kRowHeight + 2;
constexpr int kMostMixtureWidth = 200;

int leastWidth(Kind kind)
{
    switch (kind) {
    case Kind::Name:
        return 164;
    case Kind::Mixture:
        return 124;
    case Kind::Tags:
    case Kind::Device:
        return 120;
    case Kind::State:
        return 84;
    case Kind::Started:
        return 102;
    default:
        return 58;
    }
}

} // namespace

RunTable::RunTable(RunListModel &list, RunTableModel &model, Settings &settings, QWidget *parent)
    : ValueTable(tr("Saved runs"), parent)
    , m_list(list)
    , m_model(model)
    , m_settings(settings)
{
    setModel(&list);
    setRowHeight(std::max(kRunRowHeight, fontMetrics().height() + 14));
    setEditTriggers(QAbstractItemView::EditKeyPressed);
    setContextMenuPolicy(Qt::ActionsContextMenu);
    createHeader();
    connect(&list, &QAbstractItemModel::columnsInserted, this,
            [this](const QModelIndex &, int first, int last) { prepareColumns(first, last); });
}

void RunTable::createHeader()
{
    setSortingEnabled(true);
    QHeaderView *header = horizontalHeader();
    header->setSectionsMovable(true);
    header->setStretchLastSection(false); // fitColumns() gives the rest to names and mixtures
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    restoreLayout();
    connect(header, &QHeaderView::sectionResized, this, [this](int section, int, int width) {
        if (width > 0 && !m_restoring)
            m_settings.setLayout(kWidthKey + m_model.columns()[std::size_t(section)].key(), width);
    });
    connect(header, &QHeaderView::sortIndicatorChanged, this, [this](int section, Qt::SortOrder order) {
        m_settings.setLayout(kSortKey, m_model.columns()[std::size_t(section)].key());
        m_settings.setLayout(kDescendingKey, order == Qt::DescendingOrder);
    });
    connect(header, &QWidget::customContextMenuRequested, this, [this, header](const QPoint &place) {
        QMenu menu;
        fillColumnsMenu(&menu);
        menu.exec(header->mapToGlobal(place));
    });
}

// Delegates, widths and visibility of columns that are new; domains may come later.
void RunTable::prepareColumns(int first, int last)
{
    for (int column = first; column <= last; ++column) {
        const RunTableModel::Column &what = m_model.columns()[std::size_t(column)];
        if (what.kind == Kind::Name)
            setItemDelegateForColumn(column, new ColourDelegate(this));
        else if (what.kind == Kind::Mixture)
            setItemDelegateForColumn(column, new MixtureBarDelegate(this));
        else
            setItemDelegateForColumn(column, nullptr);
    }
    fitColumns();
}

int RunTable::wantedWidth(int column) const
{
    const int own = m_settings.layout(kWidthKey + m_model.columns()[std::size_t(column)].key()).toInt();
    return own > 0 ? own : defaultWidth(column);
}

bool RunTable::hasOwnWidth(int column) const
{
    return m_settings.layout(kWidthKey + m_model.columns()[std::size_t(column)].key()).toInt() > 0;
}

void RunTable::hideColumns()
{
    for (int column = 0; column < m_list.columnCount(); ++column)
        setColumnHidden(column, !isColumnShown(m_model.columns()[std::size_t(column)]));
}

int RunTable::roomForLosses() const
{
    int room = viewport()->width();
    std::vector<int> losses;
    for (int column = 0; column < m_list.columnCount(); ++column) {
        const RunTableModel::Column &what = m_model.columns()[std::size_t(column)];
        const int width = wantedWidth(column);
        if (what.kind == Kind::Loss && !m_shown.contains(what.key()))
            losses.push_back(width);
        else if (isColumnShown(what))
            room -= width;
    }
    int fitting = 0;
    for (; fitting < std::min<int>(kMaxLossColumns, int(losses.size())); ++fitting)
        if ((room -= losses[std::size_t(fitting)]) < 0)
            break;
    return fitting;
}

// The user's widths, else the defaults; what the window has beyond goes to the mixtures and the names.
void RunTable::fitColumns()
{
    const bool restoring = std::exchange(m_restoring, true);
    m_lossRoom = roomForLosses();
    hideColumns();
    int spare = viewport()->width();
    for (int column = 0; column < m_list.columnCount(); ++column) {
        const int width = wantedWidth(column);
        setColumnWidth(column, width);
        spare -= isColumnHidden(column) ? 0 : width;
    }
    const int mixture = m_model.columnOf({Kind::Mixture, {}});
    const int name = m_model.columnOf({Kind::Name, {}});
    for (const auto &[column, most] : {std::pair(mixture, kMostMixtureWidth), std::pair(name, 1 << 20)}) {
        if (column < 0 || spare <= 0 || isColumnHidden(column) || hasOwnWidth(column))
            continue;
        const int more = std::min(column == mixture ? spare / 2 : spare, most - columnWidth(column));
        setColumnWidth(column, columnWidth(column) + std::max(0, more));
        spare -= std::max(0, more);
    }
    m_restoring = restoring;
}

void RunTable::resizeEvent(QResizeEvent *event)
{
    ValueTable::resizeEvent(event);
    fitColumns();
}

int RunTable::defaultWidth(int column) const
{
    constexpr int kPadding = 20;
    const QString title = m_list.headerData(column, Qt::Horizontal).toString();
    return std::max(leastWidth(m_list.kindOf(column)), horizontalHeader()->fontMetrics().horizontalAdvance(title) + kPadding);
}

void RunTable::restoreLayout()
{
    m_hidden = m_settings.layout(kHiddenKey).toStringList();
    m_shown = m_settings.layout(kShownKey).toStringList();
    m_restoring = true;
    prepareColumns(0, m_list.columnCount() - 1);
    m_restoring = false;
    const QString key = m_settings.layout(kSortKey, QStringLiteral("started")).toString();
    const auto found = std::find_if(m_model.columns().begin(), m_model.columns().end(),
                                    [&](const RunTableModel::Column &column) { return column.key() == key; });
    const bool isKnown = found != m_model.columns().end();
    const int column = isKnown ? int(found - m_model.columns().begin()) : m_model.columnOf({Kind::Started, {}});
    const bool descending = m_settings.layout(kDescendingKey, true).toBool();
    sortByColumn(column, descending ? Qt::DescendingOrder : Qt::AscendingOrder);
}

bool RunTable::isShownAtFirst(const RunTableModel::Column &column) const
{
    switch (column.kind) {
    case Kind::Name:
    case Kind::Mixture:
    case Kind::State:
    case Kind::Score:
    case Kind::Difference:
    case Kind::Tokens:
    case Kind::Started:
        return true;
    case Kind::Loss: {
        const qsizetype place = m_model.domains().indexOf(column.domain);
        return place >= 0 && place < m_lossRoom;
    }
    default:
        return false;
    }
}

bool RunTable::isColumnShown(const RunTableModel::Column &column) const
{
    const QString key = column.key();
    return m_shown.contains(key) || (isShownAtFirst(column) && !m_hidden.contains(key));
}

void RunTable::showColumn(const RunTableModel::Column &column, bool shown)
{
    const QString key = column.key();
    m_shown.removeAll(key);
    m_hidden.removeAll(key);
    (shown ? m_shown : m_hidden).append(key);
    m_settings.setLayout(kShownKey, m_shown);
    m_settings.setLayout(kHiddenKey, m_hidden);
    fitColumns();
}

void RunTable::resetColumns()
{
    for (const RunTableModel::Column &column : m_model.columns())
        m_settings.setLayout(kWidthKey + column.key(), {});
    m_settings.setLayout(kShownKey, {});
    m_settings.setLayout(kHiddenKey, {});
    for (int column = 0; column < m_list.columnCount(); ++column)
        horizontalHeader()->moveSection(horizontalHeader()->visualIndex(column), column);
    restoreLayout();
}

void RunTable::fillColumnsMenu(QMenu *menu)
{
    for (const RunTableModel::Column &column : m_model.columns()) {
        const QString title = m_model.headerData(m_model.columnOf(column), Qt::Horizontal).toString();
        QAction *action = menu->addAction(column.kind == Kind::Loss ? tr("loss of %1").arg(title) : title);
        action->setCheckable(true);
        action->setChecked(isColumnShown(column));
        action->setEnabled(column.kind != Kind::Name);
        connect(action, &QAction::toggled, this, [this, column](bool shown) { showColumn(column, shown); });
    }
    menu->addSeparator();
    menu->addAction(tr("&Reset the columns"), this, &RunTable::resetColumns);
}

std::vector<RunId> RunTable::selectedRuns() const
{
    QModelIndexList rows = selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end(), [](const QModelIndex &a, const QModelIndex &b) { return a.row() < b.row(); });
    std::vector<RunId> runs;
    for (const QModelIndex &row : std::as_const(rows))
        runs.push_back(m_list.runAt(row));
    return runs;
}

RunId RunTable::currentRun() const
{
    const QModelIndex current = selectionModel()->currentIndex();
    if (current.isValid() && selectionModel()->isRowSelected(current.row()))
        return m_list.runAt(current);
    const std::vector<RunId> runs = selectedRuns();
    return runs.empty() ? 0 : runs.front();
}

void RunTable::select(const std::vector<RunId> &runs)
{
    QItemSelection selection;
    QModelIndex first;
    for (RunId run : runs)
        if (const QModelIndex index = m_list.indexOf(run); index.isValid()) {
            selection.select(index, index.siblingAtColumn(m_list.columnCount() - 1));
            first = first.isValid() ? first : index;
        }
    selectionModel()->setCurrentIndex(first, QItemSelectionModel::NoUpdate);
    selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
}

void RunTable::editName(RunId run)
{
    const QModelIndex index = m_list.indexOf(run).siblingAtColumn(m_model.columnOf({Kind::Name, {}}));
    if (!index.isValid())
        return;
    scrollTo(index);
    edit(index);
}

void RunTable::selectionChanged(const QItemSelection &selected, const QItemSelection &deselected)
{
    ValueTable::selectionChanged(selected, deselected);
    emit chosenRunsChanged();
}

void RunTable::currentChanged(const QModelIndex &current, const QModelIndex &previous)
{
    ValueTable::currentChanged(current, previous);
    emit chosenRunsChanged();
}

} // namespace krater
