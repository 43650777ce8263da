// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/mixture/share_slider.h"

#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <limits>

namespace krater {

namespace {

constexpr int kUnits = 10'000; // of the slider's value in a share of 1
constexpr double kHandleRadius = 7.5;
constexpr double kGrooveHeight = 8;
constexpr double kStep = 0.01;
constexpr double kFineStep = 0.001;
constexpr double kPageStep = 0.1;

} // namespace

ShareSlider::ShareSlider(QWidget *parent)
    : QAbstractSlider(parent)
    , m_baseline(std::numeric_limits<double>::quiet_NaN())
{
    setRange(0, kUnits);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setCursor(Qt::PointingHandCursor);
}

void ShareSlider::setShare(double share)
{
    m_share = std::clamp(share, 0.0, 1.0);
    setValue(int(std::lround(m_share * kUnits)));
    update();
}

void ShareSlider::setBaseline(double share)
{
    m_baseline = share;
    update();
}

void ShareSlider::setColour(const QColor &colour)
{
    m_colour = colour;
    update();
}

QSize ShareSlider::sizeHint() const
{
    return {240, look::kControlHeight};
}

QSize ShareSlider::minimumSizeHint() const
{
    return {90, look::kControlHeight};
}

QRectF ShareSlider::groove() const
{
    return {kHandleRadius + 1, (height() - kGrooveHeight) / 2, width() - 2 * (kHandleRadius + 1), kGrooveHeight};
}

double ShareSlider::positionOf(double share) const
{
    return groove().left() + share * groove().width();
}

double ShareSlider::shareAt(double x) const
{
    return std::clamp((x - groove().left()) / groove().width(), 0.0, 1.0);
}

void ShareSlider::paintEvent(QPaintEvent *)
{
    const Theme &theme = Theme::of(this);
    const QColor colour = isEnabled() ? m_colour : theme.faint;
    const QRectF track = groove();
    const double handle = positionOf(m_share);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.lineSoft);
    painter.drawRoundedRect(track, kGrooveHeight / 2, kGrooveHeight / 2);
    painter.setBrush(theme.area(colour));
    painter.drawRoundedRect(QRectF(track.left(), track.top(), handle - track.left(), kGrooveHeight), kGrooveHeight / 2,
                            kGrooveHeight / 2);
    if (std::isfinite(m_baseline)) {
        const double x = std::round(positionOf(m_baseline)) + 0.5;
        painter.setPen(QPen(theme.muted, 1.5, Qt::DotLine));
        painter.drawLine(QPointF(x, 4), QPointF(x, height() - 4));
    }
    if (hasFocus()) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.accentSoft);
        painter.drawEllipse(QPointF(handle, track.center().y()), kHandleRadius + 4, kHandleRadius + 4);
    }
    painter.setPen(QPen(hasFocus() ? theme.accent : colour, 2));
    painter.setBrush(theme.surface);
    painter.drawEllipse(QPointF(handle, track.center().y()), kHandleRadius - 1, kHandleRadius - 1);
}

void ShareSlider::edit(double share)
{
    emit shareEdited(std::clamp(share, 0.0, 1.0));
}

void ShareSlider::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    const double x = event->position().x();
    const double handle = positionOf(m_share);
    const bool onHandle = std::abs(x - handle) <= kHandleRadius + 2;
    m_grabOffset = onHandle ? handle - x : 0;
    setSliderDown(true);
    emit editStarted();
    if (!onHandle)
        edit(shareAt(x));
}

void ShareSlider::mouseMoveEvent(QMouseEvent *event)
{
    if (isSliderDown())
        edit(shareAt(event->position().x() + m_grabOffset));
}

void ShareSlider::mouseReleaseEvent(QMouseEvent *)
{
    setSliderDown(false);
}

void ShareSlider::keyPressEvent(QKeyEvent *event)
{
    const double step = event->modifiers() & Qt::ShiftModifier ? kFineStep : kStep;
    double share = m_share;
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Down:
        share -= step;
        break;
    case Qt::Key_Right:
    case Qt::Key_Up:
        share += step;
        break;
    case Qt::Key_PageDown:
        share -= kPageStep;
        break;
    case Qt::Key_PageUp:
        share += kPageStep;
        break;
    case Qt::Key_Home:
        share = 0;
        break;
    case Qt::Key_End:
        share = 1;
        break;
    default:
        QWidget::keyPressEvent(event);
        return;
    }
    if (!event->isAutoRepeat())
        emit editStarted();
    edit(share);
}

// Scrolling the page over a slider must not change the mixture.
void ShareSlider::wheelEvent(QWheelEvent *event)
{
    event->ignore();
}

} // namespace krater
