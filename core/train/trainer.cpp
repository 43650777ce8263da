// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/trainer.h"

#include "core/base/error.h"
#include "core/mixture/mixture_design.h"
#include "core/mixture/policy_registry.h"
#include "core/train/learning_rate_schedule.h"
#include "core/train/policy_cost.h"
#include "core/train/policy_step.h"
#include "core/train/text_generation.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

namespace krater {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

class Stopwatch {
public:
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - m_start).count(); }

private:
    std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
};

PolicyContext contextOf(const Experiment &experiment, const TokenizedCorpus &corpus)
{
    PolicyContext context{experiment.domainNames(), {}, experiment.training.tokenBudget, experiment.numSteps(), double(corpus.tokenizer().vocabulary())};
    for (std::size_t k = 0; k < corpus.numDomains(); ++k)
        context.tokens.push_back(static_cast<double>(corpus.domain(k).training.size()));
    return context;
}

std::string inWords(double notFinite)
{
    return std::isnan(notFinite) ? "not a number" : "infinite";
}

} // namespace

Trainer::Trainer(const Experiment &experiment, std::shared_ptr<const TokenizedCorpus> corpus, std::unique_ptr<LanguageModel> model, EventSink send,
                 std::unique_ptr<LanguageModel> reference)
    : m_experiment(experiment), m_corpus(std::move(corpus)), m_model(std::move(model)), m_reference(std::move(reference)), m_send(std::move(send)), m_numSteps(experiment.numSteps()),
      m_context(contextOf(experiment, *m_corpus)), m_policy(createPolicy(experiment.mixture.policy, m_context, experiment.mixture.parameters)),
      m_needs(findPolicy(experiment.mixture.policy)->needs), m_mixture(m_policy->initial()),
      m_sampler(*m_corpus, std::size_t(experiment.model.context), std::size_t(experiment.training.sequencesPerStep), experiment.mixture.batching,
                experiment.info.seed, experiment.domainNames()),
      m_evaluator(*m_corpus, std::size_t(experiment.model.context), experiment.training.evalTokens, std::size_t(experiment.training.sequencesPerStep)),
      m_stopRule(experiment.training.stop, m_context.tokens), m_guards(m_context.domains, std::size_t(experiment.training.sequencesPerStep)),
      m_log(m_context.domains, m_mixture, m_send), m_bestLoss(kInfinity)
{
    if (!m_reference && needsReference(*findPolicy(experiment.mixture.policy), experiment.mixture.parameters))
        throw Error(fmt::format("The policy {} compares with a reference model, and the run has none.", experiment.mixture.policy),
                    "Train one in an earlier stage, and name it in the stage of this run: reference.from = \"...\".");
}

Trainer::Status Trainer::start()
{
    m_log.begin(*m_corpus);
    m_log.warn(0, m_policy->warnings());
    if (std::string cost = extraTimeInWords(m_experiment); !cost.empty())
        m_log.say(MessageEvent::Kind::Info, 0, std::move(cost));
    m_unevaluated = StepEvent{}; // of step 0: only what an evaluation takes from it
    return evaluateStep();
}

Trainer::Status Trainer::step()
{
    if (m_unevaluated)
        return evaluateStep();
    StepEvent event;
    if (!train(event))
        return m_status;
    if (isEvaluationStep() || m_policy->wantsEvaluation()) {
        m_unevaluated = std::move(event);
        return evaluateStep();
    }
    sendStep(std::move(event));
    finishStep(false);
    return m_status;
}

// Whether the experiment asks for an evaluation now. Those that only the policy asks for are shown and stored like any other, but neither end a
// run nor mark a best checkpoint.
bool Trainer::isEvaluationStep() const
{
    return m_step % static_cast<std::uint64_t>(m_experiment.training.evalInterval) == 0 || m_step == m_numSteps;
}

// The evaluation that is due, then its step. A partial evaluation has changed nothing.
Trainer::Status Trainer::evaluateStep()
{
    const Stopwatch watch;
    double secondsWaited = 0;
    const auto goOn = [&] {
        const Stopwatch wait;
        const bool answer = m_goOn();
        secondsWaited += wait.seconds();
        return answer;
    };
    if (m_reference && m_referenceHeldOut.empty()) { // it does not change: once is enough
        if (const std::optional<DomainLosses> reference = m_evaluator.evaluate(*m_reference, goOn))
            m_referenceHeldOut = reference->means();
        else
            return m_status;
    }
    const std::optional<DomainLosses> measured = m_evaluator.evaluate(*m_model, goOn);
    if (!measured)
        return m_status;
    StepEvent event = *std::exchange(m_unevaluated, std::nullopt);
    m_checkpointStep.reset();
    m_seconds += watch.seconds() - secondsWaited;
    const bool finite = takeEvaluation(*measured, event);
    if (event.step > 0)
        sendStep(std::move(event));
    if (finite)
        finishStep(isEvaluationStep());
    return m_status;
}

