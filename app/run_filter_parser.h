// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_filter.h"

#include <QCoreApplication>
#include <QDateTime>

#include <string>
#include <vector>

namespace krater {

struct FilterField;

// One comparison of an expression; which value counts depends on the field's kind.
struct FilterComparison {
    enum class Operator { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, Contains };

    const FilterField *field = nullptr;
    std::string domain;
    Operator op = Operator::Equal;
    QString text;
    double number = 0;
    QDateTime time;
    bool wholeDay = false; // a date without a time
};

// The expression as a tree. Plain value.
struct FilterNode {
    enum class Kind { All, Any, Not, Comparison };

    Kind kind = Kind::All;
    std::vector<FilterNode> parts;
    FilterComparison comparison;
};

// Text that holds an operator outside quotes is an expression, anything else words to look for.
bool isFilterExpression(const QString &text);

// Recursive descent over the grammar in run_filter.h. Stops at the first problem; never recurses deeper than kMaxDepth.
class FilterParser {
    Q_DECLARE_TR_FUNCTIONS(krater::FilterParser)

public:
    static constexpr int kMaxDepth = 64;

    FilterParser(const QString &text, const QStringList &domains);

    FilterNode parse();
    const std::optional<FilterProblem> &problem() const { return m_problem; }

private:
    struct Token {
        enum class Kind { Word, Text, Operator, Open, Close, End };

        Kind kind = Kind::End;
        QString text;
        int position = 0;
        int length = 0;
    };

    void tokenise(const QString &text);
    int readQuoted(const QString &text, int start);
    int readWord(const QString &text, int start);
    FilterNode parseAny(int depth);
    FilterNode parseAll(int depth);
    FilterNode parseFactor(int depth);
    FilterNode parseComparison();
    void parseField(const Token &token, FilterComparison &comparison);
    void parseOperator(const Token &token, FilterComparison &comparison);
    void parseValue(const Token &token, FilterComparison &comparison);
    bool acceptWord(const char *word, const char *symbol);
    const Token &current() const { return m_tokens[m_next]; }
    Token take();
    void fail(const Token &token, const QString &message);

    QStringList m_domains;
    std::vector<Token> m_tokens; // ends with End
    std::size_t m_next = 0;
    std::optional<FilterProblem> m_problem;
};

} // namespace krater
