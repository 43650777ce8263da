// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/language_model.h"

#include <functional>

namespace krater {

// What goes wrong in a fake engine, and when. Steps count from 1 over the whole life of a model, resumed or not; 0: never.
struct FakeEngineOptions {
    std::uint64_t failAtStep = 0;        // throws Error
    std::uint64_t outOfMemoryAtStep = 0; // throws std::bad_alloc
    std::uint64_t divergeAtStep = 0;     // the first sequence's loss is NaN
    bool failToCreate = false;           // create() throws Error
    std::function<void(std::uint64_t step)> beforeStep; // called on the trainer's thread: lets a test wait or slow it down
};

// An engine without a network: the loss of domain k is a_k + b (1 + tokens_k / 1000)^-c_k nats/token, tokens_k being what it was trained on of
// that domain, plus up to 0.05 that depends on the sequence's tokens. Deterministic; everything is in two tensors.
std::shared_ptr<const Engine> makeFakeEngine(FakeEngineOptions options);

} // namespace krater
