// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// How fast a corpus is read, on one core: bench_corpus [experiment.toml]. Without a file it makes 64 MB of text in documents of 2 KB, as plain
// files of many documents, as compressed JSON Lines and as HTML. CPU time is what counts on a machine that does other things besides.

#include "core/base/error.h"
#include "core/base/rng.h"
#include "core/config/experiment_toml.h"
#include "core/corpus/tokenized_corpus.h"

#include <fmt/format.h>
#include <zlib.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <random>
#include <tuple>

using namespace krater;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kDomainBytes = 64 << 20;

// A folder of its own, removed at the end.
class ScratchFolder {
public:
    ScratchFolder() : m_path(fs::temp_directory_path() / fmt::format("bench_corpus-{}", std::random_device()()))
    {
        fs::create_directories(m_path);
    }
    ~ScratchFolder()
    {
        std::error_code failure;
        fs::remove_all(m_path, failure);
    }
    const fs::path &path() const { return m_path; }

private:
    fs::path m_path;
};

// 2 KB of words that repeat as rarely as real ones.
std::string document(Rng &rng)
{
    std::string text;
    while (text.size() < 2'000) {
        for (std::uint64_t letters = 1 + rng.below(9); letters > 0; --letters)
            text += static_cast<char>('a' + rng.below(1 + rng.below(26)));
        text += rng.below(12) == 0 ? '\n' : ' ';
    }
    return text;
}

void writeGzip(const fs::path &file, const std::string &bytes)
{
    const gzFile out = gzopen(file.c_str(), "wb1");
    gzwrite(out, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(out);
}

Experiment makeExperiment(const fs::path &folder)
{
    Rng rng(1);
    std::string text;
    std::string json;
    std::string html;
    std::size_t page = 0;
    for (std::size_t bytes = 0; bytes < kDomainBytes; bytes += 2'000) {
        const std::string content = document(rng);
        text += content + "\n%\n";
        json += "{\"id\": 1, \"text\": \"";
        for (const char c : content)
            json += c == '\n' ? std::string("\\n") : std::string(1, c);
        json += "\"}\n";
        html += "<div class=\"entry\"><p>" + content + "</p></div>\n";
        if (html.size() > (1 << 20)) {
            std::ofstream(folder / fmt::format("page{}.html", page++)) << html;
            html.clear();
        }
    }
    std::ofstream(folder / "text.txt") << text;
    std::ofstream(folder / "lines.jsonl") << json;
    writeGzip(folder / "lines.jsonl.gz", json);

    Experiment experiment;
    experiment.folder = folder;
    for (const auto &[name, source, split] :
         {std::tuple("text", "text.txt", "\\n%\\n"), std::tuple("jsonl", "lines.jsonl", ""),
          std::tuple("jsonl.gz", "lines.jsonl.gz", ""), std::tuple("html", "*.html", "\\n\\n")}) {
        DomainConfig domain;
        domain.name = name;
        domain.sources = {source};
        domain.split = split;
        experiment.domains.push_back(domain);
    }
    return experiment;
}

double cpuSeconds()
{
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

template<typename Action>
void measure(const std::string &what, double bytes, Action &&action)
{
    const auto begin = std::chrono::steady_clock::now();
    const double cpuBegin = cpuSeconds();
    action();
    const double cpu = cpuSeconds() - cpuBegin;
    const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    fmt::print("{:34} {:7.1f} MB  wall {:6.2f} s  CPU {:6.2f} s  {:8.1f} MB/s per core\n", what, bytes / 1e6, wall, cpu,
               bytes / 1e6 / cpu);
}

double bytesOf(const CorpusReport &report)
{
    double bytes = 0;
    for (const DomainReport &domain : report.domains)
        bytes += static_cast<double>(domain.bytes);
    return bytes;
}

void run(const Experiment &experiment, const fs::path &cacheFolder, const std::string &name)
{
    const double bytes = bytesOf(scanCorpus(experiment)); // and warms the page cache
    measure(name + ": scan", bytes, [&] { scanCorpus(experiment); });
    measure(name + ": tokenise", bytes, [&] { openTokenizedCorpus(experiment, cacheFolder); });
    measure(name + ": open from the cache", bytes, [&] { openTokenizedCorpus(experiment, cacheFolder); });
}

} // namespace

int main(int argc, char **argv)
{
    try {
        const ScratchFolder folder;
        if (argc > 1) {
            const LoadedExperiment loaded = loadExperiment(argv[1]);
            for (const Issue &issue : loaded.issues)
                fmt::print(stderr, "{}\n", toString(issue));
            if (!loaded.experiment)
                return 2;
            run(*loaded.experiment, folder.path(), "all domains");
            return 0;
        }
        const Experiment experiment = makeExperiment(folder.path());
        for (const DomainConfig &domain : experiment.domains) {
            Experiment one = experiment;
            one.domains = {domain};
            run(one, folder.path(), domain.name);
        }
        return 0;
    } catch (const Error &error) {
        fmt::print(stderr, "{} {}\n", error.what(), error.advice());
        return 1;
    }
}
