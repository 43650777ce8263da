// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/evaluator.h"
#include "core/train/guards.h"
#include "core/train/run_events.h"
#include "core/train/run_log.h"
#include "core/train/stop_rule.h"
#include "core/train/throughput.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace krater {

// The training loop of one run, a step at a time: draw by the mixture, train, measure every domain, ask the policy, evaluate, keep
// checkpoints. Sends events in the order of a step: EvaluationEvent, StepEvent, messages, CheckpointEvent. A run that is resumed from a
// snapshot goes on bit for bit as if it had never stopped. No thread of its own: one thread at a time (RunThread's, or a test's).
// Throws Error; what it sends and returns is all that others see of it.
class Trainer {
public:
    enum class Status { Training, Done, Diverged };
    using EventSink = std::function<void(const RunEvent &)>;

    // `reference`: a trained model that is only measured, for policies that compare with it; else null. Throws Error where a policy needs one.
    Trainer(const Experiment &experiment, std::shared_ptr<const TokenizedCorpus> corpus, std::unique_ptr<LanguageModel> model, EventSink send,
            std::unique_ptr<LanguageModel> reference = nullptr);

    // One of the two, once, before the first step.
    Status start(); // evaluates the untrained model and keeps a checkpoint, so that a run can be resumed from its first moment on
    Status resume(const TrainerSnapshot &snapshot);

    Status step(); // only while Training; an evaluation that was given up comes first

    // Asked between the batches of an evaluation, which may be long: may wait, and by false has it given up. start() or step() then return
    // early and the next step() does the whole evaluation; what is trained does not change by that.
    void setGoOn(std::function<bool()> goOn) { m_goOn = std::move(goOn); }

    // Keeps a checkpoint of now, unless there is one of exactly this.
    void checkpoint();
    // In force from the next step; an adaptive policy goes on from its own state at its next update. Keeps a checkpoint, without which an
    // edit could not be repeated after a kill. A mixture of another number of domains is refused with a warning message.
    // Not while an evaluation is still to be done.
    void editMixture(const Mixture &mixture);

    Status status() const { return m_status; }
    bool isEvaluationDue() const { return m_unevaluated.has_value(); } // one that was given up
    const std::string &reason() const { return m_reason; } // why it is Done or Diverged
    std::uint64_t stepsDone() const { return m_step; }

private:
    bool train(StepEvent &event);
    std::vector<double> objective() const;
    bool isEvaluationStep() const;
    Status evaluateStep();
    bool takeEvaluation(const DomainLosses &measured, StepEvent &event);
    void sendStep(StepEvent event);
    void askPolicy(const PolicyInput &input, std::vector<PolicyTerm> &terms);
    bool diverged(std::uint64_t step, const std::string &what);
    void finishStep(bool evaluated);
    void sample();
    void checkEnd();
    double effectiveDomains() const;
    std::vector<double> target() const { return {m_mixture.weights().begin(), m_mixture.weights().end()}; }

    Experiment m_experiment;
    std::shared_ptr<const TokenizedCorpus> m_corpus;
    std::unique_ptr<LanguageModel> m_model;
    std::unique_ptr<LanguageModel> m_reference;
    EventSink m_send;
    std::uint64_t m_numSteps;
    PolicyContext m_context;
    std::unique_ptr<MixturePolicy> m_policy;
    PolicyNeeds m_needs;
    Mixture m_mixture; // in force
    MixtureSampler m_sampler;
    Evaluator m_evaluator;
    StopRule m_stopRule;
    Throughput m_throughput;
    Guards m_guards;
    RunLog m_log;

    Status m_status = Status::Training;
    std::string m_reason;
    std::uint64_t m_step = 0;
    std::uint64_t m_tokens = 0;
    double m_seconds = 0;
    std::vector<double> m_referenceHeldOut; // K, nats/token; empty without a reference model, and before its evaluation
    std::vector<double> m_lastHeldOut; // K, nats/token, empty before the first evaluation
    double m_bestLoss;                 // nats/token, mean over the domains
    bool m_isBest = false;             // the last evaluation was the best so far and has no checkpoint yet
    std::optional<std::uint64_t> m_checkpointStep; // of a checkpoint that equals what is here now
    std::optional<StepEvent> m_unevaluated;        // trained, but its evaluation is still to be done
    bool m_mayWarn = false;                        // the policy has updated since
    std::function<bool()> m_goOn = [] { return true; };
};

} // namespace krater
