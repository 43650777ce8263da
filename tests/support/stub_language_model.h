// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/train/language_model.h"

namespace krater {

// A model that can do nothing: tests override what they ask of it.
class StubLanguageModel : public LanguageModel {
public:
    LanguageModelInfo info() const override { return {}; }
    TrainStepResult trainStep(const Batch &, double, std::span<const double>) override { refuse(); }
    std::vector<double> evaluate(const Batch &) override { refuse(); }
    std::vector<float> tokenLosses(const Batch &) override { refuse(); }
    std::vector<float> nextTokenLogits(std::span<const TokenId>) override { refuse(); }
    DomainGradients domainGradients(const Batch &, std::size_t, double) override { refuse(); }
    TrainStepResult applyDomainGradients(std::span<const double>, double) override { refuse(); }
    std::vector<NamedTensor> save() override { refuse(); }
    void restore(const std::vector<NamedTensor> &) override { refuse(); }
    void setWeights(const std::vector<NamedTensor> &) override { refuse(); }

private:
    [[noreturn]] static void refuse() { throw Error("The test's model cannot do this."); }
};

} // namespace krater
