// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/fake_language_model.h"

#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/base/rng.h"
#include "core/train/domain_losses.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <numeric>

namespace krater {

namespace {

constexpr const char *kNorms = "gradients.norms"; // float bits

NamedTensor tensorOf(std::string name, const std::vector<std::int64_t> &values)
{
    NamedTensor tensor{std::move(name), NamedTensor::Type::Int64, {static_cast<std::int64_t>(values.size())}, {}};
    tensor.bytes.resize(values.size() * sizeof(std::int64_t));
    if (!values.empty())
        std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
    return tensor;
}

bool has(const std::vector<NamedTensor> &tensors, std::string_view name)
{
    return std::any_of(tensors.begin(), tensors.end(), [&](const NamedTensor &tensor) { return tensor.name == name; });
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

    TrainStepResult trainStep(const Batch &batch, double learningRate, std::span<const double> sequenceWeights) override
    {
        if (!sequenceWeights.empty() && sequenceWeights.size() != batch.numSequences)
            throw Error("The weights are not those of the batch's sequences.");
        TrainStepResult result{beginStep(batch), 0.0};
        const auto weightOf = [&](std::size_t row) { return sequenceWeights.empty() ? 1.0 / double(batch.numSequences) : sequenceWeights[row]; };
        double loss = 0;
        for (std::size_t row = 0; row < batch.numSequences; ++row)
            loss += weightOf(row) * result.sequenceLosses[row];
        if (!std::isfinite(loss))
            return result;
        ++m_steps;
        for (std::size_t row = 0; row < batch.numSequences; ++row)
            learn(batch.domains[row], weightOf(row), batch.numSequences * batch.context);
        result.gradientNorm = loss * learningRate / m_spec.training.learningRate;
        return result;
    }

    std::vector<double> evaluate(const Batch &batch) override
    {
        std::vector<double> losses;
        for (std::size_t row = 0; row < batch.numSequences; ++row)
            losses.push_back(lossOf(batch.domains[row], batch.sequence(row)));
        return losses;
    }

    std::vector<float> tokenLosses(const Batch &batch) override
    {
        std::vector<float> losses;
        for (std::size_t row = 0; row < batch.numSequences; ++row) {
            const double mean = lossOf(batch.domains[row], batch.sequence(row));
            Rng noise(seedOf(batch.sequence(row)));
            const std::size_t first = losses.size();
            losses.resize(first + batch.context, static_cast<float>(mean));
            for (std::size_t t = 0; t + 1 < batch.context; t += 2) {
                const double deviation = 0.1 * noise.uniform();
                losses[first + t] = static_cast<float>(mean + deviation);
                losses[first + t + 1] = static_cast<float>(mean - deviation);
            }
        }
        return losses;
    }

    std::vector<float> nextTokenLogits(std::span<const TokenId> tokens) override
    {
        if (m_options.beforeLogits)
            m_options.beforeLogits();
        std::vector<float> logits;
        Rng noise(seedOf(tokens));
        for (int token = 0; token < m_spec.vocabulary; ++token)
            logits.push_back(static_cast<float>(noise.uniform() + (token == (tokens.back() + 1) % m_spec.vocabulary ? 5.0 : 0.0)));
        return logits;
    }

    DomainGradients domainGradients(const Batch &batch, std::size_t numDomains, double clip) override
    {
        m_sequenceLosses = beginStep(batch);
        m_batchTokens = batch.numSequences * batch.context;
        m_norms.resize(numDomains, 0.0F);
        DomainLosses losses(numDomains);
        losses.add(batch, m_sequenceLosses);
        for (std::size_t domain = 0; domain < numDomains; ++domain)
            if (losses.present()[domain])
                m_norms[domain] = static_cast<float>(clip > 0 ? std::min(clip, losses.means()[domain]) : losses.means()[domain]);
        DomainGradients result{m_sequenceLosses, {}, {m_norms.begin(), m_norms.end()}};
        for (std::size_t i = 0; i < numDomains; ++i)
            for (std::size_t j = 0; j < numDomains; ++j)
                result.dotProducts.push_back(dotProduct(i, j));
        return result;
    }

    TrainStepResult applyDomainGradients(std::span<const double> weights, double learningRate) override
    {
        if (m_sequenceLosses.empty() || weights.size() != m_norms.size())
            throw Error("The weights are not those of the domains whose gradients there are.");
        TrainStepResult result{m_sequenceLosses, 0.0};
        double square = 0;
        for (std::size_t i = 0; i < weights.size(); ++i)
            for (std::size_t j = 0; j < weights.size(); ++j)
                square += weights[i] * weights[j] * dotProduct(i, j);
        if (!std::isfinite(square + std::accumulate(m_sequenceLosses.begin(), m_sequenceLosses.end(), 0.0)))
            return result;
        ++m_steps;
        for (std::size_t domain = 0; domain < weights.size(); ++domain)
            if (m_norms[domain] > 0)
                learn(domain, weights[domain], m_batchTokens);
        result.gradientNorm = std::sqrt(square) * learningRate / m_spec.training.learningRate;
        return result;
    }

    std::vector<NamedTensor> save() override
    {
        std::vector<NamedTensor> tensors{tensorOf("model.tokens", m_tokens), tensorOf("optimizer.steps", {static_cast<std::int64_t>(m_steps)})};
        if (!m_norms.empty()) {
            std::vector<std::int64_t> bits;
            for (const float norm : m_norms)
                bits.push_back(std::bit_cast<std::int32_t>(norm));
            tensors.push_back(tensorOf(kNorms, bits));
        }
        return tensors;
    }

    void restore(const std::vector<NamedTensor> &tensors) override
    {
        const std::vector<std::int64_t> steps = valuesOf(tensors, "optimizer.steps");
        std::vector<std::int64_t> tokens = valuesOf(tensors, "model.tokens");
        if (steps.size() != 1)
            throw Error("The tensor optimizer.steps has " + std::to_string(steps.size()) + " values.", "Resume from another checkpoint.");
        m_steps = static_cast<std::uint64_t>(steps[0]);
        m_tokens = std::move(tokens);
        m_norms.clear();
        m_sequenceLosses.clear();
        if (has(tensors, kNorms))
            for (const std::int64_t bits : valuesOf(tensors, kNorms))
                m_norms.push_back(std::bit_cast<float>(static_cast<std::int32_t>(bits)));
    }

    void setWeights(const std::vector<NamedTensor> &tensors) override
    {
        m_tokens = valuesOf(tensors, "model.tokens");
        m_steps = 0;
        m_norms.clear();
        m_sequenceLosses.clear();
    }

private:
    std::int64_t &tokensOf(std::size_t domain)
    {
        if (domain >= m_tokens.size())
            m_tokens.resize(domain + 1, 0);
        return m_tokens[domain];
    }

    // What the next step begins with: the losses of its batch, or what goes wrong in it.
    std::vector<double> beginStep(const Batch &batch)
    {
        const std::uint64_t step = m_steps + 1;
        if (m_options.beforeStep)
            m_options.beforeStep(step);
        if (step == m_options.failAtStep)
            throw Error("The fake engine fails at step " + std::to_string(step) + '.');
        if (step == m_options.outOfMemoryAtStep)
            throw std::bad_alloc();
        std::vector<double> losses = evaluate(batch);
        if (step == m_options.divergeAtStep)
            losses[0] = std::numeric_limits<double>::quiet_NaN();
        return losses;
    }

    // A share of the step's tokens was the domain's.
    void learn(std::size_t domain, double share, std::size_t numTokens) { tokensOf(domain) += std::llround(share * double(numTokens)); }

    double dotProduct(std::size_t i, std::size_t j) const
    {
        const double distance = i > j ? double(i - j) : double(j - i);
        return double(m_norms[i]) * double(m_norms[j]) / (1.0 + distance);
    }

    std::uint64_t seedOf(std::span<const TokenId> tokens) const
    {
        return hash128({reinterpret_cast<const char *>(tokens.data()), tokens.size_bytes()}, m_spec.seed).low;
    }

    double lossOf(std::size_t domain, std::span<const TokenId> sequence)
    {
        const double floor = 0.5 + 0.25 * double(domain % 5);    // a, nats/token
        const double exponent = 0.1 + 0.05 * double(domain % 3); // c
        const double noise = double(seedOf(sequence) >> 11) * 0x1p-53;
        return floor + 3.0 * std::pow(1.0 + double(tokensOf(domain)) / 1000.0, -exponent) + 0.05 * noise;
    }

    LanguageModelSpec m_spec;
    FakeEngineOptions m_options;
    std::uint64_t m_steps = 0;
    std::vector<std::int64_t> m_tokens;   // by domain
    std::vector<float> m_norms;           // of the kept gradients, by domain
    std::vector<double> m_sequenceLosses; // of the last domainGradients()
    std::size_t m_batchTokens = 0;        // of its batch
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
