// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/trainer.h"

#include "core/base/error.h"
#include "core/mixture/policy_registry.h"
#include "core/train/learning_rate_schedule.h"
#include "core/train/policy_cost.h"
#include "core/train/policy_step.h"

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

// "code 0.31, prose 0.42, 4 others": the largest shares first.
std::string inWords(const Mixture &mixture, const std::vector<std::string> &domains)
{
    constexpr std::size_t kMostNames = 8;
    std::vector<std::size_t> order(domains.size());
    for (std::size_t k = 0; k < order.size(); ++k)
        order[k] = k;
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return mixture[a] > mixture[b]; });
    std::string text;
    for (std::size_t i = 0; i < std::min(order.size(), kMostNames); ++i)
        text += fmt::format("{}{} {:.3f}", i == 0 ? "" : ", ", domains[order[i]], mixture[order[i]]);
    if (order.size() > kMostNames)
        text += fmt::format(", {} others", order.size() - kMostNames);
    return text;
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
      m_bestLoss(kInfinity), m_announced(m_mixture)
{
    if (m_needs == PolicyNeeds::ReferenceLosses && !m_reference)
        throw Error(fmt::format("The policy {} compares with a reference model, and the run has none.", experiment.mixture.policy),
                    "Train one in an earlier stage, and name it in the stage of this run: reference.from = \"...\".");
}

Trainer::Status Trainer::start()
{
    tellWarnings();
    if (std::string cost = extraTimeInWords(m_experiment); !cost.empty())
        say(MessageEvent::Kind::Info, std::move(cost));
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
    askPolicy(input, event.terms);
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
    m_send(EvaluationEvent{m_step, m_tokens, m_seconds, input.losses, target(),
                           m_step == 0 ? objective() : std::vector<double>{}, event.terms});
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

// Each warning of the policy once.
void Trainer::tellWarnings()
{
    for (std::string &warning : m_policy->warnings())
        if (m_warned.insert(warning).second)
            say(MessageEvent::Kind::Warning, std::move(warning));
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
        tellEvaluation();
        for (MessageEvent &message : m_guards.afterEvaluation(m_step, m_lastHeldOut))
            m_send(std::move(message));
    }
    if (std::exchange(m_mayWarn, false))
        tellWarnings();
    checkEnd();
    const bool due = m_step % static_cast<std::uint64_t>(m_experiment.training.checkpointInterval) == 0;
    if (due || (evaluated && m_isBest) || m_status == Status::Done)
        checkpoint();
}

void Trainer::tellEvaluation()
{
    const double mean = weightedMean(m_lastHeldOut, std::vector<double>(m_lastHeldOut.size(), 1.0));
    say(MessageEvent::Kind::Evaluation,
        fmt::format("Mean held-out loss {:.4f} nats/token{}; on the run's own mixture {:.4f}", mean, m_isBest && m_step > 0 ? ", best so far" : "",
                    weightedMean(m_lastHeldOut, target())));
    constexpr double kWorthTelling = 0.05; // L1 distance
    if (m_mixture.l1Distance(m_announced) < kWorthTelling)
        return;
    m_announced = m_mixture;
    say(MessageEvent::Kind::PolicyUpdated, "The policy has moved the mixture: " + inWords(m_mixture, m_context.domains));
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
    snapshot->announced = {m_announced.weights().begin(), m_announced.weights().end()};
    snapshot->stopState = m_stopRule.save();
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
    for (std::string &warning : m_policy->warnings())
        m_warned.insert(std::move(warning));
    m_sampler.setState(snapshot.sampler);
    m_stopRule.restore(snapshot.stopState);
    m_mixture = Mixture::fromWeights(snapshot.mixture);
    m_announced = Mixture::fromWeights(snapshot.announced);
    m_step = snapshot.step;
    m_tokens = snapshot.tokens;
    m_seconds = snapshot.seconds;
    m_lastHeldOut = snapshot.lastHeldOut;
    m_bestLoss = snapshot.bestLoss;
    m_unevaluated = snapshot.unevaluated;
    StepEvent last;
    last.targetShare = snapshot.mixture;
    last.objectiveShare = objective();
    last.epochs = m_sampler.epochs();
    m_guards.resumeFrom(last);
    m_checkpointStep = m_step;
    say(MessageEvent::Kind::Resumed, fmt::format("Resumed from the checkpoint of step {}", m_step));
    tellChanges(snapshot);
    if (!m_unevaluated)
        checkEnd();
    return m_status;
}

// Floating-point sums depend on what computes them and in how many parts.
void Trainer::tellChanges(const TrainerSnapshot &snapshot)
{
    const LanguageModelInfo info = m_model->info();
    if (info.device == snapshot.device && info.precision == snapshot.precision && info.threads == snapshot.threads)
        return;
    say(MessageEvent::Kind::Warning, fmt::format("Resumed on {}, {} instead of {}, {}: points after step {} differ in their last digits from those "
                                                 "of a run that was never stopped",
                                                 info.device, info.precision, snapshot.device, snapshot.precision, m_step));
}

void Trainer::editMixture(const Mixture &mixture)
{
    if (mixture.numDomains() != m_context.numDomains())
        return say(MessageEvent::Kind::Warning, fmt::format("A mixture of {} domains does not fit this run of {}: it was left as it is",
                                                            mixture.numDomains(), m_context.numDomains()));
    m_mixture = mixture;
    m_announced = mixture;
    m_checkpointStep.reset();
    m_send(MessageEvent{MessageEvent::Kind::MixtureEdited, m_step, "The mixture was set by hand: " + inWords(mixture, m_context.domains), target()});
    checkpoint();
}

void Trainer::say(MessageEvent::Kind kind, std::string text)
{
    m_send(MessageEvent{kind, m_step, std::move(text)});
}

} // namespace krater
