// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/constrained_policy.h"

#include "core/mixture/constraints.h"
#include "core/mixture/policy_support.h"
#include "core/mixture/state_json.h"

#include <fmt/format.h>

#include <algorithm>

namespace krater {

namespace {

const ParamSpec &floorSpec()
{
    static const ParamSpec spec = floorParam("The share that every domain keeps; the others give way in proportion. 0: none.");
    return spec;
}

const ParamSpec &maxEpochsSpec()
{
    static const ParamSpec spec = withZero(
        numberParam("max_epochs", "Epochs at most", 0.0, 0.0, 1e6, "epochs",
                    "Holds back a domain that the run would repeat more often; its share goes to the others in proportion. 0: no limit. "
                    "Up to 4 passes are nearly as good as new text (Muennighoff et al. 2023)."),
        "no limit");
    return spec;
}

bool has(const PolicyInfo &info, const ParamSpec &spec)
{
    return std::ranges::find(info.parameters, spec.name, &ParamSpec::name) != info.parameters.end();
}

class ConstrainedPolicy final : public MixturePolicy {
public:
    ConstrainedPolicy(PolicyContext context, const MixtureConstraints &constraints, std::unique_ptr<MixturePolicy> policy)
        : m_context(std::move(context)), m_constraints(constraints), m_policy(std::move(policy)),
          m_last(constrain(m_policy->initial()))
    {
    }

    Mixture initial() const override { return constrain(m_policy->initial()).mixture; }
    std::optional<Mixture> update(const PolicyInput &input) override;
    bool wantsEvaluation() const override { return m_policy->wantsEvaluation(); }
    std::vector<double> weighSequences(const BatchLosses &batch) override { return m_policy->weighSequences(batch); }
    std::vector<double> weighGradients(const DomainProducts &products) override { return m_policy->weighGradients(products); }
    double gradientClip() const override { return m_policy->gradientClip(); }
    std::optional<Mixture> objective() const override { return m_policy->objective(); }
    std::vector<PolicyTerm> diagnostics() const override;
    std::vector<std::string> warnings() const override;
    std::string save() const override;
    void restore(const std::string &state) override;

private:
    ConstrainedMixture constrain(const Mixture &mixture) const
    {
        return constrained(mixture, m_constraints, m_context.tokens, static_cast<double>(m_context.tokenBudget));
    }

    PolicyContext m_context;
    MixtureConstraints m_constraints;
    std::unique_ptr<MixturePolicy> m_policy;
    ConstrainedMixture m_last;
    std::vector<double> m_wanted; // K, what the rule gave at its last update; empty before
};

std::optional<Mixture> ConstrainedPolicy::update(const PolicyInput &input)
{
    const std::optional<Mixture> mixture = m_policy->update(input);
    if (!mixture)
        return std::nullopt;
    m_wanted = {mixture->weights().begin(), mixture->weights().end()};
    m_last = constrain(*mixture);
    return m_last.mixture;
}

std::vector<PolicyTerm> ConstrainedPolicy::diagnostics() const
{
    std::vector<PolicyTerm> terms = m_policy->diagnostics();
    if (!m_wanted.empty())
        terms.push_back({"unlimited share", m_wanted});
    return terms;
}

std::vector<std::string> ConstrainedPolicy::warnings() const
{
    std::vector<std::string> warnings = m_policy->warnings();
    for (std::size_t k = 0; k < m_last.capped.size(); ++k)
        if (m_last.capped[k])
            warnings.push_back(fmt::format("max_epochs = {:g} holds \"{}\" back: the policy would repeat it more often", m_constraints.maxEpochs,
                                           m_context.domains[k]));
    if (m_last.overrun > 1.0)
        warnings.push_back(fmt::format("max_epochs = {:g} cannot be kept: the run draws {:.3g} times what all domains hold within it, so every cap "
                                       "is exceeded that many times. Lower training.token_budget, raise max_epochs or add text.",
                                       m_constraints.maxEpochs, m_last.overrun));
    return warnings;
}

std::string ConstrainedPolicy::save() const
{
    return nlohmann::json{{"policy", m_policy->save()}, {"wanted", toJson(m_wanted)}}.dump();
}

void ConstrainedPolicy::restore(const std::string &state)
{
    const nlohmann::json json = parseState(state);
    const nlohmann::json wanted = json.value("wanted", nlohmann::json::array());
    std::vector<double> weights = doublesFrom(wanted, wanted.empty() ? 0 : m_context.numDomains());
    ConstrainedMixture last = constrain(weights.empty() ? m_policy->initial() : Mixture::fromWeights(weights));
    m_policy->restore(stringFrom(json, "policy"));
    m_wanted = std::move(weights);
    m_last = std::move(last);
}

} // namespace

PolicyInfo withConstraints(PolicyInfo info)
{
    const bool ownFloor = has(info, floorSpec()), ownCap = has(info, maxEpochsSpec());
    if (!ownFloor)
        info.parameters.push_back(floorSpec());
    if (!ownCap)
        info.parameters.push_back(maxEpochsSpec());
    info.create = [create = std::move(info.create), ownFloor, ownCap](const PolicyContext &context, const ParameterValues &values) {
        const MixtureConstraints constraints{.floor = ownFloor ? 0.0 : numberOf(values, floorSpec()),
                                             .maxEpochs = ownCap ? 0.0 : numberOf(values, maxEpochsSpec())};
        std::unique_ptr<MixturePolicy> policy = create(context, values);
        if (constraints.floor == 0.0 && constraints.maxEpochs == 0.0)
            return policy;
        return std::unique_ptr<MixturePolicy>(std::make_unique<ConstrainedPolicy>(context, constraints, std::move(policy)));
    };
    return info;
}

} // namespace krater
