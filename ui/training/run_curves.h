// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/curve_plot.h"
#include "ui/plots/smoothed_curve.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace krater {

// The loss curves of one run, ready for a CurvePlot: held-out, training, and training smoothed, of each domain. Follows the run's growth by update(); a
// run that was reset needs a new one. Keeps the run alive. UI thread.
class RunCurves {
public:
    explicit RunCurves(std::shared_ptr<RunView> run);

    void setSmoothing(double points); // 1: none
    void update();
    std::vector<PlotCurve> curves(XAxis axis) const;

private:
    struct DomainCurves {
        DisplaySeries heldOut;
        DisplaySeries training;
        SmoothedCurve smoothed;
    };

    void connectSources(std::size_t domain);

    std::shared_ptr<RunView> m_run;
    std::vector<std::unique_ptr<DomainCurves>> m_domains; // [K]
};

QStringList domainNames(const RunRecord &record);
std::vector<QColor> domainColours(const RunRecord &record);

// The step at a place of an axis: the last one at or before it.
std::uint64_t stepAt(const RunView &run, XAxis axis, double x);
// The newest value of a curve at or before a step; NaN if there is none.
double valueAt(const Curve &curve, std::uint64_t step);

} // namespace krater
