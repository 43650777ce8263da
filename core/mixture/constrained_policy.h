// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mixture/mixture_policy.h"

namespace krater {

// The policy with two parameters more, floor and max_epochs, unless it has one of that name itself: every mixture that it gives is projected on
// what they allow (constraints.h). The rule goes on from its own mixture, never from the projected one. Without limits it is the policy itself.
PolicyInfo withConstraints(PolicyInfo info);

} // namespace krater
