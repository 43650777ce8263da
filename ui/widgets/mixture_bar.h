// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QWidget>

#include <span>
#include <vector>

class QPainter;

namespace krater {

// Paints shares as one stacked bar with rounded ends, in the areas' colours of the palette's theme. For delegates and widgets.
void paintMixtureBar(QPainter *painter, const QRectF &rect, std::span<const double> shares,
                     std::span<const QColor> colours, const QPalette &palette);

// A mixture as a stacked bar; its tool tip and accessible description list names and shares.
class MixtureBar : public QWidget {
    Q_OBJECT

public:
    explicit MixtureBar(QWidget *parent = nullptr);

    void setMixture(std::vector<double> shares, std::vector<QColor> colours, const QStringList &names);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    std::vector<double> m_shares;
    std::vector<QColor> m_colours;
};

} // namespace krater
