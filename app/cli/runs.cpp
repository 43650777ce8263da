// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/runs.h"

#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "core/base/files.h"
#include "core/store/run_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace krater::cli {
namespace {

// The writer recognises interrupted runs when it opens a store. A store that cannot be written is still worth reading.
void markInterrupted(const std::filesystem::path &file)
{
    try {
        RunWriter writer(file);
    } catch (const Error &) {
        return;
    }
}

// One that could not be begun, for example on a full disk, has no runs.
bool isEmptyFile(const std::filesystem::path &file)
{
    std::error_code error;
    return std::filesystem::is_regular_file(file, error) && std::filesystem::file_size(file, error) == 0;
}

std::unique_ptr<RunReader> openExisting(const std::filesystem::path &file)
{
    auto reader = std::make_unique<RunReader>(file);
    if (!reader->notice().empty())
        printWarning(reader->notice());
    const std::vector<RunRecord> runs = reader->runs();
    if (std::any_of(runs.begin(), runs.end(), [](const RunRecord &run) { return isActive(run.state); }))
        markInterrupted(file);
    return reader;
}

std::optional<RunId> parseRunNumber(const std::string &word)
{
    RunId number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc() || end != word.data() + word.size())
        return std::nullopt;
    return number;
}

std::string numbersOf(const std::vector<const RunRecord *> &runs)
{
    constexpr std::size_t kMost = 8;
    std::string text;
    for (std::size_t i = 0; i < std::min(runs.size(), kMost); ++i)
        text += fmt::format("{}{}", i > 0 ? ", " : "", runs[i]->id);
    return runs.size() > kMost ? text + ", ..." : text;
}

RunRecord runByName(const std::vector<RunRecord> &runs, const std::string &word)
{
    std::vector<const RunRecord *> found;
    std::set<std::string> names;
    for (const RunRecord &run : runs) {
        names.insert(run.name);
        if (run.name == word)
            found.push_back(&run);
    }
    if (found.size() == 1)
        return *found.front();
    if (!found.empty())
        throw UsageError(fmt::format("{} runs are called '{}': {}.", found.size(), word, numbersOf(found)),
                         "Name one by its number.");
    const std::string hint = didYouMean(word, {names.begin(), names.end()});
    throw UsageError(fmt::format("There is no run '{}'.", word),
                     hint.empty() ? "krater-cli list shows all runs." : hint);
}

} // namespace

std::unique_ptr<RunReader> openStore(const Options &options)
{
    const std::filesystem::path file = options.storeFile();
    std::error_code error;
    if (isEmptyFile(file))
        return nullptr;
    if (std::filesystem::exists(file, error))
        return openExisting(file);
    if (options.store.empty())
        return nullptr;
    throw UsageError(fmt::format("There is no store {}.", file.string()),
                     "krater-cli train FILE --store STORE makes one.");
}

std::unique_ptr<RunReader> openStoreWithRuns(const Options &options)
{
    auto reader = openStore(options);
    if (!reader)
        throw UsageError(fmt::format("There are no runs yet in {}.", options.storeFile().string()),
                         "krater-cli train FILE makes the first one.");
    return reader;
}

RunRecord findRun(RunReader &reader, const std::string &word)
{
    if (const auto number = parseRunNumber(word)) {
        if (auto run = reader.run(*number); run && !run->deleted)
            return *std::move(run);
        throw UsageError(fmt::format("There is no run {}.", word), "krater-cli list shows all runs.");
    }
    std::vector<RunRecord> runs = reader.runs();
    if (word != "last")
        return runByName(runs, word);
    if (runs.empty())
        throw UsageError("There are no runs yet.", "krater-cli train FILE makes the first one.");
    return runs.front();
}

std::string commandFor(const std::string &command, RunId run, const Options &options, const std::string &more)
{
    std::string text = fmt::format("krater-cli {} {}{}{}", command, run, more.empty() ? "" : " ", more);
    if (!options.store.empty())
        text += " --store " + shellQuoted(options.store);
    return text;
}

} // namespace krater::cli
