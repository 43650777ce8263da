// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/parameter.h"
#include "core/config/run_role.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace krater {

// The experiment file as plain values: one file = one reproducible run, or a plan of them. Whatever changes a number is in here; looks are not.
// Defaults below are those of the file format (docs/experiment-file.md). Reading, writing and validation: experiment_toml.h.

struct ExperimentInfo {
    std::string name;
    std::uint64_t seed = 1;      // of the training: initial weights, draws and the order of windows
    std::uint64_t splitSeed = 1; // of the held-out split: runs that differ in `seed` only share corpus and tokenizer
    std::string notes;
    std::vector<std::string> tags;

    bool operator==(const ExperimentInfo &) const = default;
};

struct TokenizerConfig {
    enum class Kind { Bytes, SentencePiece };

    Kind kind = Kind::Bytes;
    int vocabulary = 4096; // SentencePiece pieces; bytes always have 257 (256 values and the end of a document)
    std::string model;     // a .model file; empty: trained on the corpus's natural mixture

    bool operator==(const TokenizerConfig &) const = default;
};

// A document is kept when every predicate that is set holds (and). Regexes are RE2 syntax.
struct DomainFilter {
    std::string path;     // glob over the document's file, read as one of `exclude`
    std::string text;     // regex found in the text
    std::string field;    // JSON Lines: "language == \"en\"", "score >= 0.5"; ==, !=, <, <=, >, >=; a dotted path on the left
    std::uint64_t minLength = 0;               // bytes of text
    std::optional<std::uint64_t> maxLength;    // bytes of text

    bool operator==(const DomainFilter &) const = default;
};

struct DomainConfig {
    std::string name;
    std::vector<std::string> sources; // globs, relative to the experiment file; ** crosses folders; a folder means all below it
    std::vector<std::string> exclude; // globs; one without a slash is compared with the file's name, one of a folder takes out all below it
    std::string format = "auto";      // a reader's name (corpus/reader_registry.h), or auto
    std::string textField = "text";   // JSON Lines: dotted path of the text
    std::string split;                // text and html: regex that divides the text into documents; what its group 1 matches begins the next
    DomainFilter where;
    std::optional<std::uint64_t> maxDocuments;
    std::optional<std::uint64_t> maxBytes;
    double heldOut = 0.05;            // fraction of documents, in [0, 0.5]
    std::string colour;               // "#RRGGBB", empty: the palette's next

    bool operator==(const DomainConfig &) const = default;
};

struct ModelConfig {
    std::string architecture = "gpt2";
    int layers = 4;
    int width = 128;
    int heads = 4;
    int context = 256; // tokens a sequence

    bool operator==(const ModelConfig &) const = default;
};

struct StopConfig {
    enum class Rule { Budget, Plateau, SettledMixture };

    Rule rule = Rule::Budget;
    int patience = 5;          // evaluations without progress
    double minDelta = 0.005;   // Plateau: nats/token on the fixed mixture; SettledMixture: L1 distance between updates
    std::string on = "uniform"; // Plateau: the fixed mixture that is watched: uniform | natural

    bool operator==(const StopConfig &) const = default;
};

// Text that the model writes at each evaluation, for people to read.
struct SampleConfig {
    int tokens = 0; // 0: none
    std::string prompt;
    double temperature = 0.8;

    bool operator==(const SampleConfig &) const = default;
};

struct TrainingConfig {
    enum class Schedule { Constant, Linear, Cosine };
    enum class Precision { Auto, Float32, BFloat16 };

    std::string device = "auto"; // auto | cpu | cuda | cuda:N
    Precision precision = Precision::Auto; // fp32 on the CPU, bf16 with fp32 master weights on CUDA
    int threads = 0;             // CPU threads of the engine, 0: all cores
    int sequencesPerStep = 16;
    std::uint64_t tokenBudget = 4'000'000;
    double learningRate = 1e-3;
    double minLearningRate = 0.1; // final learning rate as a fraction of the peak
    double warmup = 0.02;         // fraction of the steps
    Schedule schedule = Schedule::Cosine;
    double weightDecay = 0.1;     // on matrices only
    double beta1 = 0.9;
    double beta2 = 0.95;
    double clip = 1.0;            // global gradient norm; 0: off
    int evalInterval = 100;       // steps
    std::uint64_t evalTokens = 16'384; // held-out tokens of each domain in an evaluation
    int checkpointInterval = 500; // steps
    int keepCheckpoints = 2;      // the last k; the best is kept besides
    int promptVectors = 0;        // put before each sequence and trained instead of the weights, in prompt_tune stages
    StopConfig stop;
    SampleConfig sample;

    bool operator==(const TrainingConfig &) const = default;
};

struct MixtureConfig {
    enum class Batching { Random, Stratified };

    std::string policy = "uniform"; // a name of core/mixture/policy_registry.h
    ParameterValues parameters;     // the policy's own, checked against its ParamSpecs
    Batching batching = Batching::Random;

    bool operator==(const MixtureConfig &) const = default;
};

// Values for some keys of a section; the others are those of the experiment.
template <typename Config>
struct SectionOverrides {
    std::set<std::string> keys; // as in the file: "token_budget"
    Config values;              // of these keys; the others are at their defaults

    bool operator==(const SectionOverrides &) const = default;
};

// An earlier stage, by its name; empty: none.
struct StageSource {
    std::string from;

    bool operator==(const StageSource &) const = default;
};

// The mixture of a stage: that of an earlier stage, or the experiment's with some values of its own.
struct StageMixture {
    enum class Take { Average, Final };

    std::string from;           // an earlier stage; empty: none
    Take take = Take::Average;  // its mean over all steps, or its last one
    std::string policy;         // empty: the experiment's, with its parameters
    std::optional<MixtureConfig::Batching> batching;
    ParameterValues parameters; // of its own policy, or instead of the experiment's

    bool operator==(const StageMixture &) const = default;
};

// One run of a plan. What it does not say is as the experiment says.
struct StageConfig {
    std::string name;
    RunRole role = RunRole::Main;
    std::optional<std::uint64_t> seed;
    StageSource weights;   // whose last weights it starts from
    StageSource reference; // whose model gives its reference losses
    SectionOverrides<ModelConfig> model;
    SectionOverrides<TrainingConfig> training;
    StageMixture mixture;

    bool operator==(const StageConfig &) const = default;
};

struct Experiment {
    ExperimentInfo info;
    TokenizerConfig tokenizer;
    std::vector<DomainConfig> domains;
    ModelConfig model;
    TrainingConfig training;
    MixtureConfig mixture;
    std::vector<StageConfig> stages; // a plan: runs in this order (stages.h); empty: one run

    // The folder that relative sources start from: where the file stands. Not part of the file, nor of equality of content.
    std::filesystem::path folder;

    std::uint64_t tokensPerStep() const; // sequences per step x context
    std::uint64_t numSteps() const;      // ceil(budget / tokens per step)
    std::vector<std::string> domainNames() const;

    bool operator==(const Experiment &other) const; // compares all but folder
};

} // namespace krater
