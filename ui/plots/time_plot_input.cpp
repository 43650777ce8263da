// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/time_plot.h"

#include <qcustomplot.h>

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

// Mouse, wheel and keys of TimePlot, and what the window tells it.

namespace krater {
namespace {

constexpr double kWheelStep = 0.85; // of the range, per notch

} // namespace

bool TimePlot::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_plot)
        return QWidget::eventFilter(watched, event);
    switch (event->type()) {
    case QEvent::MouseMove: {
        const auto *mouse = static_cast<QMouseEvent *>(event);
        const double x = mouse->position().x();
        if (m_dragFrom && (mouse->buttons() & Qt::LeftButton)) {
            const double shift = *m_dragFrom - xAt(x);
            emit rangeChosen(m_lower + shift, m_upper + shift);
        } else {
            const QRect area = m_plot->axisRect()->rect();
            const bool inside = x >= area.left() - 4 && x <= area.right() + 4;
            emit cursorMoved(inside ? std::optional(std::clamp(xAt(x), m_lower, m_upper)) : std::nullopt);
        }
        return true;
    }
    case QEvent::MouseButtonPress:
        setFocus(Qt::MouseFocusReason);
        if (static_cast<QMouseEvent *>(event)->button() == Qt::LeftButton)
            m_dragFrom = xAt(static_cast<QMouseEvent *>(event)->position().x());
        return true;
    case QEvent::MouseButtonRelease:
        m_dragFrom.reset();
        return true;
    case QEvent::MouseButtonDblClick:
        emit followRequested();
        return true;
    case QEvent::Wheel: {
        const auto *wheel = static_cast<QWheelEvent *>(event);
        const QPoint notches = wheel->angleDelta();
        if (notches.y() != 0)
            zoom(std::pow(kWheelStep, notches.y() / 120.0), xAt(wheel->position().x()));
        else if (notches.x() != 0) {
            const double shift = -(m_upper - m_lower) * notches.x() / 1200.0;
            emit rangeChosen(m_lower + shift, m_upper + shift);
        }
        return true;
    }
    case QEvent::Leave:
        emit cursorMoved(std::nullopt);
        return false;
    default:
        return false;
    }
}

void TimePlot::zoom(double factor, double around)
{
    const double centre = std::clamp(around, m_lower, m_upper);
    emit rangeChosen(centre - (centre - m_lower) * factor, centre + (m_upper - centre) * factor);
}

void TimePlot::keyPressEvent(QKeyEvent *event)
{
    const double pixel = (m_upper - m_lower) / plotWidth();
    const double stride = pixel * (event->modifiers() & Qt::ShiftModifier ? 40 : 4);
    const double cursor = m_cursor.value_or(m_upper);
    switch (event->key()) {
    case Qt::Key_Left:
        emit cursorMoved(std::max(m_lower, cursor - stride));
        return;
    case Qt::Key_Right:
        emit cursorMoved(std::min(m_upper, cursor + stride));
        return;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoom(kWheelStep, cursor);
        return;
    case Qt::Key_Minus:
        zoom(1 / kWheelStep, cursor);
        return;
    case Qt::Key_Home:
        emit followRequested();
        return;
    case Qt::Key_Escape:
        if (m_cursor) {
            emit cursorMoved(std::nullopt);
            return;
        }
        break;
    default:
        break;
    }
    if (event->matches(QKeySequence::Copy)) {
        QGuiApplication::clipboard()->setImage(picture(2));
        return;
    }
    QWidget::keyPressEvent(event);
}

void TimePlot::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        restyle();
        applyTheme();
        redraw();
    }
    QWidget::changeEvent(event);
}

void TimePlot::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    redraw();
}

void TimePlot::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    redraw();
}

void TimePlot::contextMenuEvent(QContextMenuEvent *event)
{
    QMenu menu(this);
    fillContextMenu(&menu);
    menu.exec(event->globalPos());
}

} // namespace krater
