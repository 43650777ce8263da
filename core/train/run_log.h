// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/tokenized_corpus.h"
#include "core/train/run_events.h"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace krater {

// The log of a run: puts what happens into words and sends it, each warning once. The trainer's thread.
class RunLog {
public:
    using Sink = std::function<void(const RunEvent &)>;

    RunLog(std::vector<std::string> domains, const Mixture &mixture, Sink send);

    void say(MessageEvent::Kind kind, std::uint64_t step, std::string text);
    // What should be known of the text before losses are compared: domains that share documents, tokens of unequal length.
    void begin(const TokenizedCorpus &corpus);
    void warn(std::uint64_t step, const std::vector<std::string> &warnings); // of the policy
    void evaluated(std::uint64_t step, const std::vector<double> &heldOut, const Mixture &mixture, bool isBest);
    void edited(std::uint64_t step, const Mixture &mixture);
    void sampled(std::uint64_t step, const std::string &prompt, const std::string &text);
    // What a checkpoint knows was told; `warnings`: those of the policy, restored.
    void resumed(const TrainerSnapshot &snapshot, const LanguageModelInfo &info, const std::vector<std::string> &warnings);

    std::vector<double> announced() const { return {m_announced.weights().begin(), m_announced.weights().end()}; } // the mixture told last

private:
    std::vector<std::string> m_domains;
    Mixture m_announced;
    std::set<std::string> m_warned;
    Sink m_send;
};

} // namespace krater
