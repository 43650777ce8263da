// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/event_log.h"

#include "ui/theme/theme.h"
#include "ui/training/event_model.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/item_roles.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>

#include <algorithm>

namespace krater {
namespace {

constexpr int kMarkSize = 9;
constexpr int kTextMargins = 2 * look::kCellMargin + look::kCellEdge;
constexpr int kMostLines = 6; // of a text that is not folded

QString textOf(const QModelIndex &index)
{
    return index.data().toString().trimmed(); // a sample may end in empty lines
}

// A folded text: its lines behind each other, and how many more there are.
void paintFolded(QPainter *painter, const QStyleOptionViewItem &option, const QRect &place, const QString &text)
{
    const int breaks = int(text.count(QLatin1Char('\n')));
    const QString more = breaks == 0 ? EventLog::tr("more")
        : breaks == 1                ? EventLog::tr("1 more line")
                                     : EventLog::tr("%1 more lines").arg(breaks);
    const QFontMetrics metrics(painter->font());
    const int width = metrics.horizontalAdvance(more);
    const QString line = QString(text).replace(QLatin1Char('\n'), QStringLiteral(" ↵ "));
    painter->drawText(place, int(Qt::AlignLeft | Qt::AlignTop) | Qt::TextSingleLine,
                      metrics.elidedText(line, Qt::ElideRight, place.width() - width - look::kGap));
    painter->setPen(Theme::of(option.palette).accent);
    painter->drawText(place, int(Qt::AlignRight | Qt::AlignTop) | Qt::TextSingleLine, more);
}

// The event's mark before its text, which may have several lines; the step beside the first.
class EventDelegate : public ToneDelegate {
public:
    explicit EventDelegate(EventLog *log) : ToneDelegate(log), m_log(log) { }

protected:
    void paintContent(QPainter *painter, const QStyleOptionViewItem &option, const QRect &inside,
                      const QModelIndex &index) const override
    {
        const QFontMetrics metrics(painter->font());
        const int firstLine = inside.top() + (look::kDenseRowHeight - metrics.height()) / 2;
        if (index.column() == EventModel::Step) {
            painter->drawText(inside.left(), firstLine + metrics.ascent(), option.text);
            return;
        }
        const QRect text = QRect(inside).adjusted(kMarkSize + 8, firstLine - inside.top(), 0, 0);
        paintMark(painter, QRectF(inside.left(), firstLine + (metrics.height() - kMarkSize) / 2.0, kMarkSize, kMarkSize),
                  Theme::of(option.palette).tone(Tone(index.data(MarkToneRole).toInt())), index.data(MarkRole).toInt());
        if (m_log->isFolded(index.row()))
            paintFolded(painter, option, text, textOf(index));
        else
            painter->drawText(text, int(Qt::AlignLeft | Qt::AlignTop) | Qt::TextWordWrap, textOf(index));
    }

private:
    // Shape as well as colour: a triangle as on the plots, a tick for what comes all the time, a bar for trouble.
    static void paintMark(QPainter *painter, const QRectF &place, const QColor &ink, int mark)
    {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(Qt::NoPen);
        painter->setBrush(ink);
        const QPointF middle = place.center();
        switch (EventMark(mark)) {
        case EventMark::Tick:
            painter->drawEllipse(middle, 2, 2);
            break;
        case EventMark::Triangle:
            painter->drawPolygon(QPolygonF({place.topLeft() + QPointF(0, 1), place.topRight() + QPointF(0, 1),
                                            QPointF(middle.x(), place.bottom() - 0.5)}));
            break;
        case EventMark::Problem:
            painter->drawPolygon(QPolygonF({QPointF(middle.x(), place.top()), QPointF(place.right(), middle.y()),
                                            QPointF(middle.x(), place.bottom()), QPointF(place.left(), middle.y())}));
            break;
        }
        painter->restore();
    }

