// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/mixture/share_shift.h"

#include "ui/theme/style_painter.h"
#include "ui/theme/theme.h"

#include <QPainter>

#include <algorithm>
#include <cmath>
#include <limits>

namespace krater {
namespace {

constexpr double kBarHeight = 7;

} // namespace

ShareShift::ShareShift(QWidget *parent)
    : QWidget(parent)
    , m_before(std::numeric_limits<double>::quiet_NaN())
    , m_after(std::numeric_limits<double>::quiet_NaN())
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ShareShift::setShares(double before, double after, double fullScale, const QColor &colour)
{
    m_before = before;
    m_after = after;
    m_fullScale = fullScale > 0 ? fullScale : 1;
    m_colour = colour;
    update();
}

QSize ShareShift::sizeHint() const
{
    return {160, look::kControlHeight};
}

QSize ShareShift::minimumSizeHint() const
{
    return {40, look::kControlHeight};
}

void ShareShift::paintEvent(QPaintEvent *)
{
    const Theme &theme = Theme::of(this);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF track(0, (height() - kBarHeight) / 2, width(), kBarHeight);
    style::drawBox(&painter, track, theme.lineSoft, Qt::transparent, 2);
    const auto widthOf = [&](double share) { return std::clamp(share / m_fullScale, 0.0, 1.0) * track.width(); };
    if (std::isfinite(m_after)) {
        QRectF bar = track;
        bar.setWidth(std::max(2.0, widthOf(m_after)));
        style::drawBox(&painter, bar, theme.area(m_colour), Qt::transparent, 2);
    }
    if (std::isfinite(m_before)) {
        const double x = std::min(std::round(widthOf(m_before)) + 0.5, width() - 1.0);
        painter.setPen(QPen(theme.muted, 1.5, Qt::DotLine));
        painter.drawLine(QPointF(x, track.top() - 5), QPointF(x, track.bottom() + 5));
    }
}

} // namespace krater
