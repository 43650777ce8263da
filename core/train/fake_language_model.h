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
    std::function<void()> beforeLogits;                 // the same before each token that is generated
};

// An engine without a network: the loss of domain k is a_k + b (1 + tokens_k / 1000)^-c_k nats/token, tokens_k being what it was trained on of
// that domain, plus up to 0.05 that depends on the sequence's tokens. Deterministic; everything is in a few small tensors.
// - A sequence of weight w counts as w B times its tokens.
// - Token losses are the sequence's loss and up to 0.1 more or less in turn.
// - The gradient of domain k has its loss as its norm; those of i and j have the cosine 1 / (1 + |i - j|). A step on them with the weights w
//   trains each domain that has one on w_k of the batch's tokens.
// - After the token t, t + 1 is likely (a logit of 5 to 6; all others have less than 1).
std::shared_ptr<const Engine> makeFakeEngine(FakeEngineOptions options);

} // namespace krater
