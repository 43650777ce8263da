// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mixture/mixture_policy.h"

namespace krater {

// A mixture that stays: losses are checked and otherwise ignored. The trainer's thread.
class StaticPolicy final : public MixturePolicy {
public:
    StaticPolicy(PolicyContext context, Mixture mixture, std::vector<std::string> warnings = {});

    Mixture initial() const override { return m_mixture; }
    std::vector<std::string> warnings() const override { return m_warnings; }
    std::optional<Mixture> update(const PolicyInput &input) override;

private:
    PolicyContext m_context;
    Mixture m_mixture;
    std::vector<std::string> m_warnings;
};

} // namespace krater
