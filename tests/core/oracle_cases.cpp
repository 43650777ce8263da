// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/oracle_cases.h"

#include "core/fit/power_law.h"
#include "core/mixture/ado_rule.h"
#include "core/mixture/doge_rule.h"
#include "core/mixture/doremi_rule.h"
#include "core/mixture/policy_registry.h"

#include <cmath>
#include <limits>
#include <map>
#include <numeric>

using namespace krater;
using nlohmann::json;

void OracleReport::fail(const std::string &what)
{
    problems += what + '\n';
}

void OracleReport::compare(double actual, const json &expected, const std::string &what)
{
    if (!expected.is_number())
        return fail(what + ": the file has no number");
    const double wanted = expected.get<double>();
    const double error = std::abs(actual - wanted) / std::max(std::abs(wanted), 1e-6);
    largest = std::max(largest, std::isnan(error) ? std::numeric_limits<double>::infinity() : error);
    if (!(error <= tolerance))
        fail(what + ": " + std::to_string(actual) + " instead of " + expected.dump());
}

void OracleReport::compare(const std::vector<double> &actual, const json &expected, const std::string &what)
{
    if (!expected.is_array() || expected.size() != actual.size())
        return fail(what + ": the file has no list of " + std::to_string(actual.size()));
    for (std::size_t k = 0; k < actual.size(); ++k)
        compare(actual[k], expected[k], what + '[' + std::to_string(k) + ']');
}

void OracleReport::atMost(double actual, double bound, const std::string &what)
{
    largest = std::max(largest, std::isnan(actual) ? std::numeric_limits<double>::infinity() : actual - bound);
    if (!(actual <= bound + tolerance))
        fail(what + ": " + std::to_string(actual) + " is above " + std::to_string(bound));
}

