// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/text_generator.h"

#include "app/engine_loader.h"
#include "app/post.h"
#include "app/problem.h"
#include "app/worker.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/store/frozen_experiment.h"

#include <utility>

namespace krater {

namespace {

QStringList toStrings(const std::vector<std::string> &texts)
{
    QStringList strings;
    for (const std::string &text : texts)
        strings.append(QString::fromStdString(text));
    return strings;
}

} // namespace

struct TextGenerator::Loaded {
    QString store;
    RunId run = 0;
    std::uint64_t newestStep = 0; // of its checkpoints, when it was loaded
    bool best = false;
    StoredModel model;
};

TextGenerator::TextGenerator(EngineLoader &engine, QObject *parent)
    : QObject(parent)
    , m_engine(engine)
{
    connect(&engine, &EngineLoader::stateChanged, this, &TextGenerator::proceed);
}

TextGenerator::~TextGenerator() = default;

void TextGenerator::generate(const Request &request)
{
    ++m_number;
    m_worker.request_stop();
    m_waiting = request;
    setState(State::Loading);
    if (m_engine.state() == EngineLoader::State::Failed)
        m_engine.load(); // again
    proceed();
}

void TextGenerator::proceed()
{
    if (!m_waiting)
        return;
    if (m_engine.state() == EngineLoader::State::Failed) {
        m_waiting.reset();
        giveUp({m_engine.message(), m_engine.advice()});
        return;
    }
    if (m_engine.state() != EngineLoader::State::Ready)
        return;
    m_worker = replaceThread(std::move(m_worker), [this, request = *std::exchange(m_waiting, std::nullopt), number = m_number,
                                                   engine = m_engine.engine()](std::stop_token stop) { run(request, number, engine, stop); });
}

void TextGenerator::cancel()
{
    if (m_state == State::Idle)
        return;
    if (std::exchange(m_waiting, std::nullopt)) { // there is no thread yet that could say so
        finish({.text = {}, .end = GeneratedText::End::Cancelled});
        return;
    }
    m_worker.request_stop();
}

void TextGenerator::run(const Request &request, int number, const std::shared_ptr<const Engine> &engine, std::stop_token stop)
{
    GeneratedText generated;
    generated.end = GeneratedText::End::Cancelled;
    try {
        load(request, engine, stop);
        if (m_loaded && !stop.stop_requested()) {
            StoredModel &stored = m_loaded->model;
            post(number, [this, step = stored.step, device = QString::fromStdString(stored.model->info().device), notes = toStrings(stored.notes)] {
                setState(State::Generating);
                emit modelLoaded(step, device, notes);
            });
            generated = generateText(
                *stored.model, *stored.tokenizer, stored.context, request.prompt.toStdString(), request.config,
                [&](std::string_view piece) {
                    post(number, [this, text = QString::fromUtf8(piece.data(), qsizetype(piece.size()))] { emit textAdded(text); });
                },
                [&stop] { return !stop.stop_requested(); });
        }
    } catch (const std::exception &error) {
        m_loaded.reset();
        post(number, [this, problem = problemOf(error), cancelled = stop.stop_requested()] {
            if (cancelled) // reading a corpus ends so
                finish({.text = {}, .end = GeneratedText::End::Cancelled});
            else
                giveUp(problem);
        });
        return;
    }
    post(number, [this, generated] { finish(generated); });
}

// Keeps the model that is there if it is the one that is wanted, and no newer checkpoint has come since.
void TextGenerator::load(const Request &request, const std::shared_ptr<const Engine> &engine, std::stop_token stop)
{
    RunReader reader(request.store.toStdString());
    const std::optional<RunRecord> run = reader.run(request.run);
    if (!run)
        throw Error("Run " + std::to_string(request.run) + " is not in the store any more.");
    const std::vector<StoredCheckpoint> checkpoints = reader.checkpoints(request.run);
    const std::uint64_t newestStep = checkpoints.empty() ? 0 : checkpoints.back().step;
    if (m_loaded && m_loaded->store == request.store && m_loaded->run == request.run && m_loaded->best == request.best
        && m_loaded->newestStep == newestStep)
        return;
    m_loaded.reset(); // first: two may not fit
    const Experiment experiment = frozenExperiment(*run, run->overrides);
    std::optional<StoredModel> model = loadStoredModel(reader, *run, {.best = request.best}, experiment, *engine, [&] {
        return openTokenizedCorpus(experiment, cacheFolder(), stop);
    });
    if (model)
        m_loaded = std::make_unique<Loaded>(Loaded{request.store, request.run, newestStep, request.best, *std::move(model)});
}

void TextGenerator::post(int number, std::function<void()> call)
{
    krater::post(this, [this, number, call = std::move(call)] {
        if (number == m_number)
            call();
    });
}

void TextGenerator::setState(State state)
{
    if (std::exchange(m_state, state) != state)
        emit stateChanged();
}

void TextGenerator::finish(const GeneratedText &text)
{
    setState(State::Idle);
    emit finished(text);
}

void TextGenerator::giveUp(const Problem &problem)
{
    setState(State::Idle);
    emit failed(problem.message, problem.advice);
}

} // namespace krater
