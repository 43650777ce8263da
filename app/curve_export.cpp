// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/curve_export.h"

#include "app/post.h"
#include "app/problem.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/store/run_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <stop_token>
#include <utility>

namespace krater {

namespace {

constexpr std::size_t kChunkBytes = 1 << 20;

std::string quoted(const std::string &text)
{
    if (text.find_first_of(",\"\n\r") == std::string::npos)
        return text;
    std::string result = "\"";
    for (const char character : text) {
        if (character == '"')
            result += '"';
        result += character;
    }
    return result + '"';
}

// Writes the curves of one run after the other; says how far it is by `progress` and whether to go on by its answer.
class CsvWriter {
public:
    CsvWriter(RunReader &reader, const std::filesystem::path &target) : m_reader(reader), m_file(target)
    {
        m_text = "run,name,metric,domain,step,tokens,seconds,value\n";
    }

    void writeCurve(const RunRecord &run, const std::vector<RunReader::StepClock> &clock, const std::string &metric,
                    int domain)
    {
        const std::string domainName =
            domain >= 0 && std::size_t(domain) < run.domains.size() ? run.domains[std::size_t(domain)] : std::string();
        const std::string head =
            fmt::format("{},{},{},{},", run.id, quoted(run.name), quoted(metric), quoted(domainName));
        auto time = clock.begin();
        for (const CurvePoint &point : m_reader.curve(run.id, metric, domain)) {
            time = std::find_if(time, clock.end(),
                                [&](const RunReader::StepClock &entry) { return entry.step >= point.step; });
            m_text += head;
            if (time != clock.end() && time->step == point.step)
                fmt::format_to(std::back_inserter(m_text), "{},{},{},{}\n", point.step, time->tokens, time->seconds,
                               point.value);
            else
                fmt::format_to(std::back_inserter(m_text), "{},,,{}\n", point.step, point.value);
            ++m_numPoints;
            flush(kChunkBytes);
        }
    }

    void commit()
    {
        flush(0);
        m_file.commit();
    }

    std::int64_t numPoints() const { return m_numPoints; }

private:
    void flush(std::size_t limit)
    {
        if (m_text.size() <= limit)
            return;
        m_file.write(m_text);
        m_text.clear();
    }

    RunReader &m_reader;
    AtomicFile m_file;
    std::string m_text;
    std::int64_t m_numPoints = 0;
};

struct RunCurves {
    RunRecord run;
    std::vector<std::pair<std::string, int>> names;
};

std::vector<RunCurves> listCurves(RunReader &reader, const std::vector<RunId> &runs)
{
    std::vector<RunCurves> list;
    for (RunId id : runs)
        if (const std::optional<RunRecord> record = reader.run(id))
            list.push_back({*record, reader.curveNames(id)});
    return list;
}

} // namespace

CurveExport::CurveExport(QObject *parent) : QObject(parent) { }

CurveExport::~CurveExport() = default;

void CurveExport::start(const std::filesystem::path &store, const std::vector<RunId> &runs,
                        const std::filesystem::path &target)
{
    const int number = ++m_number;
    m_running = true;
    m_thread = std::jthread([=, this](std::stop_token stop) {
        try {
            RunReader reader(store);
            CsvWriter writer(reader, target);
            const std::vector<RunCurves> list = listCurves(reader, runs);
            int done = 0, total = 0;
            for (const RunCurves &entry : list)
                total += int(entry.names.size());
            for (const RunCurves &entry : list) {
                const std::vector<RunReader::StepClock> clock = reader.clock(entry.run.id);
                for (const auto &[metric, domain] : entry.names) {
                    if (stop.stop_requested())
                        return;
                    writer.writeCurve(entry.run, clock, metric, domain);
                    post(number, [this, now = ++done, total] { emit progressChanged(now, total); });
                }
            }
            writer.commit();
            post(number, [this, file = QString::fromStdString(target.string()), points = writer.numPoints()] {
                m_running = false;
                emit finished(file, points);
            });
        } catch (const std::exception &error) {
            post(number, [this, problem = problemOf(error)] {
                m_running = false;
                emit failed(problem.message, problem.advice);
            });
        }
    });
}

void CurveExport::cancel()
{
    if (!m_running)
        return;
    ++m_number;
    m_thread.request_stop();
    m_running = false;
    emit cancelled();
}

void CurveExport::post(int number, std::function<void()> call)
{
    krater::post(this, [this, number, call = std::move(call)] {
        if (number == m_number)
            call();
    });
}

} // namespace krater