namespace {

using Numbers = std::vector<double>;

PolicyContext contextOf(std::size_t numDomains)
{
    PolicyContext context;
    for (std::size_t k = 0; k < numDomains; ++k) {
        context.domains.push_back(std::to_string(k));
        context.tokens.push_back(1.0);
    }
    return context;
}

Weights named(const Numbers &values)
{
    Weights weights;
    for (std::size_t k = 0; k < values.size(); ++k)
        weights[std::to_string(k)] = values[k];
    return weights;
}

PolicyInput inputOf(const Numbers &losses, std::uint64_t step, PolicyInput::Signal signal)
{
    PolicyInput input;
    input.signal = signal;
    input.step = step;
    input.losses = losses;
    input.present.assign(losses.size(), true);
    input.tokens.assign(losses.size(), 1024.0);
    return input;
}

Numbers weightsOf(const Mixture &mixture)
{
    return {mixture.weights().begin(), mixture.weights().end()};
}

// A list of numbers, whether or not it is wrapped in more lists (one for each micro-batch).
Numbers flat(const json &value)
{
    if (!value.is_array())
        return {value.is_boolean() ? double(value.get<bool>()) : value.get<double>()};
    Numbers all;
    for (const json &part : value)
        for (const double number : flat(part))
            all.push_back(number);
    return all;
}

void runGibbs(const json &file, OracleReport &report)
{
    for (const json &test : file.value("cases", json::array())) {
        const std::string name = "case " + std::to_string(++report.cases);
        const Numbers losses = test.at("H"), prior = test.at("prior");
        const double temperature = test.at("tau");
        ParameterValues values{{"temperature", temperature}, {"prior", named(prior)}};
        const auto answer = [&] {
            return createPolicy("gibbs", contextOf(losses.size()), values)
                ->update(inputOf(losses, 1, PolicyInput::Signal::Training))
                .value();
        };
        const Mixture easy = answer();
        report.compare(weightsOf(easy), test.at("out_p_min"), name + " p");
        report.compare(std::inner_product(losses.begin(), losses.end(), easy.weights().begin(), 0.0)
                           + temperature * easy.klDivergence(Mixture::fromWeights(prior)),
                       test.at("out_F_min"), name + " minimum");
        values["direction"] = std::string("hard_first");
        report.compare(weightsOf(answer()), test.at("out_p_max_variant_plusH"), name + " p of +H");
    }
}

void runStaticPriors(const json &file, OracleReport &report)
{
    for (const json &test : file.value("unimax", json::array())) {
        const std::string name = "unimax " + std::to_string(++report.cases);
        PolicyContext context = contextOf(test.at("sizes").size());
        context.tokens = test.at("sizes").get<Numbers>();
        context.tokenBudget = test.at("budget").get<std::uint64_t>();
        const auto policy = createPolicy("unimax", context, {{"max_epochs", test.at("max_epochs").get<double>()}});
        const Numbers p = weightsOf(policy->initial()), tokens = test.at("out_tokens");
        report.compare(p, test.at("out_p"), name + " p");
        const double spent = std::accumulate(tokens.begin(), tokens.end(), 0.0);
        if (policy->warnings().empty() != (spent >= double(context.tokenBudget) * (1.0 - 1e-9)))
            report.fail(name + ": an unspent budget and its warning go together");
        for (std::size_t k = 0; k < p.size(); ++k)
            report.compare(p[k] * spent / context.tokens[k], test.at("epochs").at(k), name + " epochs");
    }
    for (const json &test : file.value("temperature", json::array())) {
        const std::string name = "temperature " + std::to_string(++report.cases);
        PolicyContext context = contextOf(test.at("sizes").size());
        context.tokens = test.at("sizes").get<Numbers>();
        const auto policy = createPolicy("temperature", context, {{"temperature", test.at("T").get<double>()}});
        report.compare(weightsOf(policy->initial()), test.at("out_p"), name + " p");
    }
}

std::string odmVariant(const std::string &updater, const std::string &mode)
{
    static const std::map<std::pair<std::string, std::string>, std::string> kVariants{
        {{"Exp3WeightUpdater", "update"}, "exp3"},
        {{"Exp3WeightUpdater", "group_update"}, "exp3"},
        {{"SmoothedMeanWeightUpdater", "group_update"}, "smoothed_mean"},
        {{"SmoothedMeanWeightUpdater", "update"}, "smoothed_exp"},
        {{"EMAWeightUpdater", "update"}, "ema"}};
    const auto found = kVariants.find({updater, mode});
    return found == kVariants.end() ? std::string() : found->second;
}

void runOdm(const json &file, OracleReport &report)
{
    for (const json &test : file.value("cases", json::array())) {
        const std::string name = "case " + std::to_string(++report.cases) + ' ' + test.at("updater").get<std::string>();
        const std::string variant = odmVariant(test.at("updater"), test.at("mode"));
        if (variant.empty()) {
            report.fail(name + ": unknown updater or mode " + test.at("mode").dump());
            continue;
        }
        const Numbers weights = test.at("initial_weights");
        const double smoothing = test.value("smoothing_factor", test.value("smoothing", 0.9));
        const auto policy =
            createPolicy("odm", contextOf(weights.size()),
                         {{"variant", variant}, {"prior", named(weights)}, {"smoothing", smoothing}, {"warmup", 0.0}});
        for (const json &step : test.at("steps")) {
            PolicyInput input =
                inputOf(Numbers(weights.size(), 0.0), step.at("iteration"), PolicyInput::Signal::Training);
            input.present.assign(weights.size(), false);
            const Numbers domains = flat(step.contains("domains") ? step["domains"] : step.at("domain"));
            const Numbers rewards = flat(step.contains("rewards") ? step["rewards"] : step.at("reward"));
            for (std::size_t i = 0; i < domains.size(); ++i) {
                input.losses[std::size_t(domains[i])] = rewards.at(i);
                input.present[std::size_t(domains[i])] = true;
            }
            report.compare(weightsOf(policy->update(input).value()), step.at("out_probabilities"), name);
        }
    }
}

void runShearedLlama(const json &file, OracleReport &report)
{
    for (const json &test : file.value("cases", json::array())) {
        const std::string type = test.at("update_type");
        const std::string name = "case " + std::to_string(++report.cases) + ' ' + type;
        for (const json &step : test.at("steps")) {
            const Numbers losses = step.at("losses");
            const auto policy = createPolicy(
                "sheared_llama", contextOf(losses.size()),
                {{"type", type},
                 {"prior", named(step.at("current"))},
                 {"targets", named(step.contains("target_loss") ? step["target_loss"] : test.at("target_loss"))},
                 {"eta", test.value("eta", file.value("eta", 1.0))},
                 {"smoothing", test.value("c", file.value("c", 1e-4))}});
            const auto updated = policy->update(inputOf(losses, 1, PolicyInput::Signal::HeldOut));
            report.compare(weightsOf(updated ? *updated : policy->initial()), step.at("out"), name);
        }
    }
}

DoremiBatch doremiBatch(const json &step)
{
    DoremiBatch batch;
    const Numbers ids = flat(step.at("domain_ids"));
    const json &masks = step.at("token_mask");
    for (std::size_t row = 0; row < ids.size(); ++row)
        for (const double counts : flat(masks.at(row))) {
            batch.domains.push_back(std::size_t(ids[row]));
            batch.counts.push_back(counts != 0.0);
        }
    batch.proxyLosses = flat(step.at("proxy_token_loss"));
    batch.referenceLosses = flat(step.at("reference_token_loss"));
    return batch;
}

void runDoremi(const json &file, OracleReport &report)
{
    for (const json &test : file.value("cases", json::array())) {
        const std::string name = "case " + std::to_string(++report.cases) + ' ';
        DoremiState state = doremiStart(test.at("initial_weights").get<Numbers>(), test.at("vocab_for_initial_score"));
        const Numbers sampling = test.at("sampling_weights");
        for (const json &step : test.at("steps")) {
            const DoremiBatch batch = doremiBatch(step);
            state = doremiUpdate(std::move(state), batch, test.at("reweight_eta"), test.at("reweight_eps"));
            report.compare(state.scores, step.at("out_perdomain_scores"), name + "scores");
            report.compare(state.weights, step.at("out_weights"), name + "weights");
            report.compare(state.average, step.at("out_avg_weights"), name + "average");
            // The reference computes with 32 bits: the next step starts from its state, so that roundings do not add up.
            state.scores = step.at("out_perdomain_scores").get<Numbers>();
            state.weights = step.at("out_weights").get<Numbers>();
            state.average = step.at("out_avg_weights").get<Numbers>();
            const Numbers weights = doremiTokenWeights(batch, state.weights, sampling, DoremiNormalisation::Batch);
            report.compare(std::inner_product(weights.begin(), weights.end(), batch.proxyLosses.begin(), 0.0),
                           step.at("out_training_loss"), name + "loss");
            if (step.contains("out_grad_wrt_token_loss"))
                report.compare(weights, flat(step["out_grad_wrt_token_loss"]), name + "gradient");
        }
    }
}

std::vector<std::size_t> indices(const json &list)
{
    return list.get<std::vector<std::size_t>>();
}

bool isMissing(const json &step, std::size_t domain)
{
    const json missing = step.value("missing_domain", json());
    if (missing.is_array())
        return std::ranges::find(missing, json(domain)) != missing.end();
    return missing.is_number() && missing.get<std::size_t>() == domain;
}

void runDoge(const json &file, OracleReport &report)
{
    for (const json &test : file.value("cases", json::array())) {
        const std::string name = "case " + std::to_string(++report.cases) + ' ';
        const auto numDomains = test.at("k").get<std::size_t>();
        DogeSettings settings{indices(test.at("train_ids")), indices(test.at("tgt_ids")), test.at("mu"),
                              test.at("reweight_eps"),       test.at("score_clip").at(0), test.at("score_clip").at(1)};
        DogeState state = dogeStart(numDomains, settings);
        std::vector<Numbers> gradients(numDomains);
        for (const json &step : test.at("steps")) {
            const json &raw = step.at("raw_domain_gradients");
            for (std::size_t k = 0; k < numDomains; ++k)
                if (!isMissing(step, k) && raw.at(k).is_array())
                    gradients[k] = clippedGradient(raw[k].get<Numbers>(), test.at("max_grad_norm"));
                else
                    gradients[k].resize(step.at("out_flat_grad_mat_after_clip").at(k).size(), 0.0);
            std::vector<Numbers> products(numDomains, Numbers(numDomains));
            for (std::size_t i = 0; i < numDomains; ++i) {
                report.compare(gradients[i], step.at("out_flat_grad_mat_after_clip").at(i), name + "clipped gradient");
                for (std::size_t j = 0; j < numDomains; ++j)
                    products[i][j] =
                        std::inner_product(gradients[i].begin(), gradients[i].end(), gradients[j].begin(), 0.0);
            }
            state = dogeUpdate(std::move(state), settings, products, step.value("lr", test.at("lr").get<double>()));
            report.compare(state.weights, step.at("out_train_dw"), name + "weights");
            report.compare(state.average(), step.at("out_avg_dw"), name + "average");
        }
    }
}

void runAdoFits(const json &file, OracleReport &report)
{
    for (const json &test : file.value("fits", json::array())) {
        const std::string name = "fit " + std::to_string(++report.cases);
        const Numbers n = test.at("D"), losses = test.at("loss");
        const auto law = fitPowerLaw(n, losses);
        if (!law) {
            report.fail(name + ": no law");
            continue;
        }
        report.atMost(powerLawObjective(*law, n, losses), test.at("out_best_objective"), name + " objective");
        if (test.contains("objective_at_truth")) {
            const Numbers truth = test.at("true_a_e_alpha");
            report.compare(powerLawObjective({truth.at(0), truth.at(1), truth.at(2)}, n, losses),
                           test["objective_at_truth"], name + " at the truth");
        }
    }
}

PolicyInput adoInput(const json &step, std::size_t numDomains)
{
    PolicyInput input = inputOf(Numbers(numDomains, 0.0), step.at("itr"), PolicyInput::Signal::Training);
    const Numbers domains = flat(step.at("task_ids")), losses = flat(step.at("losses"));
    Numbers counts(numDomains, 0.0);
    for (std::size_t i = 0; i < domains.size(); ++i) {
        counts[std::size_t(domains[i])] += 1.0;
        input.losses[std::size_t(domains[i])] += losses.at(i);
    }
    for (std::size_t k = 0; k < numDomains; ++k) {
        input.present[k] = counts[k] > 0.0;
        input.losses[k] /= std::max(counts[k], 1.0);
        input.tokens[k] = counts[k] * 1024.0;
    }
    return input;
}

// The laws are given, not fitted: the policy starts from a state that holds them.
void runAdoCase(const json &test, const std::string &name, OracleReport &report)
{
    const auto numDomains = test.at("k").get<std::size_t>();
    const auto startStep = test.at("start_step").get<double>();
    PolicyContext context = contextOf(numDomains);
    context.numSteps = startStep == 0.0 ? 1 : 1'000'000; // start = 0 is automatic: step 0 of a run that short
    const auto policy =
        createPolicy("ado", context,
                     {{"prior", named(test.at("prior_mu"))},
                      {"start", startStep},
                      {"interval", 1e9},
                      {"counts", std::string(test.at("use_same_step_size").get<bool>() ? "total" : "own")}});
    json state = json::parse(policy->save());
    state["laws"] = test.at("params_a_e_alpha");
    policy->restore(state.dump());
    for (const json &step : test.at("steps")) {
        const auto mixture = policy->update(adoInput(step, numDomains));
        state = json::parse(policy->save());
        report.compare(state["shares"].get<Numbers>(), step.at("out_p_history"), name + " history");
        report.compare(state["last"].get<Numbers>(), step.at("out_task_loss_row"), name + " losses");
        report.compare(state["seen"].get<Numbers>(), step.at("out_cum_count"), name + " counts");
        if (!step.at("out_policy").is_null())
            report.compare(mixture ? weightsOf(*mixture) : Numbers(), step["out_policy"], name + " policy");
        else if (mixture)
            report.fail(name + ": moved before its start");
        report.compare(state["average"].get<Numbers>(), step.at("out_p_avg"), name + " average");
    }
}

void runAdo(const json &file, OracleReport &report)
{
    for (const json &test : file.value("clip_min_probability", json::array())) {
        const std::string name = "clip " + std::to_string(++report.cases);
        report.compare(clippedShares(test.at("p").get<Numbers>(), test.at("min")), test.at("out"), name);
    }
    runAdoFits(file, report);
    for (const json &test : file.value("cases", json::array()))
        runAdoCase(test, "case " + std::to_string(++report.cases), report);
}

} // namespace

OracleRunner oracleRunnerFor(const std::string &fileName)
{
    static const std::map<std::string, OracleRunner> kRunners{
        {"gibbs.json", runGibbs},   {"static_priors.json", runStaticPriors},
        {"odm.json", runOdm},       {"sheared_llama.json", runShearedLlama},
        {"doremi.json", runDoremi}, {"doge.json", runDoge},
        {"ado.json", runAdo}};
    const auto found = kRunners.find(fileName);
    return found == kRunners.end() ? nullptr : found->second;
}
