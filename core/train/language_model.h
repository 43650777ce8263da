// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"
#include "core/sampling/batch.h"

#include <cstddef>
#include <memory>
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
    TrainingConfig training; // device, precision, threads, optimiser
    int vocabulary = 0;
    std::uint64_t seed = 0;  // initial weights come from Rng::stream(seed, "weights")
};

struct TrainStepResult {
    std::vector<double> sequenceLosses; // [B] mean nats per token of each sequence, before the update
    double gradientNorm = 0;            // global L2 norm before clipping
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

    // One forward and backward pass and one optimiser step at `learningRate` on the mean loss over all tokens of the batch.
    // A loss or gradient that is not finite leaves the weights as they were; the caller sees it in the result.
    virtual TrainStepResult trainStep(const Batch &batch, double learningRate) = 0;
    // Forward only: [B] mean nats per token of each sequence. Same numbers for the same weights, whatever else ran before.
    virtual std::vector<double> evaluate(const Batch &batch) = 0;

    // Weights ("model.*") and optimiser state ("optimizer.*"); restoring them continues bit for bit. restore throws Error on a mismatch.
    virtual std::vector<NamedTensor> save() = 0;
    virtual void restore(const std::vector<NamedTensor> &tensors) = 0;
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
