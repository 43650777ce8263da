// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/corpus_facts.h"
#include "core/train/run_events.h"

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace krater {

// Everything a run is made from. `resumeFrom` continues a stopped or killed run.
struct RunRequest {
    Experiment experiment;                              // the frozen copy
    std::shared_ptr<const Engine> engine;
    std::shared_ptr<const TokenizedCorpus> corpus;      // empty: opened in the thread (state Preparing), from cacheFolder
    std::filesystem::path cacheFolder;
    std::shared_ptr<const TrainerSnapshot> resumeFrom;  // empty: from the start
    std::vector<NamedTensor> initialWeights;            // "model.*" of another run, instead of drawn ones; empty: drawn. Not used with resumeFrom
    std::vector<NamedTensor> referenceWeights;          // "model.*" of the run whose losses are the reference; empty: none
    std::optional<ModelConfig> referenceModel;          // what they are the weights of; empty: the experiment's model
    std::vector<std::string> notes;                     // what the log of a resumed run should tell, as warnings
    std::vector<RunObserver *> observers;               // outlive the thread; called in this order
    // Called on the run's thread, if set. onReady once, before the first step; what it throws makes the run Failed.
    std::function<void(const CorpusProgress &)> onPreparing;
    std::function<void(const LanguageModelInfo &, const CorpusFacts &)> onReady;
};

// One run in a thread of its own. Commands may come from any thread, return at once and take effect at the next step boundary, pausing and
// stopping also between the batches of an evaluation; of mixtures that are set in between the last one counts. Each is answered by a
// StateEvent or MessageEvent. Whatever goes wrong in the thread becomes a state (Failed, Diverged) with a message; nothing escapes.
// Destroying it stops the run (with a checkpoint) and joins.
class RunThread {
public:
    explicit RunThread(RunRequest request);
    ~RunThread();
    RunThread(const RunThread &) = delete;
    RunThread &operator=(const RunThread &) = delete;

    void pause();                          // checkpoint, then Paused
    void resume();
    void stop();                           // checkpoint, then Stopped
    void editMixture(const Mixture &mixture); // in force from the next step; adaptive policies go on from there at their next update

    RunState state() const;
    void join(); // until the thread has ended

private:
    class Worker;
    std::unique_ptr<Worker> m_worker;
};

} // namespace krater
