// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/stages.h"

#include "core/base/error.h"
#include "core/config/experiment_fields.h"
#include "core/mixture/policy_registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <any>
#include <map>

namespace krater {

namespace {

// The values of a section by key.
struct FieldValues {
    template <typename Field>
    void operator()(const char *key, const Field &field)
    {
        byKey[key] = field;
    }

    std::map<std::string, std::any> byKey;
};

// Gives some fields of a section the values of another one of its kind.
struct FieldAssigner {
    template <typename Field>
    void operator()(const char *key, Field &&field)
    {
        using Value = std::remove_cvref_t<Field>;
        if (!keys.contains(key))
            return;
        const auto &value = std::any_cast<const Value &>(values.byKey.at(key));
        if constexpr (std::is_same_v<Value, NumberPair<double>>) {
            field.first = value.first;
            field.second = value.second;
        } else {
            field = value;
        }
    }

    const FieldValues &values;
    const std::set<std::string> &keys;
};

template <typename Config>
void apply(SectionOverrides<Config> overrides, Config &config)
{
    FieldValues values;
    visitFields(values, overrides.values);
    FieldAssigner assigner{values, overrides.keys};
    visitFields(assigner, config);
}

Weights weightsOf(const std::vector<double> &mixture, const Experiment &plan)
{
    if (mixture.size() != plan.domains.size())
        throw Error(fmt::format("The mixture of the earlier stage has {} domains, the experiment {}.", mixture.size(), plan.domains.size()),
                    "Start the plan again: its stages must have the same domains.");
    Weights weights;
    for (std::size_t k = 0; k < mixture.size(); ++k)
        weights[plan.domains[k].name] = mixture[k];
    return weights;
}

MixtureConfig mixtureOf(const Experiment &plan, const StageMixture &own, const StageResults &results)
{
    MixtureConfig mixture = plan.mixture;
    mixture.batching = own.batching.value_or(mixture.batching);
    if (!own.from.empty()) {
        const std::optional<std::size_t> from = stageNamed(plan, own.from);
        if (!from || *from >= results.size())
            throw Error(fmt::format("The stage \"{}\", whose mixture is wanted, has not been run.", own.from));
        const StageResult &result = results[*from];
        mixture.policy = "manual";
        mixture.parameters = {{"weights", weightsOf(own.take == StageMixture::Take::Average ? result.averageMixture : result.finalMixture, plan)}};
        mixture.parameters = completedParameters(*findPolicy(mixture.policy), std::move(mixture.parameters));
        return mixture;
    }
    if (!own.policy.empty()) {
        mixture.policy = own.policy;
        mixture.parameters.clear();
    }
    for (const auto &[name, value] : own.parameters)
        mixture.parameters[name] = value;
    return mixture;
}

} // namespace

std::optional<std::size_t> stageNamed(const Experiment &plan, const std::string &name)
{
    const auto found = std::ranges::find(plan.stages, name, &StageConfig::name);
    if (found == plan.stages.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - plan.stages.begin());
}

std::string stageTitle(const Experiment &plan, std::size_t stage)
{
    return fmt::format("{}: {}", plan.info.name, plan.stages[stage].name);
}

ModelConfig stageModel(const Experiment &plan, std::size_t stage)
{
    ModelConfig model = plan.model;
    apply(plan.stages[stage].model, model);
    return model;
}

TrainingConfig stageTraining(const Experiment &plan, std::size_t stage)
{
    TrainingConfig training = plan.training;
    apply(plan.stages[stage].training, training);
    return training;
}

Experiment stageExperiment(const Experiment &plan, std::size_t stage, const StageResults &results)
{
    const StageConfig &own = plan.stages[stage];
    Experiment experiment = plan;
    experiment.stages.clear();
    experiment.info.name = stageTitle(plan, stage);
    experiment.info.seed = own.seed.value_or(plan.info.seed);
    experiment.model = stageModel(plan, stage);
    experiment.training = stageTraining(plan, stage);
    experiment.mixture = mixtureOf(plan, own.mixture, results);
    return experiment;
}

} // namespace krater