void Trainer::sendStep(StepEvent event)
{
    event.seconds = m_seconds;
    event.targetShare = target();
    event.effectiveDomains = effectiveDomains();
    m_send(event);
    for (MessageEvent &message : m_guards.afterStep(event))
        m_send(std::move(message));
}

// One optimiser step, and what it says about every domain. False when it diverged: the step does not count then.
bool Trainer::train(StepEvent &event)
{
    const Stopwatch watch;
    event.step = m_step + 1;
    event.learningRate = learningRateAt(m_experiment.training, event.step, m_numSteps);
    const Batch batch = m_sampler.next(m_mixture);
    const TrainStepResult result =
        trainStep({*m_model, m_reference.get(), *m_policy, m_needs, m_mixture, event.step}, batch, event.learningRate);
    DomainLosses measured(m_context.numDomains());
    measured.add(batch, result.sequenceLosses);
    event.losses = measured.means();
    const PolicyInput input = measured.policyInput(PolicyInput::Signal::Training, event.step, m_tokens + batch.numSequences * batch.context);
    for (std::size_t k = 0; k < event.losses.size(); ++k)
        if (input.present[k] && !std::isfinite(event.losses[k]))
            return diverged(event.step, fmt::format("the training loss of domain \"{}\" is {}", m_context.domains[k], inWords(event.losses[k])));
    if (!std::isfinite(result.gradientNorm))
        return diverged(event.step, fmt::format("the gradient's norm is {}", inWords(result.gradientNorm)));

    ++m_step;
    m_tokens += batch.numSequences * batch.context;
    m_checkpointStep.reset();
    m_guards.trained(event.losses);
    askPolicy(input, event.terms);
    if (!event.terms.empty())
        event.imputedLosses = m_guards.imputed(event.losses);
    event.tokens = m_tokens;
    event.objectiveShare = objective();
    event.realisedShare = measured.shares();
    event.epochs = m_sampler.epochs();
    for (const std::uint64_t tokens : m_sampler.tokensDrawn())
        event.tokensDrawn.push_back(static_cast<double>(tokens));
    event.gradientNorm = result.gradientNorm;
    const double seconds = watch.seconds();
    m_seconds += seconds;
    m_throughput.add(seconds, batch.numSequences * batch.context);
    event.tokensPerSecond = m_throughput.tokensPerSecond();
    return true;
}

std::vector<double> Trainer::objective() const
{
    const std::optional<Mixture> mixture = m_policy->objective();
    return mixture ? std::vector<double>(mixture->weights().begin(), mixture->weights().end()) : std::vector<double>{};
}

// Of what the mixture is for: of the loss, where the policy weighs that.
double Trainer::effectiveDomains() const
{
    return m_policy->objective().value_or(m_mixture).effectiveDomains();
}

// Lets the policy and the stop rule see the held-out losses after the step, and sends them. False when they are no numbers.
bool Trainer::takeEvaluation(const DomainLosses &measured, StepEvent &event)
{
    PolicyInput input = measured.policyInput(PolicyInput::Signal::HeldOut, m_step, m_tokens);
    input.referenceLosses = m_referenceHeldOut;
    for (std::size_t k = 0; k < input.losses.size(); ++k)
        if (input.present[k] && !std::isfinite(input.losses[k]))
            return diverged(m_step, fmt::format("the held-out loss of domain \"{}\" is {}", m_context.domains[k], inWords(input.losses[k])));
    askPolicy(input, event.terms);
    m_lastHeldOut = input.losses;
    EvaluationEvent evaluation{m_step, m_tokens, m_seconds, input.losses, target(), m_step == 0 ? objective() : std::vector<double>{}, event.terms};
    evaluation.effectiveDomains = effectiveDomains();
    std::ranges::transform(m_sampler.epochs(), std::back_inserter(evaluation.epochWorth), worthOfEpochs);
    if (isEvaluationStep())
        evaluation.gaps = m_guards.takeGaps(input.losses);
    m_send(evaluation);
    if (!isEvaluationStep())
        return true;
    m_stopRule.evaluated(input.losses, m_policy->objective().value_or(m_mixture));
    const double mean = weightedMean(input.losses, std::vector<double>(input.losses.size(), 1.0));
    m_isBest = mean < m_bestLoss;
    if (m_isBest)
        m_bestLoss = mean;
    return true;
}

void Trainer::askPolicy(const PolicyInput &input, std::vector<PolicyTerm> &terms)
{
    if (const std::optional<Mixture> mixture = m_policy->update(input)) {
        m_mixture = *mixture;
        m_stopRule.policyUpdated();
        terms = m_policy->diagnostics();
        m_mayWarn = true;
    }
}

