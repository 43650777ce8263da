// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/policy_support.h"

#include "core/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace krater {

namespace {

constexpr double kLargestWeight = 1e300; // any unit: tokens, percent, shares

} // namespace

void checkInput(const PolicyContext &context, const PolicyInput &input)
{
    const std::size_t numDomains = context.numDomains();
    if (input.losses.size() != numDomains || input.present.size() != numDomains)
        throw Error(fmt::format("Losses of {} domains were given to a policy of {} domains.", input.losses.size(), numDomains));
    for (std::size_t k = 0; k < numDomains; ++k)
        if (input.present[k] && !std::isfinite(input.losses[k]))
            throw Error(fmt::format("The loss of domain \"{}\" at step {} is {}.", context.domains[k], input.step, input.losses[k]),
                        "Lower the learning rate, or go on from an earlier checkpoint.");
}

Mixture mixtureOf(const ParameterValues &values, const ParamSpec &spec, const PolicyContext &context)
{
    const auto found = values.find(spec.name);
    const ParameterValue &value = found != values.end() ? found->second : spec.defaultValue;
    if (const auto *weights = std::get_if<Weights>(&value)) {
        std::vector<double> byDomain(context.numDomains(), 0.0);
        for (std::size_t k = 0; k < byDomain.size(); ++k)
            if (const auto weight = weights->find(context.domains[k]); weight != weights->end())
                byDomain[k] = weight->second;
        return Mixture::fromWeights(byDomain);
    }
    const auto *name = std::get_if<std::string>(&value);
    if (name && *name == "natural")
        return Mixture::natural(context.tokens);
    return Mixture::uniform(context.numDomains());
}

ParamSpec numberParam(std::string name, std::string label, double value, double min, double max, std::string unit, std::string help)
{
    ParamSpec spec;
    spec.name = std::move(name);
    spec.label = std::move(label);
    spec.defaultValue = value;
    spec.min = min;
    spec.max = max;
    spec.unit = std::move(unit);
    spec.help = std::move(help);
    return spec;
}

ParamSpec integerParam(std::string name, std::string label, double value, double min, double max, std::string unit, std::string help)
{
    ParamSpec spec = numberParam(std::move(name), std::move(label), value, min, max, std::move(unit), std::move(help));
    spec.kind = ParamSpec::Kind::Integer;
    return spec;
}

ParamSpec choiceParam(std::string name, std::string label, std::vector<std::string> choices, std::string help)
{
    ParamSpec spec = numberParam(std::move(name), std::move(label), 0.0, 0.0, 1.0, {}, std::move(help));
    spec.kind = ParamSpec::Kind::Choice;
    spec.defaultValue = choices.front();
    spec.choices = std::move(choices);
    return spec;
}

ParamSpec mixtureParam(std::string name, std::string label, std::string help)
{
    ParamSpec spec = numberParam(std::move(name), std::move(label), 0.0, 0.0, kLargestWeight, {}, std::move(help));
    spec.kind = ParamSpec::Kind::Mixture;
    spec.defaultValue = std::string("uniform");
    return spec;
}

ParamSpec weightsParam(std::string name, std::string label, std::string help)
{
    ParamSpec spec = mixtureParam(std::move(name), std::move(label), std::move(help));
    spec.kind = ParamSpec::Kind::Weights;
    spec.defaultValue = Weights{};
    return spec;
}

ParamSpec floorParam(std::string help)
{
    ParamSpec spec = numberParam("floor", "Floor", 0.0, 0.0, 1.0, {}, std::move(help));
    spec.overDomains = true;
    return spec;
}

const ParamSpec &specOf(const PolicyInfo &info, std::string_view name)
{
    const auto spec = std::ranges::find(info.parameters, name, &ParamSpec::name);
    if (spec == info.parameters.end())
        throw Error(fmt::format("The policy {} has no parameter {}.", info.name, name));
    return *spec;
}

} // namespace krater
