// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_view.h"
#include "ui/theme/theme.h"

class QCustomPlot;

namespace krater {

// How values on an axis are written.
enum class ValueFormat { Number, Percent, Steps, Tokens, Seconds };
ValueFormat formatOf(XAxis axis);
QString axisText(double value, ValueFormat format);

// The frame of Krater's plots: no box, a base line, faint horizontal rules, small muted labels. Sub-classes of TimePlot call it when the theme changes.
void styleAxes(QCustomPlot *plot, const Theme &theme, const QFont &font);
// `unit` follows the last number of x.
void setTickFormats(QCustomPlot *plot, ValueFormat x, const QString &unit, ValueFormat y);
// Before a replot: the labels of x have so many pixels. One that the last one with its unit would touch is left out.
void setLabelRoom(QCustomPlot *plot, int pixels);
// Logarithmic y with ticks at powers, and labels that are numbers rather than powers of ten.
void setLogarithmicY(QCustomPlot *plot, bool logarithmic, ValueFormat format);

} // namespace krater
