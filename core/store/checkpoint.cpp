// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/checkpoint.h"

#include "core/base/error.h"
#include "core/store/safetensors.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>
#include <string_view>

namespace krater {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

// Keys of the metadata. The trainer's numbers are one JSON text; the policy's and the stop rule's states are
// theirs, kept as they are.
constexpr const char *kTrainer = "krater.trainer";
constexpr const char *kPolicy = "krater.policy";
constexpr const char *kStop = "krater.stop";
constexpr const char *kGuards = "krater.guards";
constexpr const char *kFormat = "krater.format";
constexpr std::string_view kFormatVersion = "1";
constexpr std::string_view kModelPrefix = "model.";

// JSON has no words for infinity and NaN: those are text. Finite numbers are written so that reading gives the same
// bits.
Json toJson(double value)
{
    if (std::isfinite(value))
        return value;
    return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

Json toJson(const std::vector<double> &values)
{
    Json list = Json::array();
    for (const double value : values)
        list.push_back(toJson(value));
    return list;
}

double doubleFrom(const Json &json)
{
    if (json.is_number())
        return json.get<double>();
    const auto word = json.get<std::string>();
    if (word == "nan")
        return std::numeric_limits<double>::quiet_NaN();
    if (word == "inf" || word == "-inf")
        return word == "inf" ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
    throw Error("a number is not one");
}

std::vector<double> doublesFrom(const Json &json)
{
    std::vector<double> values;
    for (const Json &value : json)
        values.push_back(doubleFrom(value));
    return values;
}

Json samplerToJson(const MixtureSampler::State &state)
{
    Json domains = Json::array();
    for (const DomainSampler::State &domain : state.domains)
        domains.push_back({{"epoch", domain.epoch}, {"position", domain.position}});
    return {{"rng", state.rng},
            {"carry", toJson(state.carry)},
            {"sequences_drawn", state.sequencesDrawn},
            {"domains", domains}};
}

MixtureSampler::State samplerFrom(const Json &json)
{
    MixtureSampler::State state;
    if (json.at("rng").size() != state.rng.size())
        throw Error("the random stream is not one");
    state.rng = json.at("rng").get<Rng::State>();
    state.carry = doublesFrom(json.at("carry"));
    state.sequencesDrawn = json.at("sequences_drawn").get<std::vector<std::uint64_t>>();
    for (const Json &domain : json.at("domains"))
        state.domains.push_back({domain.at("epoch").get<std::uint64_t>(), domain.at("position").get<std::uint64_t>()});
    return state;
}

// Seconds and the mixture are not in it: it gets them when it is sent.
Json stepToJson(const StepEvent &step)
{
    Json terms = Json::array();
    for (const PolicyTerm &term : step.terms)
        terms.push_back({{"name", term.name}, {"values", toJson(term.values)}});
    return {{"step", step.step},
            {"tokens", step.tokens},
            {"losses", toJson(step.losses)},
            {"imputed", toJson(step.imputedLosses)},
            {"objective", toJson(step.objectiveShare)},
            {"realised", toJson(step.realisedShare)},
            {"tokens_drawn", toJson(step.tokensDrawn)},
            {"epochs", toJson(step.epochs)},
            {"terms", terms},
            {"gradient_norm", toJson(step.gradientNorm)},
            {"learning_rate", toJson(step.learningRate)},
            {"tokens_per_second", toJson(step.tokensPerSecond)}};
}

StepEvent stepFrom(const Json &json)
{
    StepEvent step;
    step.step = json.at("step").get<std::uint64_t>();
    step.tokens = json.at("tokens").get<std::uint64_t>();
    step.losses = doublesFrom(json.at("losses"));
    step.imputedLosses = doublesFrom(json.at("imputed"));
    step.objectiveShare = doublesFrom(json.at("objective"));
    step.realisedShare = doublesFrom(json.at("realised"));
    step.tokensDrawn = doublesFrom(json.at("tokens_drawn"));
    step.epochs = doublesFrom(json.at("epochs"));
    for (const Json &term : json.at("terms"))
        step.terms.push_back({term.at("name").get<std::string>(), doublesFrom(term.at("values"))});
    step.gradientNorm = doubleFrom(json.at("gradient_norm"));
    step.learningRate = doubleFrom(json.at("learning_rate"));
    step.tokensPerSecond = doubleFrom(json.at("tokens_per_second"));
    return step;
}

std::string trainerText(const TrainerSnapshot &snapshot, std::int64_t lastEvent)
{
    const Json json{{"step", snapshot.step},
                    {"tokens", snapshot.tokens},
                    {"seconds", toJson(snapshot.seconds)},
                    {"mixture", toJson(snapshot.mixture)},
                    {"last_held_out", toJson(snapshot.lastHeldOut)},
                    {"announced", toJson(snapshot.announced)},
                    {"best_loss", toJson(snapshot.bestLoss)},
                    {"unevaluated", snapshot.unevaluated ? stepToJson(*snapshot.unevaluated) : Json()},
                    {"device", snapshot.device},
                    {"precision", snapshot.precision},
                    {"threads", snapshot.threads},
                    {"last_event", lastEvent},
                    {"sampler", samplerToJson(snapshot.sampler)}};
    return json.dump();
}

void readTrainer(const std::string &text, TrainerSnapshot &snapshot)
{
    const Json json = Json::parse(text);
    snapshot.step = json.at("step").get<std::uint64_t>();
    snapshot.tokens = json.at("tokens").get<std::uint64_t>();
    snapshot.seconds = doubleFrom(json.at("seconds"));
    snapshot.mixture = doublesFrom(json.at("mixture"));
    snapshot.lastHeldOut = doublesFrom(json.at("last_held_out"));
    snapshot.announced = doublesFrom(json.at("announced"));
    snapshot.bestLoss = doubleFrom(json.at("best_loss"));
    if (const Json &step = json.at("unevaluated"); !step.is_null())
        snapshot.unevaluated = stepFrom(step);
    snapshot.device = json.at("device").get<std::string>();
    snapshot.precision = json.at("precision").get<std::string>();
    snapshot.threads = json.at("threads").get<int>();
    snapshot.lastEvent = json.at("last_event").get<std::int64_t>();
    snapshot.sampler = samplerFrom(json.at("sampler"));
}

} // namespace

void writeCheckpoint(const fs::path &file, const TrainerSnapshot &snapshot, std::optional<std::int64_t> lastEvent)
{
    std::vector<const NamedTensor *> tensors;
    for (const NamedTensor &tensor : snapshot.tensors)
        tensors.push_back(&tensor);
    writeSafeTensors(file,
                     {{kFormat, std::string(kFormatVersion)},
                      {kTrainer, trainerText(snapshot, lastEvent.value_or(snapshot.lastEvent))},
                      {kPolicy, snapshot.policyState},
                      {kStop, snapshot.stopState},
                      {kGuards, snapshot.guardState}},
                     tensors);
}

std::shared_ptr<const TrainerSnapshot> readCheckpoint(const fs::path &file)
{
    SafeTensors stored = readSafeTensors(file);
    const auto text = [&](const char *key) {
        const auto place = stored.metadata.find(key);
        if (place == stored.metadata.end())
            throw DamagedFile(fmt::format("{} is not a checkpoint of Krater: it has no {}", file.string(), key),
                              "Choose a file that Krater saved.");
        return place->second;
    };
    if (text(kFormat) != kFormatVersion) {
        throw Error(
            fmt::format("The checkpoint {} was written by a newer Krater (form {})", file.string(), text(kFormat)),
            "Update Krater.");
    }
    auto snapshot = std::make_shared<TrainerSnapshot>();
    snapshot->policyState = text(kPolicy);
    snapshot->stopState = text(kStop);
    snapshot->guardState = text(kGuards);
    const std::string trainer = text(kTrainer);
    try {
        readTrainer(trainer, *snapshot);
    } catch (const std::exception &failure) { // nlohmann's, and ours from above
        throw DamagedFile(fmt::format("The checkpoint {} is damaged: {}", file.string(), failure.what()),
                          "Use an earlier checkpoint.");
    }
    snapshot->tensors = std::move(stored.tensors);
    return snapshot;
}

void exportModel(const fs::path &checkpoint, const fs::path &target)
{
    SafeTensors stored = readSafeTensors(checkpoint);
    std::vector<const NamedTensor *> weights;
    for (NamedTensor &tensor : stored.tensors) {
        if (!tensor.name.starts_with(kModelPrefix))
            continue;
        tensor.name.erase(0, kModelPrefix.size());
        weights.push_back(&tensor);
    }
    if (weights.empty())
        throw Error(fmt::format("The checkpoint {} holds no model", checkpoint.string()),
                    "Choose a checkpoint of a trained run.");
    writeSafeTensors(target, {{"format", "pt"}}, weights); // as loaders for PyTorch expect
}

fs::path checkpointFile(const fs::path &store, std::int64_t run, std::uint64_t step)
{
    fs::path folder = store;
    folder += ".checkpoints";
    return folder / std::to_string(run) / fmt::format("step-{}.safetensors", step);
}

} // namespace krater
