// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/policy_support.h"
#include "core/mixture/state_json.h"

#include <algorithm>
#include <cmath>

namespace krater {
namespace {
const ParamSpec kPower = numberParam("power", "Power", 1.0, 0.0, 10.0, "", "0 is uniform; above 1 high losses gain more than in proportion.");

class LossSharePolicy final : public MixturePolicy {
public:
    LossSharePolicy(const PolicyContext &context, double power) : m_context(context), m_power(power), m_last(context.numDomains(), std::nan("")) {}

    Mixture initial() const override { return Mixture::uniform(m_context.numDomains()); }
    std::optional<Mixture> update(const PolicyInput &input) override
    {
        checkInput(m_context, input); // refuses losses that are no numbers
        const auto losses = input.signal == PolicyInput::Signal::HeldOut ? knownLosses(input, m_last) : std::nullopt;
        if (!losses)
            return std::nullopt; // keeps the mixture
        std::vector<double> logits;
        for (const double loss : *losses)
            logits.push_back(m_power * std::log(std::max(loss, 1e-12)));
        return Mixture::softmax(logits);
    }
    std::vector<PolicyTerm> diagnostics() const override { return {{"H", m_last}}; } // stored and drawn with the run
    std::string save() const override { return nlohmann::json{{"last", toJson(m_last)}}.dump(); }
    void restore(const std::string &state) override { m_last = doublesFrom(parseState(state), "last", m_context.numDomains()); }

private:
    PolicyContext m_context;
    double m_power;
    std::vector<double> m_last; // K, nats/token, NaN before a domain's first loss
};
} // namespace

PolicyInfo lossSharePolicy()
{
    return {"loss_share", "Loss share", "Shares in proportion to the held-out losses.", "p_k ~ H_k^power", "An example.", true, {kPower},
            [](const PolicyContext &context, const ParameterValues &values) { return std::make_unique<LossSharePolicy>(context, numberOf(values, kPower)); }};
}
} // namespace krater
