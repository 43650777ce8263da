// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/nn/devices.h"
#include "core/nn/torch_language_model.h"
#include "tests/nn/models.h"

#include <QTest>

namespace krater::test {

inline std::unique_ptr<LanguageModel> makeModel(const LanguageModelSpec &spec,
                                                NetworkKind kind = NetworkKind::Automatic)
{
    return makeTorchLanguageModel(spec, Devices(), kind);
}

// A row for each network in fp32: Automatic, which is CpuNetwork, and TensorNetwork. The column is `kind`.
inline void addNetworkKinds()
{
    QTest::addColumn<int>("kind");
    QTest::newRow("own") << int(NetworkKind::Automatic);
    QTest::newRow("LibTorch") << int(NetworkKind::Tensor);
}

inline std::unique_ptr<LanguageModel> makeModelOfKind(const LanguageModelSpec &spec)
{
    QFETCH(int, kind);
    return makeModel(spec, NetworkKind(kind));
}

// The gradient of a model's mean loss on `batch`, in the order of its tensors: Adam's first moment after one step of a
// new model is (1 - beta1) of it, if it is not clipped. `spec` must not clip.
inline std::vector<double> gradientAfterOneStep(LanguageModel &model, const LanguageModelSpec &spec)
{
    std::vector<double> gradient;
    for (const NamedTensor &tensor : model.save())
        if (tensor.name.starts_with("optimizer.first_moment."))
            for (const float value : floatsOf(tensor))
                gradient.push_back(double(value) / (1 - spec.training.beta1));
    return gradient;
}

} // namespace krater::test
