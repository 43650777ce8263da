// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/run_selection.h"

#include "core/base/error.h"
#include "ui/theme/domain_colours.h"
#include "ui/theme/theme.h"

#include <algorithm>
#include <utility>

namespace krater {

QString ShownRun::name() const
{
    return QString::fromStdString(view->record().name);
}

QColor ShownRun::colour(const Theme &theme) const
{
    const auto palette = domainPalette();
    return colourIndex == kBaselineColour ? theme.accent : palette[std::size_t(colourIndex) % palette.size()];
}

Qt::PenStyle ShownRun::pen() const
{
    const bool repeats = colourIndex != kBaselineColour && std::size_t(colourIndex) >= domainPalette().size();
    return repeats ? Qt::DashLine : Qt::SolidLine;
}

RunSelection::RunSelection(RunLibrary &library, RunTableModel &model, QObject *parent)
    : QObject(parent)
    , m_library(library)
    , m_model(model)
{
    connect(&model, &RunTableModel::scoringChanged, this, &RunSelection::rebuild);
    connect(&library, &RunLibrary::runsChanged, this, &RunSelection::refresh);
}

void RunSelection::select(const std::vector<RunId> &runs)
{
    m_selected = runs;
    rebuild();
}

const ShownRun *RunSelection::find(RunId run) const
{
    const auto found =
        std::find_if(m_runs.begin(), m_runs.end(), [run](const ShownRun &shown) { return shown.id == run; });
    return found == m_runs.end() ? nullptr : &*found;
}

bool RunSelection::isPinned() const
{
    return !m_runs.empty() && m_model.baseline() == m_runs.front().id;
}

std::vector<RunId> RunSelection::wanted() const
{
    std::vector<RunId> runs = m_selected;
    if (runs.empty())
        return {};
    const std::optional<RunId> pinned = m_model.baseline();
    const RunId baseline = pinned.value_or(*std::min_element(runs.begin(), runs.end()));
    std::erase(runs, baseline);
    runs.insert(runs.begin(), baseline);
    runs.resize(std::min(runs.size(), kMaxShown));
    return runs;
}

void RunSelection::rebuild()
{
    if (m_storeFile != m_library.storeFile()) {
        m_storeFile = m_library.storeFile(); // the same numbers are other runs there
        m_runs.clear();
    }
    std::vector<ShownRun> runs;
    for (RunId id : wanted()) {
        const ShownRun *known = find(id);
        ShownRun shown = known ? *known : ShownRun{id, m_library.view(id), ShownRun::kBaselineColour};
        if (shown.view)
            runs.push_back(std::move(shown));
    }
    m_runs = std::move(runs);
    giveColours();
    emit runsChanged();
    compare();
}

void RunSelection::giveColours()
{
    std::vector<int> used;
    for (std::size_t place = 1; place < m_runs.size(); ++place)
        if (m_runs[place].colourIndex != ShownRun::kBaselineColour)
            used.push_back(m_runs[place].colourIndex);
    for (std::size_t place = 0; place < m_runs.size(); ++place) {
        int &colour = m_runs[place].colourIndex;
        if (place == 0) {
            colour = ShownRun::kBaselineColour;
        } else if (colour == ShownRun::kBaselineColour) {
            colour = 0;
            while (std::find(used.begin(), used.end(), colour) != used.end())
                ++colour;
            used.push_back(colour);
        }
    }
}

std::vector<QColor> RunSelection::comparedColours() const
{
    std::vector<std::string> stored;
    if (m_comparison)
        for (const DomainComparison &domain : m_comparison->domains)
            stored.push_back(domain.colour);
    return domainColours(stored, stored.size());
}

// The library changes several times a second while a run is trained somewhere; only what is shown matters here.
void RunSelection::refresh()
{
    bool gone = false, moved = false;
    for (std::size_t place = 0; place < m_runs.size(); ++place) {
        gone = gone || !m_library.run(m_runs[place].id);
        moved = moved || place >= m_compared.size() || m_library.summaries(m_runs[place].id) != m_compared[place];
    }
    if (gone)
        rebuild();
    else if (moved)
        compare();
}

void RunSelection::compare()
{
    m_comparison.reset();
    m_problem.clear();
    m_compared.clear();
    std::vector<ComparedRun> runs;
    for (const ShownRun &shown : m_runs) {
        const RunRecord *record = m_library.run(shown.id);
        m_compared.push_back(m_library.summaries(shown.id));
        runs.push_back({record ? *record : shown.view->record(),
                        m_compared.back() ? *m_compared.back() : std::vector<MetricSummary>()});
    }
    if (!runs.empty()) {
        try {
            m_comparison = compareRuns(runs, 0, m_model.scoreMixture());
        } catch (const Error &error) {
            m_problem = QString::fromUtf8(error.what());
        }
    }
    emit comparisonChanged();
}

} // namespace krater
