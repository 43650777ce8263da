// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"
#include "core/mixture/mixture.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace krater {

// What a person designs on the Mixture page, as a value: the experiment's starting mixture, how it is changed, and what it means for the
// domains. Changing returns a new Experiment (one step of undo). Any thread.
//
// The starting mixture is edited where the policy keeps it: in its parameter of kind Mixture ("prior") if it has one; otherwise the
// policy becomes "manual" with typed weights.
class MixtureDesign {
public:
    enum class Preset { Natural, Uniform, Temperature };

    // `tokens`: K training tokens, 0 (or missing) where not known yet.
    MixtureDesign(const Experiment &experiment, std::vector<double> tokens);

    // Set unless the policy or its parameters are invalid, or it needs token counts that are not known: then `problem` says why.
    const std::optional<Mixture> &mixture() const { return m_mixture; }
    const std::string &problem() const { return m_problem; }

    bool tokensKnown() const; // of every domain
    bool editsPrior() const { return !m_priorParameter.empty(); }
    const std::string &priorParameter() const { return m_priorParameter; } // its name, empty if the policy has none
    std::optional<Preset> preset() const; // the one in force, if the experiment names one
    double temperature() const;           // of the temperature policy; 2 if it is not the policy

    Experiment withMixture(const Mixture &mixture) const;
    Experiment withPreset(Preset preset, double temperature) const;
    Experiment withPolicy(const std::string &policy) const; // the mixture stays where the policy has one to start from

    // Of each domain, over the token budget, if the mixture stayed as it is.
    std::vector<double> tokensToDraw() const;     // K
    std::vector<double> epochs() const;           // K; NaN where tokens are not known
    std::vector<double> sequencesPerStep() const; // K, expected
    // What the drawn tokens are worth as a share of as many new ones, by the data-constrained scaling law (Muennighoff et al. 2023,
    // arXiv 2305.16264): D' = U + U R* (1 - exp(-R / R*)), R = D/U - 1, R* = 15.387756. In (0, 1]; 1 while no domain repeats.
    std::optional<double> worthOfTokens() const;

private:
    const Experiment m_experiment;
    const std::vector<double> m_tokens;
    std::string m_priorParameter;
    std::optional<Mixture> m_mixture;
    std::string m_problem;
};

// D'/D of one domain drawn `epochs` times over, by the law above; 1 for epochs <= 1.
double worthOfEpochs(double epochs);

// Weights as people paste them: a JSON object, TOML or CSV lines ("code = 0.4", "code, 0.4", "code: 40 %"). Throws Error naming what is
// not a weight, or a domain that the experiment does not have; domains that are not named get 0.
Mixture parseMixture(std::string_view text, const std::vector<std::string> &domains);

} // namespace krater
