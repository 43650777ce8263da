// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include <memory>
#include <optional>

namespace krater {

struct RunRow;

// What is wrong with a typed condition, and where.
struct FilterProblem {
    int position = 0; // of the first character concerned
    int length = 0;
    QString message;
};

// A condition on runs as people type it. Words without an operator are looked for in name, policy, state, tags and notes; every word must be there.
// With an operator it is an expression:
//
//     loss.code < 2.1 and policy = "gibbs"
//     (share.quotes > 10% or tag = paper) and not state = failed
//
//   expression := term { "or" term }       term := factor { "and" factor }       factor := "not" factor | "(" expression ")" | field operator value
//   operator   := = != < <= > >= ~         (~: contains)
//
// Texts are compared without case; a number that a run does not have makes its comparison false. Immutable value, any thread.
class RunFilter {
public:
    RunFilter() = default; // accepts every run
    // `domains`: the names that loss.NAME and the like may use.
    static RunFilter parse(const QString &text, const QStringList &domains);

    // Set if the text is no valid expression; the filter then accepts every run.
    const std::optional<FilterProblem> &problem() const { return m_problem; }
    bool acceptsEverything() const { return !m_condition; }
    bool accepts(const RunRow &row) const;

    // What may stand on the left: "policy", "loss.", ... for help and completion.
    static QStringList fields();

    class Condition;

private:
    std::shared_ptr<const Condition> m_condition;
    std::optional<FilterProblem> m_problem;
};

} // namespace krater
