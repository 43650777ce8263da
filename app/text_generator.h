// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/stored_model.h"
#include "core/train/text_generation.h"

#include <QObject>
#include <QString>
#include <QStringList>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>

namespace krater {

class EngineLoader;
struct Problem;

// Lets the model of a stored run go on with a text, on a background thread. The model stays loaded for the next text of the same checkpoint. UI thread only.
class TextGenerator : public QObject {
    Q_OBJECT

public:
    enum class State { Idle, Loading, Generating };

    // What is to be generated, by which checkpoint of which run.
    struct Request {
        QString store; // file
        RunId run = 0;
        bool best = false; // the best checkpoint instead of the newest
        QString prompt;
        GenerationConfig config;
    };

    explicit TextGenerator(EngineLoader &engine, QObject *parent = nullptr);
    ~TextGenerator() override; // cancels and joins

    void generate(const Request &request); // instead of what is being generated; waits for the engine
    void cancel();

    State state() const { return m_state; }

signals:
    void stateChanged();
    void modelLoaded(quint64 step, const QString &device, const QStringList &notes);
    void textAdded(const QString &text);
    void finished(const krater::GeneratedText &text); // also of a cancelled one
    void failed(const QString &message, const QString &advice);

private:
    struct Loaded; // a model and what it was loaded from

    void proceed();                                              // as far as the engine allows
    void run(const Request &request, int number, const std::shared_ptr<const Engine> &engine, std::stop_token stop); // on the worker thread
    void load(const Request &request, const std::shared_ptr<const Engine> &engine, std::stop_token stop);            // on it too
    void post(int number, std::function<void()> call);           // to the UI thread, unless another request is wanted by then
    void setState(State state);
    void finish(const GeneratedText &text);
    void giveUp(const Problem &problem);

    EngineLoader &m_engine;
    State m_state = State::Idle;
    int m_number = 0;                   // of the request that is wanted
    std::optional<Request> m_waiting;   // for the engine
    std::unique_ptr<Loaded> m_loaded;   // the worker thread's
    std::jthread m_worker;              // last: joined before the rest goes
};

} // namespace krater