    EventLog *m_log;
};

} // namespace

EventLog::EventLog(QAbstractItemModel &model, QWidget *parent) : ValueTable(tr("Events"), parent)
{
    setModel(&model);
    setItemDelegate(new EventDelegate(this));
    horizontalHeader()->hide();
    horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setRowHeight(std::max(look::kDenseRowHeight, fontMetrics().height() + 8));
    setMinimumHeight(2 * look::kDenseRowHeight);
    m_soon.setSingleShot(true);
    m_soon.setInterval(0);
    connect(&m_soon, &QTimer::timeout, this, &EventLog::fit);
    connect(&model, &QAbstractItemModel::rowsInserted, this, [this] { m_soon.start(); });
    connect(&model, &QAbstractItemModel::modelReset, this, [this] {
        m_fittedRows = 0;
        m_unfolded.clear();
        m_soon.start();
    });
    connect(this, &QAbstractItemView::doubleClicked, this,
            [this](const QModelIndex &index) { setFolded(index.row(), !isFolded(index.row())); });
}

int EventLog::ageOf(int row) const
{
    return model()->rowCount() - 1 - row;
}

bool EventLog::isFolded(int row) const
{
    return !m_unfolded.contains(ageOf(row)) && canFold(textOf(model()->index(row, EventModel::Text)));
}

void EventLog::setFolded(int row, bool folded)
{
    if (folded)
        m_unfolded.erase(ageOf(row));
    else
        m_unfolded.insert(ageOf(row));
    fitRow(row);
    viewport()->update();
}

bool EventLog::canFold(const QString &text) const
{
    return text.contains(QLatin1Char('\n')) || fullHeightOf(text) > kMostLines * fontMetrics().height() + look::kDenseRowHeight;
}

int EventLog::fullHeightOf(const QString &text) const
{
    const QFontMetrics metrics = fontMetrics();
    const int room = columnWidth(EventModel::Text) - kTextMargins - kMarkSize - 8;
    const int line = verticalHeader()->defaultSectionSize();
    if (!text.contains(QLatin1Char('\n')) && metrics.horizontalAdvance(text) <= room)
        return line;
    const QRect lines = metrics.boundingRect(QRect(0, 0, room, 1 << 20), int(Qt::AlignLeft) | Qt::TextWordWrap, text);
    return std::max(line, lines.height() + look::kDenseRowHeight - metrics.height());
}

void EventLog::fitRow(int row)
{
    const QString text = textOf(model()->index(row, EventModel::Text));
    QTableView::setRowHeight(row, isFolded(row) ? verticalHeader()->defaultSectionSize() : fullHeightOf(text));
}

// New events stand on top: only they are measured, unless the width has changed.
void EventLog::fit()
{
    const QString newest = model()->index(0, EventModel::Step).data().toString();
    const int step = std::max(fontMetrics().horizontalAdvance(newest), fontMetrics().horizontalAdvance(QStringLiteral("000")));
    setColumnWidth(EventModel::Step, step + kTextMargins);
    const int width = viewport()->width() - columnWidth(EventModel::Step);
    const int rows = model()->rowCount();
    const int changed = width == m_fittedWidth ? rows - m_fittedRows : rows;
    setColumnWidth(EventModel::Text, width);
    for (int row = 0; row < changed; ++row)
        fitRow(row);
    m_fittedWidth = width;
    m_fittedRows = rows;
}

void EventLog::keyPressEvent(QKeyEvent *event)
{
    const bool unfolds = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter || event->key() == Qt::Key_Space;
    if (!unfolds || !currentIndex().isValid())
        return ValueTable::keyPressEvent(event);
    setFolded(currentIndex().row(), !isFolded(currentIndex().row()));
    event->accept();
}

void EventLog::resizeEvent(QResizeEvent *event)
{
    ValueTable::resizeEvent(event);
    if (viewport()->width() - columnWidth(EventModel::Step) != m_fittedWidth)
        m_soon.start();
}

} // namespace krater
