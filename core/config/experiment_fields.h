// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"

#include <concepts>
#include <span>
#include <string_view>
#include <type_traits>

namespace krater {

// The keys of the experiment file, once: reading, writing and "did you mean" all walk these lists. `visit(key, field)` is called in the
// order in which a file is written. Config is the struct, const or not.

template <typename C, typename Of>
concept Like = std::same_as<std::remove_const_t<C>, Of>;

// betas = [0.9, 0.95]
template <typename Number>
struct NumberPair {
    Number &first;
    Number &second;
};

template <typename Visit, Like<ExperimentInfo> Config>
void visitFields(Visit &visit, Config &info)
{
    visit("name", info.name);
    visit("seed", info.seed);
    visit("split_seed", info.splitSeed);
    visit("notes", info.notes);
    visit("tags", info.tags);
}

template <typename Visit, Like<TokenizerConfig> Config>
void visitFields(Visit &visit, Config &tokenizer)
{
    visit("kind", tokenizer.kind);
    visit("vocabulary", tokenizer.vocabulary);
    visit("model", tokenizer.model);
}

template <typename Visit, Like<DomainFilter> Config>
void visitFields(Visit &visit, Config &where)
{
    visit("path", where.path);
    visit("text", where.text);
    visit("field", where.field);
    visit("min_length", where.minLength);
    visit("max_length", where.maxLength);
}

template <typename Visit, Like<DomainConfig> Config>
void visitFields(Visit &visit, Config &domain)
{
    visit("name", domain.name);
    visit("sources", domain.sources);
    visit("exclude", domain.exclude);
    visit("format", domain.format);
    visit("text_field", domain.textField);
    visit("split", domain.split);
    visit("where", domain.where);
    visit("max_documents", domain.maxDocuments);
    visit("max_bytes", domain.maxBytes);
    visit("held_out", domain.heldOut);
    visit("colour", domain.colour);
}

template <typename Visit, Like<ModelConfig> Config>
void visitFields(Visit &visit, Config &model)
{
    visit("architecture", model.architecture);
    visit("layers", model.layers);
    visit("width", model.width);
    visit("heads", model.heads);
    visit("context", model.context);
}

template <typename Visit, Like<StopConfig> Config>
void visitFields(Visit &visit, Config &stop)
{
    visit("rule", stop.rule);
    visit("patience", stop.patience);
    visit("min_delta", stop.minDelta);
    visit("on", stop.on);
}

template <typename Visit, Like<SampleConfig> Config>
void visitFields(Visit &visit, Config &sample)
{
    visit("tokens", sample.tokens);
    visit("prompt", sample.prompt);
    visit("temperature", sample.temperature);
}

template <typename Visit, Like<TrainingConfig> Config>
void visitFields(Visit &visit, Config &training)
{
    visit("device", training.device);
    visit("precision", training.precision);
    visit("threads", training.threads);
    visit("sequences_per_step", training.sequencesPerStep);
    visit("token_budget", training.tokenBudget);
    visit("learning_rate", training.learningRate);
    visit("min_learning_rate", training.minLearningRate);
    visit("warmup", training.warmup);
    visit("schedule", training.schedule);
    visit("weight_decay", training.weightDecay);
    visit("betas", NumberPair{training.beta1, training.beta2});
    visit("clip", training.clip);
    visit("eval_interval", training.evalInterval);
    visit("eval_tokens", training.evalTokens);
    visit("checkpoint_interval", training.checkpointInterval);
    visit("keep_checkpoints", training.keepCheckpoints);
    visit("prompt_vectors", training.promptVectors);
    visit("stop", training.stop);
    visit("sample", training.sample);
}

// The policy's own parameters stand beside these two in [mixture].
template <typename Visit, Like<MixtureConfig> Config>
void visitFields(Visit &visit, Config &mixture)
{
    visit("policy", mixture.policy);
    visit("batching", mixture.batching);
}

template <typename Visit, Like<StageSource> Config>
void visitFields(Visit &visit, Config &source)
{
    visit("from", source.from);
}

// Parameters of a policy stand beside these, as in [mixture].
template <typename Visit, Like<StageMixture> Config>
void visitFields(Visit &visit, Config &mixture)
{
    visit("from", mixture.from);
    visit("take", mixture.take);
    visit("policy", mixture.policy);
    visit("batching", mixture.batching);
}

template <typename Visit, Like<StageConfig> Config>
void visitFields(Visit &visit, Config &stage)
{
    visit("name", stage.name);
    visit("role", stage.role);
    visit("seed", stage.seed);
    visit("weights", stage.weights);
    visit("reference", stage.reference);
    visit("model", stage.model);
    visit("training", stage.training);
    visit("mixture", stage.mixture);
}

// The words of an enumeration, in its order.
std::span<const std::string_view> words(TokenizerConfig::Kind);
std::span<const std::string_view> words(StopConfig::Rule);
std::span<const std::string_view> words(TrainingConfig::Schedule);
std::span<const std::string_view> words(TrainingConfig::Precision);
std::span<const std::string_view> words(MixtureConfig::Batching);
std::span<const std::string_view> words(StageMixture::Take);

// The sections of a file in the order written; [[domain]] and [[stage]] are lists.
std::span<const std::string_view> sectionNames();

} // namespace krater
