// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/run_curves.h"

#include "ui/theme/domain_colours.h"

#include <algorithm>
#include <limits>

namespace krater {

RunCurves::RunCurves(std::shared_ptr<RunView> run) : m_run(std::move(run))
{
    for (int domain = 0; domain < m_run->numDomains(); ++domain) {
        m_domains.push_back(std::make_unique<DomainCurves>());
        connectSources(std::size_t(domain));
    }
}

// A curve without points is not yet the run's own: it is asked for again until it has some.
void RunCurves::connectSources(std::size_t domain)
{
    DomainCurves &curves = *m_domains[domain];
    if (curves.heldOut.empty())
        curves.heldOut.setSource(&m_run->curve(QString::fromLatin1(metric::kHeldOutLoss), int(domain)));
    if (curves.training.empty()) {
        const Curve &training = m_run->curve(QString::fromLatin1(metric::kTrainingLoss), int(domain));
        curves.training.setSource(&training);
        curves.smoothed.setSource(&training);
    }
}

void RunCurves::setSmoothing(double points)
{
    for (auto &domain : m_domains)
        domain->smoothed.setSpan(points);
}

void RunCurves::update()
{
    for (std::size_t k = 0; k < m_domains.size(); ++k) {
        connectSources(k);
        m_domains[k]->heldOut.update();
        m_domains[k]->training.update();
        m_domains[k]->smoothed.update();
    }
}

std::vector<PlotCurve> RunCurves::curves(XAxis axis) const
{
    const QStringList names = domainNames(m_run->record());
    const std::vector<QColor> colours = domainColours(m_run->record());
    const auto position = [run = m_run.get(), axis](std::uint64_t step) { return run->position(step, axis); };
    std::vector<PlotCurve> curves;
    for (std::size_t k = 0; k < m_domains.size(); ++k) {
        const QString &name = names[qsizetype(k)];
        const DomainCurves &domain = *m_domains[k];
        const std::vector<double> &known = m_run->record().bytesPerToken;
        const double bytes = k < known.size() ? known[k] : 0;
        curves.push_back({name, colours[k], CurveRole::Raw, &domain.training, position, bytes});
        if (domain.smoothed.span() > 1)
            curves.push_back({name, colours[k], CurveRole::Smoothed, &domain.smoothed.series(), position, bytes});
        curves.push_back({name, colours[k], CurveRole::Main, &domain.heldOut, position, bytes});
    }
    return curves;
}

QStringList domainNames(const RunRecord &record)
{
    QStringList names;
    for (const std::string &name : record.domains)
        names << QString::fromStdString(name);
    return names;
}

std::vector<QColor> domainColours(const RunRecord &record)
{
    return domainColours(record.colours, record.domains.size());
}

std::uint64_t stepAt(const RunView &run, XAxis axis, double x)
{
    std::uint64_t low = 0;
    std::uint64_t high = run.record().step;
    while (low < high) {
        const std::uint64_t middle = low + (high - low + 1) / 2;
        if (run.position(middle, axis) <= x)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

double valueAt(const Curve &curve, std::uint64_t step)
{
    const auto after =
        std::upper_bound(curve.begin(), curve.end(), step,
                         [](std::uint64_t wanted, const CurvePoint &point) { return wanted < point.step; });
    return after == curve.begin() ? std::numeric_limits<double>::quiet_NaN() : std::prev(after)->value;
}

} // namespace krater
