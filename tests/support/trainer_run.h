// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/fake_language_model.h"
#include "core/train/trainer.h"

#include "tests/support/training_fixture.h"

#include <algorithm>

namespace krater {

// A run of the fake engine without a thread.
struct Run {
    explicit Run(const Experiment &experiment, const FakeEngineOptions &options = {}, std::shared_ptr<const TokenizedCorpus> corpus = smallCorpus())
        : trainer(experiment, corpus,
                  makeFakeEngine(options)->create({experiment.model, experiment.training, 257, experiment.info.seed}),
                  [this](const RunEvent &event) { log.onRunEvent(event); })
    {
    }

    Trainer::Status toTheEnd(std::uint64_t until = ~std::uint64_t{0})
    {
        while (trainer.status() == Trainer::Status::Training && trainer.stepsDone() < until)
            trainer.step();
        return trainer.status();
    }

    std::shared_ptr<const TrainerSnapshot> lastSnapshot() const { return log.all<CheckpointEvent>().back().snapshot; }

    EventLog log;
    Trainer trainer;
};

inline Experiment heldOutGibbs(std::uint64_t steps = 60)
{
    Experiment e = smallExperiment(steps);
    e.mixture.parameters = {{"signal", std::string("held_out")}};
    return e;
}

// Points of `log` after `step` equal those of the undisturbed run, and there are as many.
inline bool samePointsAfter(const EventLog &undisturbed, const EventLog &log, std::uint64_t step)
{
    const auto after = [step](const auto &events) {
        auto kept = events;
        std::erase_if(kept, [step](const auto &event) { return event.step <= step; });
        return kept;
    };
    const auto steps = after(undisturbed.all<StepEvent>()), ownSteps = after(log.all<StepEvent>());
    const auto evaluations = after(undisturbed.all<EvaluationEvent>()), ownEvaluations = after(log.all<EvaluationEvent>());
    return !steps.empty() && std::ranges::equal(steps, ownSteps, [](const auto &a, const auto &b) { return samePoint(a, b); })
        && std::ranges::equal(evaluations, ownEvaluations, [](const auto &a, const auto &b) { return samePoint(a, b); });
}

inline bool mentions(const std::string &text, const char *part)
{
    return text.find(part) != std::string::npos;
}

} // namespace krater
