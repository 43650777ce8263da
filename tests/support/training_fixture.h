// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/tokenized_corpus.h"
#include "core/train/run_events.h"

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

namespace krater {

// A small run for tests of everything around the model: three domains of different size, context 8, 4 sequences a step.

inline std::shared_ptr<const TokenizedCorpus> smallCorpus()
{
    std::vector<std::vector<TokenId>> training, heldOut;
    for (const std::size_t size : {100u, 400u, 1000u}) {
        training.emplace_back();
        heldOut.emplace_back();
        for (std::size_t i = 0; i < size; ++i)
            training.back().push_back(TokenId((i * i + size) % 251));
        for (std::size_t i = 0; i < 200; ++i)
            heldOut.back().push_back(TokenId((i * 7 + size) % 251));
    }
    return makeTokenizedCorpus(std::move(training), std::move(heldOut));
}

inline Experiment smallExperiment(std::uint64_t steps = 60)
{
    Experiment e;
    e.info.name = "small";
    e.info.seed = 5;
    for (const char *name : {"a", "b", "c"}) {
        e.domains.emplace_back();
        e.domains.back().name = name;
        e.domains.back().sources = {"*.txt"};
    }
    e.model = {.architecture = "gpt2", .layers = 1, .width = 8, .heads = 1, .context = 8};
    e.training.sequencesPerStep = 4;
    e.training.tokenBudget = steps * 32;
    e.training.evalInterval = 10;
    e.training.evalTokens = 64;
    e.training.checkpointInterval = 15;
    e.mixture.policy = "gibbs";
    e.mixture.parameters = {{"temperature", 0.5}, {"smoothing", 0.5}};
    return e;
}

// Keeps all events of a run.
class EventLog : public RunObserver {
public:
    void onRunEvent(const RunEvent &event) override { events.push_back(event); }

    template <typename Event>
    std::vector<Event> all() const
    {
        std::vector<Event> found;
        for (const RunEvent &event : events)
            if (const auto *one = std::get_if<Event>(&event))
                found.push_back(*one);
        return found;
    }

    std::vector<RunState> states() const
    {
        std::vector<RunState> found;
        for (const StateEvent &event : all<StateEvent>())
            if (found.empty() || found.back() != event.state)
                found.push_back(event.state);
        return found;
    }

    std::vector<RunEvent> events;
};

// Equal to the last bit; NaN equals NaN.
inline bool sameNumbers(const std::vector<double> &a, const std::vector<double> &b)
{
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

inline bool sameTerms(const std::vector<PolicyTerm> &a, const std::vector<PolicyTerm> &b)
{
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i].name != b[i].name || !sameNumbers(a[i].values, b[i].values))
            return false;
    return true;
}

// All but the clock: seconds and tokens per second differ from run to run.
inline bool samePoint(const StepEvent &a, const StepEvent &b)
{
    return a.step == b.step && a.tokens == b.tokens && sameNumbers(a.losses, b.losses) && sameNumbers(a.imputedLosses, b.imputedLosses)
        && sameNumbers(a.targetShare, b.targetShare) && sameNumbers(a.objectiveShare, b.objectiveShare) && sameNumbers(a.realisedShare, b.realisedShare) && sameNumbers(a.tokensDrawn, b.tokensDrawn) && sameNumbers(a.epochs, b.epochs)
        && sameTerms(a.terms, b.terms) && sameNumbers({a.gradientNorm, a.learningRate, a.effectiveDomains}, {b.gradientNorm, b.learningRate, b.effectiveDomains});
}

inline bool samePoint(const EvaluationEvent &a, const EvaluationEvent &b)
{
    return a.step == b.step && a.tokens == b.tokens && sameNumbers(a.losses, b.losses) && sameNumbers(a.targetShare, b.targetShare)
        && sameNumbers(a.gaps, b.gaps) && sameNumbers(a.epochWorth, b.epochWorth) && a.effectiveDomains == b.effectiveDomains
        && sameTerms(a.terms, b.terms);
}

inline bool sameSnapshot(const TrainerSnapshot &a, const TrainerSnapshot &b)
{
    if (a.tensors.size() != b.tensors.size())
        return false;
    for (std::size_t i = 0; i < a.tensors.size(); ++i)
        if (a.tensors[i].name != b.tensors[i].name || a.tensors[i].shape != b.tensors[i].shape || a.tensors[i].bytes != b.tensors[i].bytes)
            return false;
    return a.step == b.step && a.tokens == b.tokens && sameNumbers(a.mixture, b.mixture) && a.policyState == b.policyState
        && a.sampler == b.sampler && sameNumbers(a.lastHeldOut, b.lastHeldOut) && a.stopState == b.stopState && a.bestLoss == b.bestLoss;
}

} // namespace krater
