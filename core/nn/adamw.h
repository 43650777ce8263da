// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"

#include <cstdint>
#include <memory>

namespace at {
class Tensor;
}

namespace krater {

class ParameterLayout;

// AdamW with decoupled weight decay (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm
// 2) of the weights that are trained, decaying matrices only, after clipping the gradient's global norm (Pascanu et al., "On the difficulty of training
// recurrent neural networks", 2013, algorithm 1). Works on whole arenas, on any device, without waiting for it. The
// trainer's thread only.
class AdamW {
public:
    // Arenas: [arenaSize] fp32 tensors of one device.
    AdamW(const ParameterLayout &layout, const TrainingConfig &config, const at::Tensor &values,
          const at::Tensor &gradient);
    ~AdamW();

    // One update from the gradient arena, which it may scale. Nothing changes if the gradient's norm or one of
    // `losses` is not finite. Returns the norm before clipping: [] float64 on the device.
    at::Tensor step(double learningRate, const at::Tensor &losses);

    const at::Tensor &firstMoment() const;  // [arenaSize]
    const at::Tensor &secondMoment() const; // [arenaSize]
    std::int64_t numSteps() const;          // updates made; waits for the device
    void setNumSteps(std::int64_t numSteps);
    void reset(); // as before the first update

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace krater
