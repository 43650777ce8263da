// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/training_output.h"

#include "core/store/event_metrics.h"

namespace krater::cli {
namespace {

// One JSON object per line, each flushed: what a program that drives krater-cli reads. A reader that goes away does not end the run.
class JsonOutput : public TrainingOutput {
public:
    explicit JsonOutput(const Options &options) : m_store(options.storeFile()) { }

    void started(const RunStart &start) override;
    void onEvent(const RunEvent &event) override
    {
        std::visit([this](const auto &e) { on(e); }, event);
    }
    void message(const std::string &text) override { write(messageLine("info", 0, text)); }
    void problem(const std::string &text) override
    {
        write(messageLine("error", 0, text));
        printError(text);
    }
    void finished(const RunEnd &end) override;
    void planFinished(const PlanEnd &end) override;

private:
    void on(const StepEvent &event);
    void on(const EvaluationEvent &event);
    void on(const MessageEvent &event);
    void on(const StateEvent &event);
    void on(const CheckpointEvent &) { } // not on disk yet
    void on(const CheckpointSavedEvent &event);
    template <typename Event>
    void writeMetrics(const char *name, const Event &event);
    Json messageLine(std::string_view kind, std::uint64_t step, const std::string &text) const;
    void write(const Json &line) { m_reader.print(jsonLine(line)); }

    std::filesystem::path m_store;
    RunId m_run = 0;
    std::vector<std::string> m_domains;
    std::uint64_t m_step = 0; // the last one seen
    TrainingReader m_reader;
};

// What comes from the program or the store, not from the trainer, has no step of its own.
Json JsonOutput::messageLine(std::string_view kind, std::uint64_t step, const std::string &text) const
{
    return {{"event", "message"}, {"kind", kind}, {"step", step > 0 ? step : m_step}, {"text", text}};
}

void JsonOutput::started(const RunStart &start)
{
    m_run = start.run.id;
    m_domains = start.run.domains;
    m_step = start.resumedFrom.value_or(0);
    Json line = {{"event", "run_started"},
                 {"run", m_run},
                 {"state", toString(start.run.state)},
                 {"name", start.run.name},
                 {"store", m_store.string()},
                 {"experiment_file", start.run.experimentFile},
                 {"policy", start.run.policy},
                 {"seed", start.run.seed},
                 {"domains", m_domains},
                 {"num_steps", start.run.numSteps},
                 {"token_budget", start.run.tokenBudget}};
    addPlanJson(line, start.run);
    if (start.resumedFrom)
        line["resumed_from"] = *start.resumedFrom;
    write(line);
}

template <typename Event>
void JsonOutput::writeMetrics(const char *name, const Event &event)
{
    Json line = {{"event", name}, {"step", event.step}, {"tokens", event.tokens}, {"seconds", event.seconds}};
    struct {
        void operator()(const std::string &metric, double value) const { line[metric] = value; }
        void operator()(const std::string &metric, const std::vector<double> &values) const
        {
            line[metric] = byDomain(domains, values);
        }
        const std::vector<std::string> &domains;
        Json &line;
    } add{m_domains, line};
    visitMetrics(event, add);
    write(line);
}

void JsonOutput::on(const StepEvent &event)
{
    m_step = event.step;
    writeMetrics("step", event);
}

void JsonOutput::on(const EvaluationEvent &event)
{
    writeMetrics("evaluation", event);
}

void JsonOutput::on(const MessageEvent &event)
{
    Json line = messageLine(toString(event.kind), event.step, event.text);
    if (!event.mixture.empty())
        line["mixture"] = byDomain(m_domains, event.mixture);
    write(line);
}

void JsonOutput::on(const StateEvent &event)
{
    // The last state comes with "finished", once the store has everything.
    if (isActive(event.state))
        write({{"event", "message"},
               {"kind", "state"},
               {"step", event.step},
               {"state", toString(event.state)},
               {"text", event.message}});
}

void JsonOutput::on(const CheckpointSavedEvent &event)
{
    write({{"event", "checkpoint"},
           {"step", event.step},
           {"best", event.best},
           {"bytes", event.bytes},
           {"file", event.file}});
}

void JsonOutput::finished(const RunEnd &end)
{
    Json line = {{"event", "finished"},
                 {"run", end.run.id},
                 {"state", toString(end.run.state)},
                 {"step", end.run.step},
                 {"tokens", end.run.tokens},
                 {"seconds", end.run.seconds},
                 {"message", end.run.message},
                 {"exit_code", end.exitCode},
                 {"domains", domainsJson(end.domains)},
                 {"stored", end.stored},
                 {"checkpoint", end.checkpoint ? Json(*end.checkpoint) : Json(nullptr)}};
    if (!end.resumeCommand.empty())
        line["resume"] = end.resumeCommand;
    write(line);
}

void JsonOutput::planFinished(const PlanEnd &end)
{
    Json stages = Json::array();
    for (const RunRecord &run : end.runs) {
        const FixedLosses &losses = end.losses.at(run.id);
        Json stage = {{"run", run.id},
                      {"state", toString(run.state)},
                      {"step", run.step},
                      {"num_steps", run.numSteps},
                      {"tokens", run.tokens},
                      {"loss.held_out", {{"natural", losses.natural}, {"uniform", losses.uniform}}}};
        addPlanJson(stage, run);
        stages.push_back(std::move(stage));
    }
    Json line = {{"event", "plan_finished"},
                 {"plan", end.id},
                 {"num_stages", end.plan.stages.size()},
                 {"exit_code", end.exitCode},
                 {"stages", std::move(stages)}};
    if (!end.resumeCommand.empty())
        line["resume"] = end.resumeCommand;
    write(line);
}

} // namespace

std::unique_ptr<TrainingOutput> makeJsonOutput(const Options &options)
{
    return std::make_unique<JsonOutput>(options);
}

} // namespace krater::cli
