// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mixture/mixture.h"

#include <span>
#include <vector>

namespace krater {

// What a run may ask of every policy's mixture. Applied to what the policy gives and never fed back into its state.
struct MixtureConstraints {
    double floor = 0.0;     // share that every domain keeps, in [0, 1/K]
    double maxEpochs = 0.0; // passes over a domain's tokens in the whole run; 0: no cap
};

struct ConstrainedMixture {
    Mixture mixture;
    bool changed = false;     // more than by rounding
    std::vector<bool> capped; // K: held at its cap
    double overrun =
        1.0; // what every cap had to be multiplied with for the caps to hold a mixture at all; 1 where they do
};

// The mixture within lower <= p <= upper that is nearest to `mixture` in KL(p || mixture): bounds hold some domains, all others keep their
// ratios to each other. The sum of lower must be at most 1 and that of upper at least 1 (to within rounding). A domain without weight gets
// some only if the others cannot hold all: then those share alike.
Mixture projected(const Mixture &mixture, std::span<const double> lower, std::span<const double> upper);

// p_k <= maxEpochs n_k / tokenBudget and p_k >= floor, by projection. Where both cannot be, the cap gives way for that domain; where the caps
// together leave a part of the budget unspent, all are raised by the same factor (`overrun`), as UniMax's shares are.
ConstrainedMixture constrained(const Mixture &mixture, const MixtureConstraints &constraints,
                               std::span<const double> tokens, double tokenBudget);

} // namespace krater
