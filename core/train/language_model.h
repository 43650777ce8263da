// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"
#include "core/sampling/batch.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace krater {

// A tensor by name, as it stands in a checkpoint: little-endian, row-major.
struct NamedTensor {
    enum class Type { Float32, Int64 };

    std::string name;
    Type type = Type::Float32;
    std::vector<std::int64_t> shape;
    std::vector<std::byte> bytes;
};

// What a language model is made from.
struct LanguageModelSpec {
    ModelConfig model;
    TrainingConfig training; // device, precision, threads, optimiser; with prompt vectors only these are trained
    int vocabulary = 0;
    std::uint64_t seed = 0;  // initial weights come from Rng::stream(seed, "weights")
};

struct TrainStepResult {
    std::vector<double> sequenceLosses; // [B] mean nats per token of each sequence, before the update
    double gradientNorm = 0;            // global L2 norm before clipping
};

// What domainGradients() measures; K domains.
struct DomainGradients {
    std::vector<double> sequenceLosses; // [B] mean nats per token of each sequence, before the update
    std::vector<double> dotProducts;    // [K, K] row-major, of the kept (clipped) gradients, stale ones included
    std::vector<double> norms;          // [K] L2 norms of the kept gradients, after clipping
};

struct LanguageModelInfo {
    std::string engine;        // "LibTorch 2.11.0", "fake"
    std::string device;        // "CPU, 2 threads", "cuda:0 NVIDIA H200"
    std::string precision;     // "float32", "bfloat16"
    std::uint64_t parameters = 0;
    int threads = 0;           // of the CPU; 0 on a GPU
};

// A language model with its optimiser. One thread at a time (the trainer's); calls block until done. Throws Error, also for out of memory.
class LanguageModel {
public:
    virtual ~LanguageModel() = default;

    virtual LanguageModelInfo info() const = 0;

    // One forward and backward pass and one optimiser step at `learningRate` on the batch's loss: the sum over its sequences of
    // sequenceWeights[b] * (mean nats per token of sequence b), [B]; without weights 1/B each, the mean over all tokens of the batch.
    // A loss or gradient that is not finite leaves the weights as they were; the caller sees it in the result.
    virtual TrainStepResult trainStep(const Batch &batch, double learningRate, std::span<const double> sequenceWeights = {}) = 0;
    // Forward only: [B] mean nats per token of each sequence. Same numbers for the same weights, whatever else ran before.
    virtual std::vector<double> evaluate(const Batch &batch) = 0;
    // Forward only: [B, T] row-major, nats of each token. Same numbers for the same weights; a sequence's mean is its loss.
    virtual std::vector<float> tokenLosses(const Batch &batch) = 0;
    // [V] logits of the token after `tokens`, of which there are 1 to context.
    virtual std::vector<float> nextTokenLogits(std::span<const TokenId> tokens) = 0;

    // A backward pass of each domain's mean loss over its tokens in the batch, each by itself, without an update. The model keeps the
    // gradients, K times the memory of its weights, each clipped to the global L2 norm `clip` (0: off); a domain that is not in the batch
    // keeps the gradient that it had, zero at first. K is the same in all calls.
    virtual DomainGradients domainGradients(const Batch &batch, std::size_t numDomains, double clip) = 0;
    // One optimiser step on the sum over k of weights[k] * (the kept gradient of domain k), [K], clipped as every step's. Only after
    // domainGradients(), whose losses are in the result; if one of them or the sum is not finite, the weights stay as they were.
    virtual TrainStepResult applyDomainGradients(std::span<const double> weights, double learningRate) = 0;

    // Weights ("model.*"), optimiser state ("optimizer.*") and, once there are any, the domains' gradients ("gradients.*"); restoring them
    // continues bit for bit. restore throws Error on a mismatch and then changes nothing.
    virtual std::vector<NamedTensor> save() = 0;
    virtual void restore(const std::vector<NamedTensor> &tensors) = 0;
    // Takes the weights of a checkpoint, prompt vectors only if it has some, ignoring its other tensors, and leaves all else as in a new model:
    // where a stage goes on from another run. Throws Error on a mismatch and then changes nothing.
    virtual void setWeights(const std::vector<NamedTensor> &tensors) = 0;
};

// Makes language models; the engine library (core/nn) and the test fake implement it. Safe to call from any thread.
class Engine {
public:
    virtual ~Engine() = default;
    virtual std::string version() const = 0;               // "LibTorch 2.11.0"
    virtual std::vector<std::string> devices() const = 0;  // what `device` may name here: "cpu", "cuda:0", ...
    virtual std::unique_ptr<LanguageModel> create(const LanguageModelSpec &spec) const = 0; // throws Error
};

// Loads libkrater_nn.so (beside the program, or in its library folder; $KRATER_NN overrides) and with it LibTorch, once per process. Takes 0.3 s warm,
// 1-2 s cold: not on the UI thread. Throws Error that says what is missing and how to get it. Sets OMP_WAIT_POLICY=passive if unset.
std::shared_ptr<const Engine> loadEngine();
// loss a + b * tokens^-c per domain, no tensors but a token counter: for tests of everything around the model.
std::shared_ptr<const Engine> makeFakeEngine();

} // namespace krater
