// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/fake_language_model.h"

#include "core/base/error.h"
#include "core/base/hash.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <numeric>

namespace krater {

namespace {

NamedTensor tensorOf(std::string name, const std::vector<std::int64_t> &values)
{
    NamedTensor tensor{std::move(name), NamedTensor::Type::Int64, {static_cast<std::int64_t>(values.size())}, {}};
    tensor.bytes.resize(values.size() * sizeof(std::int64_t));
    if (!values.empty())
        std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
    return tensor;
}

std::vector<std::int64_t> valuesOf(const std::vector<NamedTensor> &tensors, std::string_view name)
{
    for (const NamedTensor &tensor : tensors) {
        if (tensor.name != name || tensor.type != NamedTensor::Type::Int64)
            continue;
        std::vector<std::int64_t> values(tensor.bytes.size() / sizeof(std::int64_t));
        if (!values.empty())
            std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(std::int64_t));
        return values;
    }
    throw Error("The checkpoint has no tensor " + std::string(name) + '.', "Resume with the engine that the run was started with.");
}

class FakeLanguageModel final : public LanguageModel {
public:
    FakeLanguageModel(const LanguageModelSpec &spec, const FakeEngineOptions &options) : m_spec(spec), m_options(options) {}

    LanguageModelInfo info() const override { return {"fake", "CPU", "float64", 1, m_spec.training.threads}; }

    TrainStepResult trainStep(const Batch &batch, double learningRate) override
    {
        const std::uint64_t step = m_steps + 1;
        if (m_options.beforeStep)
            m_options.beforeStep(step);
        if (step == m_options.failAtStep)
            throw Error("The fake engine fails at step " + std::to_string(step) + '.');
        if (step == m_options.outOfMemoryAtStep)
            throw std::bad_alloc();
        TrainStepResult result{evaluate(batch), 0.0};
        if (step == m_options.divergeAtStep) {
            result.sequenceLosses[0] = std::numeric_limits<double>::quiet_NaN();
            return result;
        }
        m_steps = step;
        for (const std::uint32_t domain : batch.domains)
            tokensOf(domain) += static_cast<std::int64_t>(batch.context);
        const double mean = std::accumulate(result.sequenceLosses.begin(), result.sequenceLosses.end(), 0.0) / double(batch.numSequences);
        result.gradientNorm = mean * learningRate / m_spec.training.learningRate;
        return result;
    }

    std::vector<double> evaluate(const Batch &batch) override
    {
        std::vector<double> losses;
        for (std::size_t row = 0; row < batch.numSequences; ++row)
            losses.push_back(lossOf(batch.domains[row], batch.sequence(row)));
        return losses;
    }

    std::vector<NamedTensor> save() override
    {
        return {tensorOf("model.tokens", m_tokens), tensorOf("optimizer.steps", {static_cast<std::int64_t>(m_steps)})};
    }

    void restore(const std::vector<NamedTensor> &tensors) override
    {
        const std::vector<std::int64_t> steps = valuesOf(tensors, "optimizer.steps");
        std::vector<std::int64_t> tokens = valuesOf(tensors, "model.tokens");
        if (steps.size() != 1)
            throw Error("The tensor optimizer.steps has " + std::to_string(steps.size()) + " values.", "Resume from another checkpoint.");
        m_steps = static_cast<std::uint64_t>(steps[0]);
        m_tokens = std::move(tokens);
    }

private:
    std::int64_t &tokensOf(std::size_t domain)
    {
        if (domain >= m_tokens.size())
            m_tokens.resize(domain + 1, 0);
        return m_tokens[domain];
    }

    double lossOf(std::size_t domain, std::span<const TokenId> sequence)
    {
        const double floor = 0.5 + 0.25 * double(domain % 5);    // a, nats/token
        const double exponent = 0.1 + 0.05 * double(domain % 3); // c
        const auto bytes = std::string_view(reinterpret_cast<const char *>(sequence.data()), sequence.size_bytes());
        const double noise = double(hash128(bytes, m_spec.seed).low >> 11) * 0x1p-53;
        return floor + 3.0 * std::pow(1.0 + double(tokensOf(domain)) / 1000.0, -exponent) + 0.05 * noise;
    }

    LanguageModelSpec m_spec;
    FakeEngineOptions m_options;
    std::uint64_t m_steps = 0;
    std::vector<std::int64_t> m_tokens; // by domain
};

class FakeEngine final : public Engine {
public:
    explicit FakeEngine(FakeEngineOptions options) : m_options(std::move(options)) {}

    std::string version() const override { return "fake"; }
    std::vector<std::string> devices() const override { return {"cpu"}; }
    std::unique_ptr<LanguageModel> create(const LanguageModelSpec &spec) const override
    {
        if (m_options.failToCreate)
            throw Error("The fake engine makes no model.");
        return std::make_unique<FakeLanguageModel>(spec, m_options);
    }

private:
    FakeEngineOptions m_options;
};

} // namespace

std::shared_ptr<const Engine> makeFakeEngine(FakeEngineOptions options)
{
    return std::make_shared<const FakeEngine>(std::move(options));
}

std::shared_ptr<const Engine> makeFakeEngine()
{
    return makeFakeEngine(FakeEngineOptions{});
}

} // namespace krater