bool Trainer::diverged(std::uint64_t step, const std::string &what)
{
    m_status = Status::Diverged;
    m_reason = fmt::format("Step {}: {}. Lower the learning rate or clip, and go on from the last checkpoint.", step, what);
    return false;
}

// What follows a step that has been sent: messages, the end of the run, a checkpoint.
void Trainer::finishStep(bool evaluated)
{
    if (evaluated) {
        m_log.evaluated(m_step, m_lastHeldOut, m_mixture, m_isBest);
        for (MessageEvent &message : m_guards.afterEvaluation(m_step))
            m_send(std::move(message));
        sample();
    }
    if (std::exchange(m_mayWarn, false))
        m_log.warn(m_step, m_policy->warnings());
    checkEnd();
    const bool due = m_step % static_cast<std::uint64_t>(m_experiment.training.checkpointInterval) == 0;
    if (due || (evaluated && m_isBest) || m_status == Status::Done)
        checkpoint();
}

// A sample that is given up is missing from the log, nothing else.
void Trainer::sample()
{
    const SampleConfig &config = m_experiment.training.sample;
    if (config.tokens == 0)
        return;
    GenerationConfig generation;
    generation.maxTokens = static_cast<std::size_t>(config.tokens);
    generation.temperature = config.temperature;
    generation.seed = m_experiment.info.seed;
    const GeneratedText text =
        generateText(*m_model, m_corpus->tokenizer(), static_cast<std::size_t>(m_experiment.model.context), config.prompt, generation, {}, m_goOn);
    if (text.end != GeneratedText::End::Cancelled)
        m_log.sampled(m_step, config.prompt, text.text);
}

void Trainer::checkEnd()
{
    if (m_step >= m_numSteps) {
        m_status = Status::Done;
        m_reason = fmt::format("The token budget is used up: {} tokens in {} steps.", m_tokens, m_step);
    } else if (m_stopRule.isReached()) {
        m_status = Status::Done;
        m_reason = fmt::format("Stopped early: {}.", m_stopRule.reason());
    }
}

void Trainer::checkpoint()
{
    if (m_checkpointStep == m_step)
        return;
    auto snapshot = std::make_shared<TrainerSnapshot>();
    snapshot->step = m_step;
    snapshot->tokens = m_tokens;
    snapshot->seconds = m_seconds;
    snapshot->mixture = target();
    snapshot->policyState = m_policy->save();
    snapshot->sampler = m_sampler.state();
    snapshot->lastHeldOut = m_lastHeldOut;
    snapshot->announced = m_log.announced();
    snapshot->stopState = m_stopRule.save();
    snapshot->guardState = m_guards.save();
    snapshot->bestLoss = m_bestLoss;
    snapshot->unevaluated = m_unevaluated;
    const LanguageModelInfo info = m_model->info();
    snapshot->device = info.device;
    snapshot->precision = info.precision;
    snapshot->threads = info.threads;
    snapshot->tensors = m_model->save();
    m_checkpointStep = m_step;
    m_send(CheckpointEvent{std::move(snapshot), std::exchange(m_isBest, false)});
}

Trainer::Status Trainer::resume(const TrainerSnapshot &snapshot)
{
    const std::size_t numDomains = m_context.numDomains();
    const bool fits = snapshot.mixture.size() == numDomains && snapshot.announced.size() == numDomains
        && (snapshot.lastHeldOut.empty() || snapshot.lastHeldOut.size() == numDomains);
    if (!fits)
        throw Error(fmt::format("The checkpoint is of a run with {} domains, the experiment has {}.", snapshot.mixture.size(), numDomains),
                    "Resume with the experiment that the run was started with.");
    m_model->restore(snapshot.tensors);
    m_policy->restore(snapshot.policyState);
    m_sampler.setState(snapshot.sampler);
    m_stopRule.restore(snapshot.stopState);
    m_mixture = Mixture::fromWeights(snapshot.mixture);
    m_guards.restore(snapshot.guardState);
    m_step = snapshot.step;
    m_tokens = snapshot.tokens;
    m_seconds = snapshot.seconds;
    m_lastHeldOut = snapshot.lastHeldOut;
    m_bestLoss = snapshot.bestLoss;
    m_unevaluated = snapshot.unevaluated;
    m_checkpointStep = m_step;
    m_log.resumed(snapshot, m_model->info(), m_policy->warnings());
    if (!m_unevaluated)
        checkEnd();
    return m_status;
}

void Trainer::editMixture(const Mixture &mixture)
{
    if (mixture.numDomains() != m_context.numDomains())
        return m_log.say(MessageEvent::Kind::Warning, m_step, fmt::format("A mixture of {} domains does not fit this run of {}: it was left as it is",
                                                            mixture.numDomains(), m_context.numDomains()));
    m_mixture = mixture;
    m_checkpointStep.reset();
    m_log.edited(m_step, mixture);
    checkpoint();
}

} // namespace krater
