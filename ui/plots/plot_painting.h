// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <functional>
#include <vector>

class QCustomPlot;
class QPainter;

namespace krater {

// Puts a piece of one's own drawing on a layer of a plot; it is called at every replot of that layer and lives as long as the plot.
void addPainting(QCustomPlot *plot, const QString &layer, std::function<void(QPainter &)> paint);

// Centres of labels of one height, as near as possible to where they are wanted (least squares), in the same order, without overlap, between `top` and
// `bottom` as long as they fit there.
std::vector<double> spreadLabels(std::vector<double> wanted, double height, double top, double bottom);

// A round distance between ticks of a time axis in seconds (1, 2, 5, 10, 15, 30 s, the same in minutes, then hours), at least `least`.
double timeTickStep(double least);

} // namespace krater
