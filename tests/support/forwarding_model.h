// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/language_model.h"

namespace krater {

// Passes every call on to another model: a test overrides what it wants to watch or to break.
class ForwardingModel : public LanguageModel {
public:
    explicit ForwardingModel(std::unique_ptr<LanguageModel> model) : m_model(std::move(model)) {}

    LanguageModelInfo info() const override { return m_model->info(); }
    TrainStepResult trainStep(const Batch &batch, double learningRate, std::span<const double> sequenceWeights = {}) override
    {
        return m_model->trainStep(batch, learningRate, sequenceWeights);
    }
    std::vector<double> evaluate(const Batch &batch) override { return m_model->evaluate(batch); }
    std::vector<float> tokenLosses(const Batch &batch) override { return m_model->tokenLosses(batch); }
    std::vector<float> nextTokenLogits(std::span<const TokenId> tokens) override { return m_model->nextTokenLogits(tokens); }
    DomainGradients domainGradients(const Batch &batch, std::size_t numDomains, double clip) override
    {
        return m_model->domainGradients(batch, numDomains, clip);
    }
    TrainStepResult applyDomainGradients(std::span<const double> weights, double learningRate) override
    {
        return m_model->applyDomainGradients(weights, learningRate);
    }
    std::vector<NamedTensor> save() override { return m_model->save(); }
    void restore(const std::vector<NamedTensor> &tensors) override { m_model->restore(tensors); }
    void setWeights(const std::vector<NamedTensor> &tensors) override { m_model->setWeights(tensors); }

private:
    std::unique_ptr<LanguageModel> m_model;
};

} // namespace krater
