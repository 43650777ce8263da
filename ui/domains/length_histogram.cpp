// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/domains/length_histogram.h"

#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"

#include <QPainter>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace krater {

namespace {

constexpr int kBarsHeight = 52;
constexpr int kLabelHeight = 16;
constexpr double kBarGap = 2;

} // namespace

LengthHistogram::LengthHistogram(QWidget *parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Document lengths"));
}

void LengthHistogram::setBuckets(std::vector<std::uint64_t> buckets, const QColor &colour)
{
    m_buckets = std::move(buckets);
    m_colour = colour;
    const auto filled = [](std::uint64_t count) { return count > 0; };
    const auto first = std::ranges::find_if(m_buckets, filled);
    m_first = std::size_t(first - m_buckets.begin());
    m_last = m_first;
    for (std::size_t bucket = m_first; bucket < m_buckets.size(); ++bucket)
        if (filled(m_buckets[bucket]))
            m_last = bucket;
    if (first != m_buckets.end())
        setAccessibleDescription(tr("From %1 to %2, median about %3")
                                     .arg(number::bytes(std::exp2(double(m_first))),
                                          number::bytes(std::exp2(double(m_last + 1))), number::bytes(median())));
    update();
}

double LengthHistogram::median() const
{
    const std::uint64_t total = std::accumulate(m_buckets.begin(), m_buckets.end(), std::uint64_t{0});
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < m_buckets.size(); ++bucket) {
        seen += m_buckets[bucket];
        if (total > 0 && 2 * seen >= total)
            return std::exp2(double(bucket) + 0.5);
    }
    return 0;
}

QSize LengthHistogram::sizeHint() const
{
    return {200, kBarsHeight + kLabelHeight};
}

void LengthHistogram::paintEvent(QPaintEvent *)
{
    const Theme &theme = Theme::of(this);
    QPainter painter(this);
    painter.setFont(textFont(TextRole::Small, this));
    painter.setPen(theme.line);
    painter.drawLine(QPointF(0, kBarsHeight - 0.5), QPointF(width(), kBarsHeight - 0.5));
    if (m_first >= m_buckets.size())
        return;
    const std::uint64_t most = *std::ranges::max_element(m_buckets);
    const double step = double(width()) / double(m_last - m_first + 1);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.area(m_colour));
    for (std::size_t bucket = m_first; bucket <= m_last; ++bucket) {
        if (m_buckets[bucket] == 0)
            continue;
        const double height = std::max(1.5, double(m_buckets[bucket]) / double(most) * (kBarsHeight - 4));
        const double left = double(bucket - m_first) * step;
        painter.drawRoundedRect(QRectF(left + kBarGap / 2, kBarsHeight - 1 - height, step - kBarGap, height), 1.5, 1.5);
    }
    painter.setPen(theme.muted);
    const QRectF labels(0, kBarsHeight, width(), kLabelHeight);
    painter.drawText(labels, Qt::AlignLeft | Qt::AlignVCenter, number::bytes(std::exp2(double(m_first))));
    painter.drawText(labels, Qt::AlignRight | Qt::AlignVCenter, number::bytes(std::exp2(double(m_last + 1))));
}

} // namespace krater
