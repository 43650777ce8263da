// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_reader.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace krater {

class RunView;

// What a store holds of a run beyond what was read of it before. Plain value; crosses threads as shared_ptr<const RunIncrement>.
struct RunIncrement {
    struct Piece {
        std::string metric;
        int domain = -1;
        Curve points;
    };

    RunRecord record;
    std::optional<std::uint64_t> truncatedTo; // the run was resumed from this step: what was read beyond it is gone
    std::vector<Piece> curves;
    std::vector<RunReader::StepClock> clock;
    std::vector<StoredEvent> events;
};

void addTo(RunView &view, const RunIncrement &increment); // UI thread; publishes

// Reads a run piece by piece while another thread or process writes it. One thread at a time.
class RunFollower {
public:
    // From the start, or what comes after `afterStep` for a view that has the rest, and all events that the store holds at the first read.
    explicit RunFollower(RunId run, std::optional<std::uint64_t> afterStep = {});

    RunIncrement read(RunReader &reader); // throws Error, also when the run is gone

private:
    using CurveName = std::pair<std::string, int>;

    void findRewind(RunIncrement &increment);

    RunId m_run;
    std::optional<std::uint64_t> m_base; // steps up to here were never read: the view has them
    std::map<CurveName, std::uint64_t> m_lastSteps;
    std::optional<std::uint64_t> m_clockStep;
    std::optional<std::int64_t> m_eventSequence; // empty: events up to the first read are not wanted
};

} // namespace krater
