// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QWidget>

#include <vector>

namespace krater {

struct Theme;

// What the chart shows: for each domain a group of bars, one for each run, to the left of zero where the run is better. Plain value.
struct DifferenceBars {
    struct Group {
        QString name;
        QColor colour;
        std::vector<double> values; // by run, nats/token; NaN: no bar

        bool operator==(const Group &) const = default;
    };
    struct Run {
        QString name;
        QColor colour;

        bool operator==(const Run &) const = default;
    };
    std::vector<Run> runs;
    std::vector<Group> groups;

    bool operator==(const DifferenceBars &) const = default;
};

// Differences to the baseline as horizontal bars with their numbers, grouped by domain. As high as its groups need: put it into a scroll area.
class DifferenceChart : public QWidget {
    Q_OBJECT

public:
    explicit DifferenceChart(QWidget *parent = nullptr);

    void setBars(DifferenceBars bars);
    const DifferenceBars &bars() const { return m_bars; }

    // Draws at any size, for pictures.
    void draw(QPainter &painter, const QRectF &area, const QPalette &palette) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override; // tool tips

private:
    struct Layout;

    QString summary() const;
    void drawAxis(QPainter &painter, const Layout &layout, const Theme &theme) const;
    void drawName(QPainter &painter, const Layout &layout, const Theme &theme, std::size_t group) const;
    void drawBar(QPainter &painter, const Layout &layout, const Theme &theme, std::size_t group, std::size_t run) const;

    DifferenceBars m_bars;
};

} // namespace krater
