// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/static_policy.h"

#include "core/mixture/policy_support.h"

#include <utility>

namespace krater {

StaticPolicy::StaticPolicy(PolicyContext context, Mixture mixture, std::vector<std::string> warnings)
    : m_context(std::move(context)), m_mixture(std::move(mixture)), m_warnings(std::move(warnings))
{
}

std::optional<Mixture> StaticPolicy::update(const PolicyInput &input)
{
    checkInput(m_context, input);
    return std::nullopt;
}

} // namespace krater
