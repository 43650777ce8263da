// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/value_table.h"

#include "ui/theme/krater_style.h"
#include "ui/theme/theme.h"
#include "ui/widgets/delegates.h"

#include <QAbstractItemModel>
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>

#include <algorithm>

namespace krater {

QString rowsAsText(const QAbstractItemView &view)
{
    const QAbstractItemModel *model = view.model();
    if (!model)
        return {};
    const auto *table = qobject_cast<const QTableView *>(&view);
    std::vector<int> columns;
    for (int visual = 0; visual < model->columnCount(); ++visual) {
        const int column = table ? table->horizontalHeader()->logicalIndex(visual) : visual;
        if (!table || !table->isColumnHidden(column))
            columns.push_back(column);
    }
    QModelIndexList rows = view.selectionModel() ? view.selectionModel()->selectedRows() : QModelIndexList();
    std::sort(rows.begin(), rows.end());
    if (rows.isEmpty()) {
        for (int row = 0; row < model->rowCount(); ++row)
            rows << model->index(row, 0);
    }
    QStringList lines;
    QStringList cells;
    for (const int column : columns)
        cells << model->headerData(column, Qt::Horizontal).toString();
    lines << cells.join(QLatin1Char('\t'));
    for (const QModelIndex &row : std::as_const(rows)) {
        cells.clear();
        for (const int column : columns)
            cells << row.siblingAtColumn(column).data().toString().simplified();
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

ValueTable::ValueTable(const QString &accessibleName, QWidget *parent) : QTableView(parent)
{
    setAccessibleName(accessibleName);
    setProperty(kRowRulesProperty, true);
    setFrameShape(QFrame::NoFrame);
    setShowGrid(false);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setWordWrap(false);
    setTabKeyNavigation(false);
    setMouseTracking(true);
    verticalHeader()->hide();
    setRowHeight(std::max(look::kRowHeight, fontMetrics().height() + 12));
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setMinimumSectionSize(32);
    horizontalHeader()->setFixedHeight(std::max(look::kRowHeight, fontMetrics().height() + 12));
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    setItemDelegate(new ToneDelegate(this));
}

void ValueTable::setRowHeight(int pixels)
{
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setMinimumSectionSize(pixels);
    verticalHeader()->setDefaultSectionSize(pixels);
    updateGeometry();
}

void ValueTable::setFitsRows(bool fits)
{
    m_fitsRows = fits;
    setVerticalScrollBarPolicy(fits ? Qt::ScrollBarAlwaysOff : Qt::ScrollBarAsNeeded);
    setSizePolicy(QSizePolicy::Expanding, fits ? QSizePolicy::Fixed : QSizePolicy::Expanding);
    updateGeometry();
}

void ValueTable::setHeaderHeight(int pixels)
{
    horizontalHeader()->setFixedHeight(pixels);
    updateGeometry();
}

int ValueTable::contentHeight() const
{
    const int rows = model() ? model()->rowCount() : 0;
    return (horizontalHeader()->isHidden() ? 0 : horizontalHeader()->maximumHeight())
        + rows * verticalHeader()->defaultSectionSize();
}

QSize ValueTable::sizeHint() const
{
    return m_fitsRows ? QSize(QTableView::sizeHint().width(), contentHeight()) : QTableView::sizeHint();
}

QSize ValueTable::minimumSizeHint() const
{
    return m_fitsRows ? QSize(120, contentHeight()) : QSize(120, 3 * look::kRowHeight);
}

void ValueTable::copySelection() const
{
    QGuiApplication::clipboard()->setText(rowsAsText(*this));
}

void ValueTable::keyPressEvent(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Copy)) {
        copySelection();
        event->accept();
        return;
    }
    QTableView::keyPressEvent(event);
}

} // namespace krater
