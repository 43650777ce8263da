// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/curve_block.h"
#include "core/store/run_record.h"
#include "core/train/run_events.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace krater {

// How many steps wait as rows of their own before they are folded into blocks. Rewriting every curve's last block
// at each commit instead would write some 50 times as much.
inline constexpr std::size_t kRecentSteps = 256;

// The curves of one run as their writer sees them: adds steps, keeps the summaries, folds. Everything happens
// inside transactions of the caller; when one fails, throw the object away and make a new one, which reads what was
// committed. Writer's thread only.
class RunCurves {
public:
    RunCurves(SQLite::Database &database, RunId run);

    // Steps never go back (Error). What a step already has (the mixture of an evaluation of the same step) is not
    // stored again.
    void add(const StepEvent &event);
    void add(const EvaluationEvent &event);
    void saveSummaries(); // of the curves that grew; before each commit
    void fold();          // all recent steps
    void removeAfter(std::optional<std::uint64_t> step); // empty: all

private:
    struct StoredCurve {
        std::int64_t id = 0;
        MetricSummary summary; // `mean` unused: the sum is kept
        double sum = 0;
        bool changed = false;
    };

    void load();
    StoredCurve &curve(const std::string &metric, int domain);
    void addValue(std::uint64_t step, const std::string &metric, int domain, double value);
    void addValues(std::uint64_t step, const std::string &metric, std::span<const double> values);
    void addValues(std::uint64_t step, const std::string &metric, double value);
    template <typename Event>
    void addEvent(const Event &event);
    void addClock(std::uint64_t step, std::uint64_t tokens, double seconds);
    void beginStep(std::uint64_t step);
    void writeStep();
    void foldCurve(std::int64_t curve, const Curve &points);
    void truncateBlocks(std::int64_t curve, std::uint64_t step);
    void summarise(StoredCurve &stored);

    SQLite::Database &m_database;
    RunId m_run;
    std::map<std::pair<std::string, int>, StoredCurve> m_curves;
    std::size_t m_numRecent = 0;
    std::optional<std::uint64_t> m_step; // the newest
    StepValues m_values;                 // of it
    SQLite::Statement m_writeStep;
    SQLite::Statement m_saveSummary;
};

} // namespace krater
