// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// How fast curves are written and read, beside a table with a row per point, which is what one would build first.
// Both write the same points in the same order with as many commits, both give back whole curves.
//
//   bench_store [POINTS]
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "tests/core/store_samples.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

using namespace krater;
namespace fs = std::filesystem;

namespace {

struct Measurement {
    double writeSeconds = 0, readSeconds = 0;
    std::uint64_t bytes = 0;
    std::size_t points = 0; // read back
};

template<typename Work>
double secondsOf(Work &&work)
{
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::uint64_t bytesOf(const fs::path &file)
{
    std::error_code missing;
    const std::uint64_t log = fs::file_size(file.string() + "-wal", missing);
    return fs::file_size(file) + (missing ? 0 : log);
}

Measurement measureStore(const fs::path &file, std::uint64_t steps)
{
    Measurement result;
    RunWriter writer(file);
    const RunId run = writer.createRun(samples::record());
    RunObserver &observer = writer.observerFor(run);
    result.writeSeconds = secondsOf([&] {
        for (std::uint64_t step = 1; step <= steps; ++step)
            observer.onRunEvent(samples::step(step));
        observer.onRunEvent(StateEvent{RunState::Done, steps, {}});
        writer.flush();
    });
    result.readSeconds = secondsOf([&] {
        RunReader reader(file);
        for (const auto &[metric, domain] : reader.curveNames(run))
            result.points += reader.curve(run, metric, domain).size();
        result.points += 2 * reader.clock(run).size();
    });
    result.bytes = bytesOf(file);

    RunReader reader(file);
    const double counted = secondsOf([&] { reader.query("SELECT count(*), avg(value) FROM points", 1); });
    const double opened = secondsOf([&] { RunWriter again(file); });
    fmt::print("store: SELECT count(*), avg(value) FROM points {:.3f} s; opening with its check {:.3f} s\n", counted,
               opened);
    return result;
}

// The values of a step in the order of their curves.
std::vector<double> valuesOf(const StepEvent &event)
{
    std::vector<double> values{double(event.tokens), event.seconds, event.gradientNorm, event.learningRate,
                               event.tokensPerSecond};
    for (const auto *list :
         {&event.losses, &event.targetShare, &event.realisedShare, &event.tokensDrawn, &event.epochs})
        values.insert(values.end(), list->begin(), list->end());
    for (const PolicyTerm &term : event.terms)
        values.insert(values.end(), term.values.begin(), term.values.end());
    return values;
}

Measurement measureRows(const fs::path &file, std::uint64_t steps)
{
    constexpr std::uint64_t kStepsPerCommit = 2048; // as many as the writer takes from a queue that is always full
    Measurement result;
    SQLite::Database database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    database.exec(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
        "CREATE TABLE points (curve INTEGER, step INTEGER, value REAL, PRIMARY KEY (curve, step)) WITHOUT ROWID");
    std::int64_t numCurves = 0;
    result.writeSeconds = secondsOf([&] {
        SQLite::Statement insert(database, "INSERT INTO points VALUES (?, ?, ?)");
        for (std::uint64_t step = 1; step <= steps;) {
            SQLite::Transaction transaction(database);
            for (const std::uint64_t end = std::min(steps, step + kStepsPerCommit - 1); step <= end; ++step) {
                const std::vector<double> values = valuesOf(samples::step(step));
                numCurves = std::max(numCurves, std::int64_t(values.size()));
                for (std::size_t curve = 0; curve < values.size(); ++curve) {
                    if (std::isnan(values[curve]))
                        continue;
                    insert.reset();
                    insert.bind(1, std::int64_t(curve));
                    insert.bind(2, std::int64_t(step));
                    insert.bind(3, values[curve]);
                    insert.exec();
                }
            }
            transaction.commit();
        }
    });
    result.readSeconds = secondsOf([&] {
        SQLite::Statement select(database, "SELECT step, value FROM points WHERE curve = ? ORDER BY step");
        for (std::int64_t curve = 0; curve < numCurves; ++curve) {
            Curve points;
            select.reset();
            select.bind(1, curve);
            while (select.executeStep())
                points.push_back({std::uint64_t(select.getColumn(0).getInt64()), select.getColumn(1).getDouble()});
            result.points += points.size();
        }
    });
    result.bytes = bytesOf(file);
    return result;
}

} // namespace

int main(int argc, char **argv)
{
    const std::uint64_t wanted = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
    constexpr double kPointsPerStep = 19.8 + 0.4; // of the made-up run, with its missing losses and rare terms
    const auto steps = std::uint64_t(double(wanted) / kPointsPerStep) + 1;

    const fs::path folder = fs::temp_directory_path()
        / fmt::format("krater-bench-{}", std::chrono::steady_clock::now().time_since_epoch().count());
    fs::create_directories(folder);
    const Measurement store = measureStore(folder / "store.krater", steps);
    const Measurement rows = measureRows(folder / "rows.sqlite", steps);
    fs::remove_all(folder);
    if (store.points != rows.points) {
        fmt::print(stderr, "The two hold different points: {} and {}\n", store.points, rows.points);
        return 1;
    }
    fmt::print("{} points in {} steps\n", store.points, steps);
    fmt::print("{:<16}{:>12}{:>12}{:>12}\n", "", "write s", "read s", "MB");
    fmt::print("{:<16}{:>12.3f}{:>12.3f}{:>12.1f}\n", "blocks", store.writeSeconds, store.readSeconds,
               double(store.bytes) / 1e6);
    fmt::print("{:<16}{:>12.3f}{:>12.3f}{:>12.1f}\n", "row per point", rows.writeSeconds, rows.readSeconds,
               double(rows.bytes) / 1e6);
    fmt::print("{:<16}{:>12.1f}{:>12.1f}{:>12.1f}\n", "ratio", rows.writeSeconds / store.writeSeconds,
               rows.readSeconds / store.readSeconds, double(rows.bytes) / double(store.bytes));
    return 0;
}
