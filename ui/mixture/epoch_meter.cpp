// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/mixture/epoch_meter.h"

#include "core/mixture/mixture_design.h"
#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"

#include <QPainter>

#include <algorithm>
#include <cmath>
#include <limits>

namespace krater {

namespace {

// "Up to 4 epochs repeated data is about as good as new" (Muennighoff et al. 2023).
constexpr double kLimit = 4;
constexpr int kBarWidth = 56;
constexpr int kBarGap = 8;
constexpr double kBarHeight = 6;

Tone toneOf(double epochs)
{
    return epochs > kLimit ? Tone::Bad : epochs > 1 ? Tone::Warn : Tone::Good;
}

} // namespace

EpochMeter::EpochMeter(QWidget *parent) : QWidget(parent), m_epochs(std::numeric_limits<double>::quiet_NaN())
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void EpochMeter::setEpochs(double epochs, double tokensAvailable, double tokensToDraw)
{
    m_epochs = epochs;
    if (!std::isfinite(epochs)) {
        setToolTip(tr("The tokens of this domain are not counted yet: scan the corpus on the Domains page."));
    } else {
        QString tip = tr("%1 tokens are there, %2 will be drawn: %3 epochs.")
                          .arg(number::tokens(tokensAvailable), number::tokens(tokensToDraw), number::epochs(epochs));
        if (epochs > 1)
            tip += QLatin1Char('\n')
                + tr("By the data-constrained scaling law they are worth %1 of as many new ones.")
                      .arg(number::percent(worthOfEpochs(epochs), 0));
        setToolTip(tip);
    }
    setAccessibleDescription(toolTip());
    update();
}

QString EpochMeter::text() const
{
    return std::isfinite(m_epochs) ? tr("%1 epochs").arg(number::epochs(m_epochs)) : tr("– epochs");
}

int EpochMeter::textWidth() const
{
    return std::max(fontMetrics().horizontalAdvance(tr("%1 epochs").arg(QStringLiteral("00.00"))),
                    fontMetrics().horizontalAdvance(text()));
}

QSize EpochMeter::sizeHint() const
{
    return {kBarWidth + kBarGap + textWidth(), look::kControlHeight};
}

QSize EpochMeter::minimumSizeHint() const
{
    return {textWidth(), look::kControlHeight};
}

void EpochMeter::paintEvent(QPaintEvent *)
{
    const Theme &theme = Theme::of(this);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool known = std::isfinite(m_epochs);
    const double bar = std::max(0.0, std::min<double>(kBarWidth, width() - textWidth() - kBarGap));
    if (bar >= kBarWidth / 3.0) {
        const QRectF track(0, (height() - kBarHeight) / 2, bar, kBarHeight);
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.lineSoft);
        painter.drawRoundedRect(track, 2, 2);
        if (known) {
            painter.setBrush(theme.tone(toneOf(m_epochs)));
            const double width = std::max(2.0, std::min(m_epochs / kLimit, 1.0) * bar);
            painter.drawRoundedRect(QRectF(track.left(), track.top(), width, kBarHeight), 2, 2);
        }
    }
    painter.setPen(known && m_epochs > 1 ? theme.tone(toneOf(m_epochs)) : theme.muted);
    painter.drawText(rect().adjusted(width() - textWidth(), 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, text());
}

} // namespace krater
