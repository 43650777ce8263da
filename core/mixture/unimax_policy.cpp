// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// UniMax (Chung et al. 2023, arXiv 2304.09151, algorithm 1): as uniform as the sizes allow. The token budget is shared out from the smallest
// domain to the largest; each takes an equal part of what is left, but no more than max_epochs passes over its tokens. If every domain
// reaches its cap, a part of the budget stays unspent: the shares are still those of the tokens taken, so a run of that budget repeats every
// domain more often than max_epochs, in proportion. That is worth a warning.

#include "core/mixture/policy_support.h"
#include "core/mixture/static_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace krater {

namespace {

struct Allotment {
    std::vector<double> tokens; // K
    double unspent = 0.0;       // tokens
};

Allotment allot(const std::vector<double> &sizes, double budget, double maxEpochs)
{
    std::vector<std::size_t> order(sizes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t k) { return sizes[k]; });
    Allotment result{std::vector<double>(sizes.size(), 0.0), budget};
    for (std::size_t i = 0; i < order.size(); ++i) {
        const double part = result.unspent / static_cast<double>(order.size() - i);
        const double taken = std::min(part, maxEpochs * sizes[order[i]]);
        result.tokens[order[i]] = taken;
        result.unspent -= taken;
    }
    return result;
}

std::unique_ptr<MixturePolicy> create(const PolicyContext &context, double maxEpochs)
{
    // Without a run (a preview) the budget is one pass over the corpus.
    const double corpus = std::accumulate(context.tokens.begin(), context.tokens.end(), 0.0);
    const double budget = context.tokenBudget > 0 ? static_cast<double>(context.tokenBudget) : corpus;
    const Allotment allotment = allot(context.tokens, budget, maxEpochs);
    std::vector<std::string> warnings;
    constexpr double kRounding = 1e-9; // of the budget
    if (allotment.unspent > kRounding * budget)
        warnings.push_back(fmt::format("Every domain reaches max_epochs = {:g} with {:.3g} of the {:.3g} tokens "
                                       "unspent: a run of that budget repeats each {:.3g} "
                                       "times. Lower training.token_budget, raise max_epochs or add text.",
                                       maxEpochs, allotment.unspent, budget, budget / corpus));
    return std::make_unique<StaticPolicy>(context, Mixture::fromWeights(allotment.tokens), std::move(warnings));
}

} // namespace

PolicyInfo unimaxPolicy()
{
    static const ParamSpec kMaxEpochs = numberParam(
        "max_epochs", "Epochs at most", 4.0, 0.01, 1e6, "epochs",
        "How often a domain may be repeated before its share goes to larger ones; up to 4 passes are nearly as "
        "good as new text.");
    return {
        .name = "unimax",
        .label = "UniMax",
        .summary = "As uniform as the sizes allow: equal shares, but no domain repeated more often than a cap.",
        .formula =
            "U_k = min(what is left / domains left, max_epochs n_k) from the smallest domain up, p_k = U_k / sum_j U_j",
        .reference = "Chung et al. 2023, arXiv 2304.09151, algorithm 1; the default cap after Muennighoff et al. 2023, "
                     "arXiv 2305.16264.",
        .adaptive = false,
        .parameters = {kMaxEpochs},
        .create = [](const PolicyContext &context, const ParameterValues &values) -> std::unique_ptr<MixturePolicy> {
            return create(context, numberOf(values, kMaxEpochs));
        }};
}

} // namespace krater
