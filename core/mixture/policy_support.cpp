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

std::vector<double> byDomain(const Weights &numbers, const PolicyContext &context, double missing)
{
    std::vector<double> result(context.numDomains(), missing);
    for (std::size_t k = 0; k < result.size(); ++k)
        if (const auto number = numbers.find(context.domains[k]); number != numbers.end())
            result[k] = number->second;
    return result;
}

} // namespace

void checkInput(const PolicyContext &context, const PolicyInput &input)
{
    const std::size_t numDomains = context.numDomains();
    if (input.losses.size() != numDomains || input.present.size() != numDomains)
        throw Error(fmt::format("Losses of {} domains were given to a policy of {} domains.", input.losses.size(), numDomains));
    if (!input.referenceLosses.empty() && input.referenceLosses.size() != numDomains)
        throw Error(fmt::format("Reference losses of {} domains were given to a policy of {} domains.", input.referenceLosses.size(), numDomains));
    for (std::size_t k = 0; k < numDomains; ++k)
        if (input.present[k] && !std::isfinite(input.losses[k]))
            throw Error(fmt::format("The loss of domain \"{}\" at step {} is {}.", context.domains[k], input.step, input.losses[k]),
                        "Lower the learning rate, or go on from an earlier checkpoint.");
}

Mixture mixtureOf(const ParameterValues &values, const ParamSpec &spec, const PolicyContext &context)
{
    const auto found = values.find(spec.name);
    const ParameterValue &value = found != values.end() ? found->second : spec.defaultValue;
    if (const auto *weights = std::get_if<Weights>(&value))
        return mixtureOf(MixturePoint{0.0, *weights}, context);
    const auto *name = std::get_if<std::string>(&value);
    return mixtureOf(MixturePoint{0.0, name ? *name : std::string()}, context);
}

Mixture mixtureOf(const MixturePoint &point, const PolicyContext &context)
{
    if (const auto *weights = std::get_if<Weights>(&point.mixture))
        return Mixture::fromWeights(byDomain(*weights, context, 0.0));
    if (std::get<std::string>(point.mixture) == "natural")
        return Mixture::natural(context.tokens);
    return Mixture::uniform(context.numDomains());
}

std::vector<double> numbersOf(const ParameterValues &values, const ParamSpec &spec, const PolicyContext &context)
{
    const auto found = values.find(spec.name);
    const auto *numbers = found != values.end() ? std::get_if<Weights>(&found->second) : nullptr;
    return byDomain(numbers ? *numbers : Weights{}, context, kUnknown);
}

std::vector<std::vector<double>> graphOf(const ParameterValues &values, const ParamSpec &spec, const PolicyContext &context)
{
    const auto found = values.find(spec.name);
    const auto *graph = found != values.end() ? std::get_if<Graph>(&found->second) : nullptr;
    if (found != values.end() && namesGraphFile(found->second))
        throw Error(fmt::format("The graph of {} has not been read.", std::get<std::string>(found->second)),
                    "Start the run from the experiment that names the file.");
    std::vector<std::vector<double>> rows;
    for (std::size_t k = 0; k < context.numDomains(); ++k) {
        Weights row;
        if (graph)
            if (const auto named = graph->find(context.domains[k]); named != graph->end())
                row = named->second;
        row.emplace(context.domains[k], 1.0);
        rows.push_back(byDomain(row, context, 0.0));
    }
    return rows;
}

std::uint64_t stepsOf(const ParameterValues &values, const ParamSpec &spec)
{
    return static_cast<std::uint64_t>(numberOf(values, spec));
}

PolicyInput::Signal signalOf(const ParameterValues &values, const ParamSpec &spec)
{
    return choiceOf(values, spec) == "held_out" ? PolicyInput::Signal::HeldOut : PolicyInput::Signal::Training;
}

std::optional<std::vector<double>> knownLosses(const PolicyInput &input, std::vector<double> &last)
{
    for (std::size_t k = 0; k < last.size(); ++k)
        if (input.present[k])
            last[k] = input.losses[k];
    if (std::ranges::all_of(last, [](double loss) { return std::isnan(loss); }))
        return std::nullopt;
    return withMeanForUnknown(last);
}

std::vector<double> withMeanForUnknown(std::vector<double> values)
{
    double numKnown = 0.0;
    for (const double value : values)
        numKnown += std::isnan(value) ? 0.0 : 1.0;
    double mean = 0.0; // divided before summing: losses up to 1e308 must not overflow
    for (const double value : values)
        mean += std::isnan(value) ? 0.0 : value / numKnown;
    std::ranges::replace_if(values, [](double value) { return std::isnan(value); }, mean);
    return values;
}

void boundLogits(std::vector<double> &logits)
{
    constexpr double kLargestLogit = 1e300;
    for (double &logit : logits)
        if (logit > kLargestLogit || (logit < -kLargestLogit && std::isfinite(logit)))
            logit = std::copysign(kLargestLogit, logit);
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
    return withZero(std::move(spec), "none");
}

ParamSpec withZero(ParamSpec spec, std::string meaning)
{
    spec.zero = std::move(meaning);
    return spec;
}

ParamSpec numbersParam(std::string name, std::string label, double min, double max, std::string unit, std::string help)
{
    ParamSpec spec = numberParam(std::move(name), std::move(label), 0.0, min, max, std::move(unit), std::move(help));
    spec.kind = ParamSpec::Kind::Numbers;
    spec.defaultValue = Weights{};
    return spec;
}

ParamSpec graphParam(std::string name, std::string label, double min, double max, std::string help)
{
    ParamSpec spec = numberParam(std::move(name), std::move(label), 0.0, min, max, {}, std::move(help));
    spec.kind = ParamSpec::Kind::Graph;
    spec.defaultValue = std::string("identity");
    return spec;
}

ParamSpec scheduleParam(std::string name, std::string label, Schedule points, std::string help)
{
    ParamSpec spec = mixtureParam(std::move(name), std::move(label), std::move(help));
    spec.kind = ParamSpec::Kind::Schedule;
    spec.defaultValue = std::move(points);
    return spec;
}

ParamSpec signalParam(std::string help)
{
    return choiceParam("signal", "Signal", {"training", "held_out"}, std::move(help));
}

const ParamSpec &specOf(const PolicyInfo &info, std::string_view name)
{
    const auto spec = std::ranges::find(info.parameters, name, &ParamSpec::name);
    if (spec == info.parameters.end())
        throw Error(fmt::format("The policy {} has no parameter {}.", info.name, name));
    return *spec;
}

} // namespace krater
