// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/nn/adamw.h"

#include "core/nn/parameter_layout.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <array>

namespace krater {
namespace {

constexpr double kEpsilon = 1e-8;

} // namespace

struct AdamW::State {
    // The part of every arena that has one weight decay.
    struct Group {
        std::array<at::Tensor, 1> values, gradient, firstMoment, secondMoment;
        double weightDecay = 0;
    };

    TrainingConfig config;
    at::Tensor gradient;
    at::Tensor firstMoment;
    at::Tensor secondMoment;
    at::Tensor numSteps; // [] fp32, exact up to 2^24
    std::array<Group, 2> groups;
};

AdamW::AdamW(const ParameterLayout &layout, const TrainingConfig &config, const at::Tensor &values,
             const at::Tensor &gradient)
    : m_state(std::make_unique<State>())
{
    const c10::NoGradGuard noGrad;
    m_state->config = config;
    m_state->gradient = gradient;
    m_state->firstMoment = at::zeros_like(values);
    m_state->secondMoment = at::zeros_like(values);
    m_state->numSteps = at::zeros({}, values.options());
    const auto part = [&](std::size_t first, std::size_t last, double weightDecay) {
        const auto start = static_cast<std::int64_t>(first);
        const auto size = static_cast<std::int64_t>(last - first);
        return State::Group{.values = {values.narrow(0, start, size)},
                            .gradient = {gradient.narrow(0, start, size)},
                            .firstMoment = {m_state->firstMoment.narrow(0, start, size)},
                            .secondMoment = {m_state->secondMoment.narrow(0, start, size)},
                            .weightDecay = weightDecay};
    };
    const std::size_t first = layout.firstTrained();
    const std::size_t decayed = std::max(first, layout.numDecayed());
    m_state->groups = {part(first, decayed, config.weightDecay), part(decayed, layout.arenaSize(), 0)};
}

AdamW::~AdamW() = default;

at::Tensor AdamW::step(double learningRate, const at::Tensor &losses)
{
    const c10::NoGradGuard noGrad;
    const TrainingConfig &config = m_state->config;
    const at::Tensor norm = at::linalg_vector_norm(m_state->gradient, 2, {}, false, at::kDouble);        // []
    const at::Tensor usable = at::isfinite(norm).logical_and(at::isfinite(losses.sum())).to(at::kFloat); // [] 1 or 0
    m_state->numSteps.add_(usable);
    const std::optional<at::Tensor> notUsable = 1 - usable; // the kernel does nothing if it is 1
    std::optional<at::Tensor> divisor;                      // of the gradient, in the kernel
    if (config.clip > 0)
        divisor = (norm / config.clip).clamp_min(1).to(at::kFloat);
    for (State::Group &group : m_state->groups) {
        if (group.values.front().numel() == 0)
            continue;
        at::_fused_adamw_(group.values, group.gradient, group.firstMoment, group.secondMoment, {}, m_state->numSteps,
                          learningRate, config.beta1, config.beta2, group.weightDecay, kEpsilon, false, false, divisor,
                          notUsable);
    }
    return norm;
}

const at::Tensor &AdamW::firstMoment() const
{
    return m_state->firstMoment;
}

const at::Tensor &AdamW::secondMoment() const
{
    return m_state->secondMoment;
}

std::int64_t AdamW::numSteps() const
{
    return static_cast<std::int64_t>(m_state->numSteps.item<float>());
}

void AdamW::setNumSteps(std::int64_t numSteps)
{
    m_state->numSteps.fill_(static_cast<double>(numSteps));
}

void AdamW::reset()
{
    m_state->firstMoment.zero_();
    m_state->secondMoment.zero_();
    setNumSteps(0);
}

} // namespace krater
