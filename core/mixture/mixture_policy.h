// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/parameter.h"
#include "core/mixture/mixture.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace krater {

// What is fixed for a run.
struct PolicyContext {
    std::vector<std::string> domains;  // K names
    std::vector<double> tokens;        // K, training tokens of each domain
    std::uint64_t tokenBudget = 0;     // tokens of the run
    std::uint64_t numSteps = 0;

    std::size_t numDomains() const { return domains.size(); }
};

// What a policy may look at when it is asked. Losses are mean nats per token.
struct PolicyInput {
    enum class Signal { Training, HeldOut };

    Signal signal = Signal::Training;
    std::uint64_t step = 0;            // optimiser steps done
    std::uint64_t tokensDone = 0;
    std::vector<double> losses;        // K; meaningful where present
    std::vector<bool> present;         // K; false: no token of the domain in what was measured
    std::vector<double> tokens;        // K, tokens of each domain in what was measured
    std::vector<double> referenceLosses = {}; // K, of a reference model on the same text, NaN where there is none; empty without one
};

// A named per-domain value that explains an update ("H", "H smoothed", "log weight"); stored as policy.<name>, drawn as a curve.
struct PolicyTerm {
    std::string name;
    std::vector<double> values; // K; NaN where undefined
};

// The rule that sets the mixture over time. A pure function of (context, parameters, state, input): no clock, no random numbers of its own.
// Owned and called by one thread (the trainer's); never blocks.
class MixturePolicy {
public:
    virtual ~MixturePolicy() = default;

    virtual Mixture initial() const = 0;
    // Called after every training step (Signal::Training) and after every evaluation (Signal::HeldOut). Returns the new mixture, or nothing
    // when it keeps the old one. Throws Error when a loss is NaN or infinite.
    virtual std::optional<Mixture> update(const PolicyInput &input) = 0;
    // Terms of the last update; empty before the first.
    virtual std::vector<PolicyTerm> diagnostics() const { return {}; }
    // What people should know about the mixture that is in force, one sentence each ("UniMax leaves 20 % of the budget unspent: ...").
    virtual std::vector<std::string> warnings() const { return {}; }

    // State for checkpoints, as JSON text; restore(save()) on a fresh policy with the same context and parameters continues identically
    // (numbers are written with 17 significant digits). restore throws Error on text that it did not write.
    virtual std::string save() const { return "{}"; }
    virtual void restore(const std::string &state) { (void)state; }
};

// One entry of the registry. `create` may assume validated parameters.
struct PolicyInfo {
    std::string name;     // "gibbs"
    std::string label;    // "Gibbs"
    std::string summary;  // one sentence for people who choose
    std::string formula;  // in words and symbols, one line
    std::string reference; // paper or origin
    bool adaptive = false; // moves during the run: with the losses, or by a schedule
    std::vector<ParamSpec> parameters;
    std::function<std::unique_ptr<MixturePolicy>(const PolicyContext &, const ParameterValues &)> create;
};

} // namespace krater
