// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_reader.h"
#include "core/store/run_writer.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

namespace krater::samples {

// A made-up run over three domains whose every value follows from its step, so that tests know what must come back.

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

inline RunRecord record(const std::string &name = "sample")
{
    RunRecord run;
    run.name = name;
    run.domains = {"quotes", "code", "manual"};
    run.colours = {"#0072B2", "#E69F00", "#009E73"};
    run.domainTokens = {1000, 20000, 5000};
    run.policy = "gibbs";
    run.experimentToml = "[experiment]\nname = \"" + name + "\"\n";
    run.seed = 7;
    run.numSteps = 5000;
    run.tokenBudget = 640000;
    return run;
}

inline double loss(std::uint64_t step, int domain)
{
    return 5.0 / std::sqrt(double(step) + 1.0) + 0.1 * domain + 1e-13 * double(step % 7);
}

inline bool isPresent(std::uint64_t step, int domain)
{
    return domain != 2 || step % 3 != 0; // the third domain is missing from every third batch
}

inline std::vector<double> shares(std::uint64_t step)
{
    const double a = 0.5 / double(step + 1);
    return {a, 0.3, 0.7 - a};
}

inline StepEvent step(std::uint64_t step)
{
    StepEvent event;
    event.step = step;
    event.tokens = step * 128;
    event.seconds = 0.01 * double(step);
    for (int domain = 0; domain < 3; ++domain)
        event.losses.push_back(isPresent(step, domain) ? loss(step, domain) : kNaN);
    event.targetShare = shares(step);
    event.realisedShare = {0.25, 0.25, 0.5};
    event.tokensDrawn = {32.0 * double(step), 32.0 * double(step), 64.0 * double(step)};
    event.epochs = {0.032 * double(step), 0.0016 * double(step), 0.0128 * double(step)};
    if (step % 5 == 0)
        event.terms = {{"H", {0.1, 0.2, kNaN}}};
    event.gradientNorm = 1.0 + 1.0 / double(step);
    event.learningRate = 1e-3;
    event.tokensPerSecond = 12800;
    return event;
}

inline EvaluationEvent evaluation(std::uint64_t step)
{
    EvaluationEvent event;
    event.step = step;
    event.tokens = step * 128;
    event.seconds = 0.01 * double(step);
    event.losses = {loss(step, 0) + 1, loss(step, 1) + 1, loss(step, 2) + 1};
    event.targetShare = shares(step);
    event.terms = {{"H smoothed", {1, 2, 3}}};
    return event;
}

// Evaluations at 0 and every 100 steps, then the step itself, as the trainer sends them.
inline void train(RunObserver &observer, std::uint64_t from, std::uint64_t to)
{
    if (from == 1)
        observer.onRunEvent(evaluation(0));
    for (std::uint64_t n = from; n <= to; ++n) {
        if (n % 100 == 0)
            observer.onRunEvent(evaluation(n));
        observer.onRunEvent(step(n));
    }
}

inline std::shared_ptr<const TrainerSnapshot> snapshot(std::uint64_t step, std::size_t numWeights = 1000)
{
    TrainerSnapshot state;
    state.step = step;
    state.tokens = step * 128;
    state.seconds = 0.1 + 0.2; // not a short decimal
    state.mixture = {1.0 / 3.0, 1e-300, 2.0 / 3.0};
    state.policyState = R"({"smoothed":[0.1,"ü"]})";
    state.sampler.rng = {~std::uint64_t{0}, 0, 1, 0x8000000000000001};
    state.sampler.carry = {0.1, -0.3, 1e-17};
    state.sampler.sequencesDrawn = {step, 2 * step, 3};
    state.sampler.domains = {{1, 2}, {3, 4}, {5, 6}};
    state.lastHeldOut = {2.5, kNaN, 3.5};
    state.stopState = "{}";
    state.announced = {0.25, 0.5, 0.25};
    state.bestLoss = std::numeric_limits<double>::infinity();
    state.lastEvent = std::numeric_limits<std::int64_t>::max(); // events are judged by their steps alone
    NamedTensor weights{"model.weights", NamedTensor::Type::Float32, {std::int64_t(numWeights)}, {}};
    weights.bytes.resize(numWeights * 4);
    for (std::size_t i = 0; i < weights.bytes.size(); ++i)
        weights.bytes[i] = std::byte(i * 31 + step);
    NamedTensor count{"optimizer.step", NamedTensor::Type::Int64, {}, {}};
    count.bytes.resize(8);
    std::memcpy(count.bytes.data(), &step, 8);
    state.tensors = {weights, count};
    return std::make_shared<const TrainerSnapshot>(std::move(state));
}

// The writer takes the run over and hears its first word.
inline void resume(RunWriter &writer, RunId run, std::uint64_t step)
{
    writer.prepareResume(run, snapshot(step));
    writer.observerFor(run).onRunEvent(MessageEvent{MessageEvent::Kind::Resumed, step, "resumed"});
    writer.flush();
}

// Bit for bit: also tells -0 from 0 and one NaN from another.
inline bool sameBits(double a, double b)
{
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

inline bool sameBits(const Curve &a, const Curve &b)
{
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i].step != b[i].step || !sameBits(a[i].value, b[i].value))
            return false;
    }
    return true;
}

// A run's log: "step: text" of every line of that kind.
inline std::vector<std::string> textsOf(RunReader &reader, RunId run, MessageEvent::Kind kind)
{
    std::vector<std::string> texts;
    for (const StoredEvent &stored : reader.events(run)) {
        if (stored.event.kind == kind)
            texts.push_back(std::to_string(stored.event.step) + ": " + stored.event.text);
    }
    return texts;
}

} // namespace krater::samples
