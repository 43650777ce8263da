// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/training_session.h"

#include "app/engine_loader.h"
#include "app/post.h"
#include "app/run_event_buffer.h"
#include "app/run_library.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/config/experiment_toml.h"
#include "core/config/experiment_checks.h"
#include "core/store/run_writer.h"

#include <chrono>
#include <limits>
#include <utility>

namespace krater {

namespace {

constexpr int kDrainMs = 33; // about the rate at which plots are drawn

QString firstErrors(const Issues &issues)
{
    constexpr int kMaxShown = 3;
    QStringList lines;
    for (const Issue &issue : issues)
        if (issue.severity == Issue::Severity::Error && lines.size() < kMaxShown)
            lines.append(QString::fromStdString(issue.message));
    return lines.join(QLatin1Char('\n'));
}

} // namespace

TrainingSession::TrainingSession(EngineLoader *engine, RunLibrary *library, QObject *parent)
    : QObject(parent)
    , m_engine(engine)
    , m_library(library)
{
    m_timer.setInterval(kDrainMs);
    connect(&m_timer, &QTimer::timeout, this, &TrainingSession::drain);
    connect(&m_launcher, &RunLauncher::phaseChanged, this, &TrainingSession::stateChanged);
    connect(&m_launcher, &RunLauncher::launched, this, [this](const std::shared_ptr<LaunchedRun> &run) { begin(*run); });
    connect(&m_launcher, &RunLauncher::failed, this, &TrainingSession::giveUp);
}

// A store that cannot be written must not keep the program from ending: after some seconds the trainer no longer waits for it.
TrainingSession::~TrainingSession()
{
    constexpr auto kPatience = std::chrono::seconds(10);
    m_launcher.join();
    if (m_worker.joinable())
        m_worker.join();
    if (!m_thread)
        return;
    m_thread->stop();
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (krater::isActive(m_thread->state()) && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (krater::isActive(m_thread->state()))
        m_library->writer()->stopWaiting();
    m_thread.reset();
}

RunState TrainingSession::state() const
{
    if (m_phase == Phase::Launching)
        return m_stopWanted ? RunState::Stopping : RunState::Preparing;
    if (m_phase == Phase::Finishing && (m_end == RunState::Stopped || m_stopWanted))
        return RunState::Stopping;
    // What was asked for is known before the trainer has done it.
    const RunState coming = m_thread ? m_thread->state() : RunState::Done;
    if (coming == RunState::Pausing || coming == RunState::Stopping)
        return coming;
    return m_view ? m_view->record().state : RunState::Done;
}

QString TrainingSession::message() const
{
    if (m_phase == Phase::Launching)
        return m_launcher.message();
    return m_view ? QString::fromStdString(m_view->record().message) : QString();
}

double TrainingSession::tokensPerSecond() const
{
    if (m_phase != Phase::Training || state() != RunState::Running)
        return 0;
    const double latest = m_view->latest(QString::fromLatin1(metric::kTokensPerSecond), -1);
    return latest > 0 ? latest : 0;
}

double TrainingSession::secondsLeft() const
{
    const double speed = tokensPerSecond();
    if (speed <= 0)
        return std::numeric_limits<double>::quiet_NaN();
    const RunRecord &record = m_view->record();
    return record.tokens < record.tokenBudget ? double(record.tokenBudget - record.tokens) / speed : 0;
}

void TrainingSession::start(const Experiment &experiment, const QString &experimentFile)
{
    if (!acceptsStart())
        return;
    const Issues issues = validate(experiment);
    if (hasErrors(issues)) {
        emit failed(tr("The experiment cannot be run:\n%1").arg(firstErrors(issues)),
                    tr("Correct it, then start again."));
        return;
    }
    if (const auto missing = missingStage(experiment)) {
        emit failed(QString::fromStdString(missing->issue.message), QString::fromStdString(missing->issue.advice));
        return;
    }
    m_plan.reset();
    if (!experiment.stages.empty())
        m_plan = Plan{.experiment = experiment, .experimentFile = experimentFile.toStdString()};
    launch([experiment, file = experimentFile.toStdString()](RunWriter &writer) {
        return createRun(writer, experiment, file);
    });
}

void TrainingSession::resumeRun(RunId run)
{
    if (!acceptsStart())
        return;
    m_plan.reset();
    launch([run](RunWriter &writer) { return reopenRun(writer, run); });
}

bool TrainingSession::acceptsStart()
{
    if (!isActive())
        return true;
    emit failed(tr("A run is being trained already."), tr("Stop it, or wait until it is done."));
    return false;
}

void TrainingSession::launch(RunLauncher::Launch launch)
{
    m_stopWanted = false;
    m_phase = Phase::Launching;
    m_launcher.request(std::move(launch));
}

void TrainingSession::giveUp(const Problem &problem)
{
    setPhase(Phase::Idle);
    emit failed(problem.message, problem.advice);
}

void TrainingSession::begin(LaunchedRun &launched)
{
    const RunId id = launched.record.id;
    std::shared_ptr<RunView> view = m_library->view(id);
    if (!view)
        view = std::make_shared<RunView>(launched.record);
    m_library->adopt(view);
    view->clear();
    addTo(*view, launched.history);
    m_view = std::move(view);
    m_plan = launched.plan;
    m_buffer = std::make_unique<RunEventBuffer>();
    m_thread = std::make_unique<RunThread>(makeRequest(launched));
    if (m_stopWanted)
        m_thread->stop();
    m_timer.start();
    m_phase = Phase::Training;
    emit runStarted(id);
    emit stateChanged();
}

RunRequest TrainingSession::makeRequest(LaunchedRun &launched)
{
    RunWriter *writer = m_library->writer();
    RunEventBuffer *buffer = m_buffer.get();
    RunRequest made;
    made.experiment = launched.experiment;
    made.engine = m_engine->engine();
    made.cacheFolder = cacheFolder();
    made.resumeFrom = launched.resumeFrom;
    made.notes = launched.notes;
    made.initialWeights = std::move(launched.inputs.initialWeights); // may be large
    made.referenceWeights = std::move(launched.inputs.referenceWeights);
    made.referenceModel = launched.inputs.referenceModel;
    made.observers = {&writer->observerFor(launched.record.id), buffer};
    made.onPreparing = [buffer](const CorpusProgress &progress) { buffer->setProgress(progress); };
    made.onReady = [buffer, writer, run = launched.record.id,
                    known = launched.corpusHash](const LanguageModelInfo &model, const CorpusFacts &corpus) {
        if (!known.empty() && corpus.hash != known)
            throw Error("The text of this run's domains has changed since it was started.",
                        "A resumed run and all stages of a plan must see the same text: bring the files back, or start a new run.");
        writer->setRunFacts(run, model, corpus);
        buffer->setFacts({model, corpus});
    };
    return made;
}

void TrainingSession::pause()
{
    if (!m_thread)
        return;
    m_thread->pause();
    emit stateChanged();
}

void TrainingSession::resume()
{
    if (!m_thread)
        return;
    m_thread->resume();
    emit stateChanged();
}

void TrainingSession::stop()
{
    if (!isActive())
        return;
    m_stopWanted = true;
    if (m_phase == Phase::Launching && m_launcher.cancel()) {
        m_library->reserve(false);
        setPhase(Phase::Idle);
        return;
    }
    if (m_thread)
        m_thread->stop();
    emit stateChanged();
}

void TrainingSession::editMixture(const Mixture &mixture)
{
    if (m_thread)
        m_thread->editMixture(mixture);
}

void TrainingSession::drain()
{
    const RunEventBuffer::Contents contents = m_buffer->take();
    if (contents.facts)
        m_view->setRecord(contents.facts->addedTo(m_view->record()));
    std::optional<StateEvent> end;
    const bool stateMoved = apply(contents.events, end);
    if (contents.progress) {
        m_preparation = contents.progress;
        emit preparationChanged();
    }
    if (m_preparation && state() != RunState::Preparing) {
        m_preparation.reset();
        emit preparationChanged();
    }
    m_view->publish();
    if (end)
        finish(*end);
    else if (stateMoved)
        emit stateChanged();
}

// True if the state moved; the end is kept back.
bool TrainingSession::apply(const std::vector<RunEvent> &events, std::optional<StateEvent> &end)
{
    bool stateMoved = false;
    for (const RunEvent &event : events) {
        const auto *state = std::get_if<StateEvent>(&event);
        if (state && !krater::isActive(state->state)) {
            end = *state;
            continue;
        }
        stateMoved = stateMoved || state;
        m_view->apply(event);
    }
    return stateMoved;
}

// The end is told when it is on disk: until then the state is the one before.
void TrainingSession::finish(const StateEvent &end)
{
    m_timer.stop();
    m_phase = Phase::Finishing;
    m_end = end.state;
    m_worker = std::jthread(
        [this, end, thread = std::shared_ptr<RunThread>(std::move(m_thread)), writer = m_library->writer()]() mutable {
            thread.reset();
            Problem problem;
            try {
                writer->flush();
            } catch (const std::exception &error) {
                problem = problemOf(error);
            }
            post(this, [this, end, problem] { close(end, problem); });
        });
}

void TrainingSession::close(const StateEvent &end, const Problem &problem)
{
    m_view->apply(end);
    m_view->publish();
    const RunRecord &record = m_view->record();
    m_library->release(record.id);
    if (m_plan)
        m_plan->runs[record.plan->stage] = record;
    if (problem.message.isEmpty() && goesOn(end)) {
        launch([run = record.id](RunWriter &writer) { return reopenRun(writer, run); });
        return;
    }
    m_library->reserve(false);
    setPhase(Phase::Idle);
    if (!problem.message.isEmpty())
        emit failed(problem.message, problem.advice);
}

bool TrainingSession::goesOn(const StateEvent &end) const
{
    return end.state == RunState::Done && !m_stopWanted && m_plan && !m_plan->isDone();
}

void TrainingSession::setPhase(Phase phase)
{
    m_phase = phase;
    emit stateChanged();
}

} // namespace krater
