// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Measures what policies that only look at losses add to a step: `bench_policies [domains] [steps]`, 100 and 1,000 unless given. The share is of a
// step of the quick start's model on one thread. Times are the processor's, so that other programs do not count. Parameters are the defaults; policies
// that have a more costly choice are there with it, too.

#include "core/base/error.h"
#include "core/base/rng.h"
#include "core/mixture/policy_registry.h"
#include "core/train/language_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>

namespace {

using namespace krater;

constexpr std::uint64_t kStepsPerEvaluation = 100;

// Of the processor, in all threads.
double nowMs()
{
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

// The median of some steps.
double quickStartStepMs()
{
    constexpr int kNumSteps = 30;
    constexpr std::size_t kNumSequences = 8;
    LanguageModelSpec spec;
    spec.model = {.architecture = "gpt2", .layers = 4, .width = 128, .heads = 4, .context = 256};
    spec.training.sequencesPerStep = int(kNumSequences);
    spec.training.threads = 1;
    spec.training.device = "cpu";
    spec.vocabulary = 257;
    const auto model = loadEngine()->create(spec);
    const auto context = static_cast<std::size_t>(spec.model.context);
    Batch batch{.numSequences = kNumSequences, .context = context, .tokens = {}, .domains = std::vector<std::uint32_t>(kNumSequences, 0)};
    Rng rng(1);
    for (std::size_t i = 0; i < kNumSequences * (context + 1); ++i)
        batch.tokens.push_back(static_cast<TokenId>(rng.below(257)));
    std::vector<double> ms;
    for (int step = 0; step < kNumSteps; ++step) {
        const double start = nowMs();
        model->trainStep(batch, 1e-3);
        ms.push_back(nowMs() - start);
    }
    std::ranges::sort(ms);
    return ms[ms.size() / 2];
}

PolicyContext contextOf(std::size_t numDomains, std::uint64_t numSteps)
{
    PolicyContext context{.domains = {}, .tokens = {}, .tokenBudget = numSteps * 1024, .numSteps = numSteps};
    for (std::size_t k = 0; k < numDomains; ++k) {
        context.domains.push_back(fmt::format("domain {}", k));
        context.tokens.push_back(1e5 * static_cast<double>(k + 1));
    }
    return context;
}

struct Case {
    const PolicyInfo *info;
    std::string note;
    ParameterValues values;
};

std::vector<Case> cases(const PolicyContext &context)
{
    std::vector<Case> all;
    for (const PolicyInfo &info : policies()) {
        if (info.needs != PolicyNeeds::Losses)
            continue;
        ParameterValues values;
        Weights ones;
        for (const std::string &domain : context.domains)
            ones[domain] = 1.0;
        for (const ParamSpec &spec : info.parameters)
            if (spec.kind == ParamSpec::Kind::Weights || spec.kind == ParamSpec::Kind::Numbers)
                values[spec.name] = ones;
        all.push_back({&info, "", values});
        if (info.name == "sheared_llama")
            all.push_back({&info, "law", {{"target_from", std::string("law")}}});
        if (info.name == "skill_it")
            all.push_back({&info, "probes", {{"graph", std::string(kProbedGraph)}, {"probe_steps", 1.0}}});
        values["max_epochs"] = 4.0;
        all.push_back({&info, "capped", values});
    }
    return all;
}

// What a run of so many steps spends in the policy, each step with its training losses and every 100th with the held-out ones.
void measure(const Case &one, const PolicyContext &context, double stepMs)
{
    const auto policy = createPolicy(one.info->name, context, one.values);
    const std::size_t numDomains = context.numDomains();
    Rng rng(7);
    PolicyInput input;
    input.present.assign(numDomains, true);
    input.tokens.assign(numDomains, 1024.0 / static_cast<double>(numDomains));
    input.losses.resize(numDomains);
    double total = 0.0, longest = 0.0;
    for (std::uint64_t step = 1; step <= context.numSteps; ++step) {
        input.step = step;
        input.tokensDone = step * 1024;
        for (std::size_t k = 0; k < numDomains; ++k)
            input.losses[k] = 1.0 + 0.01 * static_cast<double>(k) + 20.0 * std::pow(double(input.tokensDone), -0.3) + 0.05 * rng.uniform();
        const double start = nowMs();
        input.signal = PolicyInput::Signal::Training;
        if (policy->update(input))
            policy->diagnostics();
        input.signal = PolicyInput::Signal::HeldOut;
        if ((step % kStepsPerEvaluation == 0 || policy->wantsEvaluation()) && policy->update(input))
            policy->diagnostics();
        const double ms = nowMs() - start;
        total += ms;
        longest = std::max(longest, ms);
    }
    const double mean = total / static_cast<double>(context.numSteps);
    fmt::print("{:<14} {:<7} {:>9.4f} {:>10.3f} {:>9.3f} %\n", one.info->name, one.note, mean, longest, 100.0 * mean / stepMs);
}

} // namespace

int main(int argc, char **argv)
{
    try {
        const auto numDomains = static_cast<std::size_t>(argc > 1 ? std::atoi(argv[1]) : 100);
        const auto numSteps = static_cast<std::uint64_t>(argc > 2 ? std::atoi(argv[2]) : 1000);
        const PolicyContext context = contextOf(std::max<std::size_t>(numDomains, 1), std::max<std::uint64_t>(numSteps, 1));
        const double stepMs = quickStartStepMs();
        fmt::print("{} domains, {} steps; a step of the quick start takes {:.2f} ms\n", context.numDomains(), context.numSteps, stepMs);
        fmt::print("{:<14} {:<7} {:>9} {:>10} {:>11}\n", "policy", "", "ms a step", "longest", "of a step");
        for (const Case &one : cases(context))
            measure(one, context, stepMs);
    } catch (const Error &error) {
        fmt::print(stderr, "bench_policies: {} {}\n", error.what(), error.advice());
        return 1;
    }
    return 0;
}
