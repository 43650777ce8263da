// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/corpus_facts.h"
#include "core/store/process_identity.h"
#include "core/store/run_record.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace krater {

// The rows that describe runs: all SQL on runs, plans, experiments, domains and events. Inside transactions of the caller.

std::int64_t nowMs(); // Unix time

RunId insertRun(SQLite::Database &database, const RunRecord &record, const ProcessIdentity &writer);
std::vector<RunRecord> selectRuns(SQLite::Database &database, std::optional<RunId> only,
                                  bool withDeleted); // newest first

// Makes the run a stage of its plan, and the plan itself, of this text, with its first run. Throws Error when another
// run is that stage.
void joinPlan(SQLite::Database &database, RunId run, const PlanPlace &place, const std::string &toml);
std::vector<RunId> selectPlanRuns(SQLite::Database &database, RunId plan); // by stage, deleted ones too
std::optional<std::string> selectPlan(SQLite::Database &database, RunId plan);

// The process that writes a run, and when it last did. Throws Error when there is no such run.
struct RunOwner {
    RunState state = RunState::Done;
    ProcessIdentity writer;
    std::int64_t updatedMs = 0;

    bool isTraining() const { return isActive(state) && isWriting(writer, updatedMs, nowMs()); }
    bool isAbandoned() const { return isActive(state) && !isWriting(writer, updatedMs, nowMs()); }
};
RunOwner ownerOf(SQLite::Database &database, RunId run);

void updateState(SQLite::Database &database, RunId run, RunState state, const std::string &message,
                 std::int64_t finishedMs);
void updateOwner(SQLite::Database &database, RunId run, const ProcessIdentity &writer);
void updateFacts(SQLite::Database &database, RunId run, const LanguageModelInfo &model, const CorpusFacts &corpus);
void updateText(SQLite::Database &database, RunId run, const char *column,
                const std::string &text); // column: a literal
std::string tagsToJson(const std::vector<std::string> &tags); // a list of texts

inline constexpr const char *kProgramEnded = "The program ended while this run was active";

// The event's sequence.
std::int64_t insertEvent(SQLite::Database &database, RunId run, const MessageEvent &event, std::int64_t timeMs);
std::vector<StoredEvent> selectEvents(SQLite::Database &database, RunId run, std::int64_t afterSequence);

} // namespace krater
