// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Measures training steps of the real engine. tests/bench/compare_training.py runs it beside PyTorch.
//
// One JSON line on stdout: milliseconds of each measured step, tokens per second by their median, losses. The batches
// are made by a linear congruential generator that pytorch_eager.py has too, or drawn from a file (--text), of which
// the last tenth is held out.

#include "core/base/error.h"
#include "core/base/rng.h"
#include "core/train/language_model.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iterator>
#include <numeric>

namespace {

using namespace krater;
using Clock = std::chrono::steady_clock;

constexpr int kNumBatches = 8; // taken in turn

struct Options {
    LanguageModelSpec spec;
    std::string text;
    std::string weights;
    int steps = 30;
    int warmup = 3;
    double seconds = 0;
};

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

Batch emptyBatch(const Options &options)
{
    Batch batch;
    batch.numSequences = static_cast<std::size_t>(options.spec.training.sequencesPerStep);
    batch.context = static_cast<std::size_t>(options.spec.model.context);
    batch.domains.assign(batch.numSequences, 0);
    return batch;
}

std::vector<Batch> generatedBatches(const Options &options)
{
    std::vector<Batch> batches(kNumBatches, emptyBatch(options));
    std::uint32_t state = 1;
    for (Batch &batch : batches) {
        batch.tokens.resize(batch.numSequences * (batch.context + 1));
        for (TokenId &token : batch.tokens) {
            state = (1'103'515'245U * state + 12'345U) & 0x7FFFFFFFU;
            token = static_cast<TokenId>((state >> 12U) % static_cast<unsigned>(options.spec.vocabulary));
        }
    }
    return batches;
}

// Windows at random places of [first, last) of the text.
Batch drawnBatch(const Options &options, const std::string &text, std::size_t first, std::size_t last, Rng &rng)
{
    Batch batch = emptyBatch(options);
    for (std::size_t i = 0; i < batch.numSequences; ++i) {
        const std::size_t start = first + rng.below(last - first - batch.context - 1);
        for (std::size_t t = 0; t <= batch.context; ++t)
            batch.tokens.push_back(static_cast<unsigned char>(text[start + t]));
    }
    return batch;
}

double mean(const std::vector<double> &values)
{
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// One line "name length length ..." for each tensor of the model, an empty line, then all their bytes.
void writeWeights(LanguageModel &model, const std::string &file)
{
    std::ofstream out(file, std::ios::binary);
    const std::vector<NamedTensor> tensors = model.save();
    const auto isWeight = [](const NamedTensor &tensor) { return tensor.name.starts_with("model."); };
    for (const NamedTensor &tensor : tensors)
        if (isWeight(tensor))
            out << fmt::format("{} {}\n", tensor.name, fmt::join(tensor.shape, " "));
    out << '\n';
    for (const NamedTensor &tensor : tensors)
        if (isWeight(tensor))
            out.write(reinterpret_cast<const char *>(tensor.bytes.data()),
                      static_cast<std::streamsize>(tensor.bytes.size()));
    if (!out.flush())
        throw Error(fmt::format("{} could not be written.", file));
}

void measureSteps(const Options &options, LanguageModel &model)
{
    const std::vector<Batch> batches = generatedBatches(options);
    std::vector<double> stepMs;
    std::vector<double> losses;
    for (int step = 0; step < options.warmup + options.steps; ++step) {
        const auto start = Clock::now();
        const TrainStepResult result =
            model.trainStep(batches[static_cast<std::size_t>(step) % kNumBatches], options.spec.training.learningRate);
        if (step >= options.warmup)
            stepMs.push_back(1000 * secondsSince(start));
        losses.push_back(mean(result.sequenceLosses));
    }
    std::vector<double> sorted = stepMs;
    std::sort(sorted.begin(), sorted.end());
    const double median = sorted[sorted.size() / 2];
    const double tokens = static_cast<double>(batches[0].numSequences * batches[0].context);
    fmt::print("{{\"engine\": \"{}\", \"device\": \"{}\", \"parameters\": {}, \"tokens_per_second\": {:.0f}, "
               "\"median_ms\": {:.3f}, "
               "\"losses\": [{:.7f}], \"step_ms\": [{:.3f}]}}\n",
               model.info().engine, model.info().device, model.info().parameters, 1000 * tokens / median, median,
               fmt::join(losses, ", "), fmt::join(stepMs, ", "));
}

double heldOutLoss(const Options &options, const std::string &text, LanguageModel &model)
{
    constexpr int kNumEvaluations = 8;
    Rng rng = Rng::stream(1, "held-out");
    double sum = 0;
    for (int i = 0; i < kNumEvaluations; ++i)
        sum += mean(model.evaluate(drawnBatch(options, text, text.size() / 10 * 9, text.size(), rng)));
    return sum / kNumEvaluations;
}

// How far a model comes on real text in a given time: linear warm-up over 2 % of it, then a cosine to a tenth.
void measureLearning(const Options &options, LanguageModel &model)
{
    std::ifstream in(options.text, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (text.size() < 20 * static_cast<std::size_t>(options.spec.model.context))
        throw Error(fmt::format("{} is too short or cannot be read.", options.text));
    Rng rng = Rng::stream(1, "windows");
    const auto start = Clock::now();
    double nextReport = 0;
    std::uint64_t tokens = 0;
    for (double elapsed = 0; elapsed < options.seconds; elapsed = secondsSince(start)) {
        const double done = elapsed / options.seconds;
        const double factor = done < 0.02 ? (done + 0.001) / 0.02 : 0.1 + 0.45 * (1 + std::cos(3.14159265 * done));
        const Batch batch = drawnBatch(options, text, 0, text.size() / 10 * 9, rng);
        model.trainStep(batch, options.spec.training.learningRate * std::min(1.0, factor));
        tokens += batch.numSequences * batch.context;
        if (elapsed >= nextReport) {
            fmt::print(stderr, "{:6.1f} s {:9} tokens  held-out {:.4f}\n", elapsed, tokens,
                       heldOutLoss(options, text, model));
            nextReport += options.seconds / 8;
        }
    }
    fmt::print("{{\"parameters\": {}, \"tokens\": {}, \"tokens_per_second\": {:.0f}, \"held_out\": {:.4f}}}\n",
               model.info().parameters, tokens, static_cast<double>(tokens) / secondsSince(start),
               heldOutLoss(options, text, model));
}

void addOptions(CLI::App &program, Options &options)
{
    ModelConfig &model = options.spec.model;
    TrainingConfig &training = options.spec.training;
    options.spec.vocabulary = 257;
    options.spec.seed = 1;
    program.add_option("--layers", model.layers);
    program.add_option("--width", model.width);
    program.add_option("--heads", model.heads);
    program.add_option("--context", model.context);
    program.add_option("--vocabulary", options.spec.vocabulary);
    program.add_option("--sequences", training.sequencesPerStep);
    program.add_option("--threads", training.threads);
    program.add_option("--device", training.device);
    program.add_option("--learning-rate", training.learningRate);
    program.add_flag_callback("--bfloat16", [&] { training.precision = TrainingConfig::Precision::BFloat16; });
    program.add_option("--steps", options.steps, "Measured steps");
    program.add_option("--warmup", options.warmup, "Steps before those");
    program.add_option("--weights", options.weights, "Write the initial weights to this file");
    program.add_option("--text", options.text, "Train on the bytes of this file instead");
    program.add_option("--seconds", options.seconds, "for this long");
}

} // namespace

int main(int argc, char **argv)
{
    Options options;
    CLI::App program("Measures training steps of Krater's engine.");
    addOptions(program, options);
    CLI11_PARSE(program, argc, argv);
    try {
        const std::unique_ptr<LanguageModel> model = loadEngine()->create(options.spec);
        if (!options.weights.empty())
            writeWeights(*model, options.weights);
        if (options.text.empty())
            measureSteps(options, *model);
        else
            measureLearning(options, *model);
    } catch (const Error &error) {
        fmt::print(stderr, "bench_training: {} {}\n", error.what(), error.advice());
        return 1;
    }
    return 0;
}
