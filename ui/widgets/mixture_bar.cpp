// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/mixture_bar.h"

#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"

#include <QPainter>
#include <QPainterPath>

#include <cmath>

namespace krater {

void paintMixtureBar(QPainter *painter, const QRectF &rect, std::span<const double> shares,
                     std::span<const QColor> colours, const QPalette &palette)
{
    double sum = 0;
    for (const double share : shares)
        sum += std::isfinite(share) && share > 0 ? share : 0;
    if (sum <= 0)
        return;
    const Theme &theme = Theme::of(palette);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    QPainterPath outline;
    outline.addRoundedRect(rect, 2, 2);
    painter->setClipPath(outline, Qt::IntersectClip);
    double left = rect.left();
    for (std::size_t k = 0; k < shares.size() && k < colours.size(); ++k) {
        if (!(std::isfinite(shares[k]) && shares[k] > 0))
            continue;
        const double width = rect.width() * shares[k] / sum;
        painter->fillRect(QRectF(left, rect.top(), width, rect.height()), theme.area(colours[k]));
        left += width;
    }
    painter->restore();
}

MixtureBar::MixtureBar(QWidget *parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void MixtureBar::setMixture(std::vector<double> shares, std::vector<QColor> colours, const QStringList &names)
{
    m_shares = std::move(shares);
    m_colours = std::move(colours);
    QStringList lines;
    for (std::size_t k = 0; k < m_shares.size() && k < std::size_t(names.size()); ++k)
        lines << QStringLiteral("%1 %2").arg(names[qsizetype(k)], number::percent(m_shares[k]));
    setToolTip(lines.join(QLatin1Char('\n')));
    setAccessibleDescription(lines.join(QStringLiteral(", ")));
    update();
}

QSize MixtureBar::sizeHint() const
{
    return {160, 12};
}

void MixtureBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintMixtureBar(&painter, rect(), m_shares, m_colours, palette());
}

} // namespace krater
