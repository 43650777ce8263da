// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_filter.h"

#include "app/run_filter_fields.h"
#include "app/run_filter_parser.h"
#include "app/run_row.h"

#include <QDateTime>

#include <algorithm>
#include <utility>

namespace krater {

namespace {

using Operator = FilterComparison::Operator;

template<typename T>
bool compare(const T &left, Operator op, const T &right)
{
    switch (op) {
    case Operator::Equal:
        return left == right;
    case Operator::NotEqual:
        return left != right;
    case Operator::Less:
        return left < right;
    case Operator::LessOrEqual:
        return left <= right;
    case Operator::Greater:
        return left > right;
    case Operator::GreaterOrEqual:
        return left >= right;
    case Operator::Contains:
        break; // texts only
    }
    return false;
}

bool matchesText(const QStringList &texts, Operator op, const QString &wanted)
{
    const bool found = std::any_of(texts.begin(), texts.end(), [&](const QString &text) {
        return op == Operator::Contains ? text.contains(wanted, Qt::CaseInsensitive)
                                        : text.compare(wanted, Qt::CaseInsensitive) == 0;
    });
    return op == Operator::NotEqual ? !found : found;
}

bool matchesTime(std::int64_t timeMs, Operator op, const FilterComparison &comparison)
{
    if (timeMs == 0)
        return false;
    const QDateTime time = QDateTime::fromMSecsSinceEpoch(timeMs);
    if (comparison.wholeDay)
        return compare(time.date(), op, comparison.time.date());
    return compare(time, op, comparison.time);
}

bool holds(const FilterComparison &comparison, const RunRow &row)
{
    const FilterField &field = *comparison.field;
    if (field.texts)
        return matchesText(field.texts(row), comparison.op, comparison.text);
    if (field.timeMs)
        return matchesTime(field.timeMs(row), comparison.op, comparison);
    const double value = field.number ? field.number(row) : field.domainNumber(row, comparison.domain);
    return value == value && compare(value, comparison.op, comparison.number);
}

bool holds(const FilterNode &node, const RunRow &row)
{
    const auto holdsToo = [&](const FilterNode &part) { return holds(part, row); };
    switch (node.kind) {
    case FilterNode::Kind::All:
        return std::all_of(node.parts.begin(), node.parts.end(), holdsToo);
    case FilterNode::Kind::Any:
        return std::any_of(node.parts.begin(), node.parts.end(), holdsToo);
    case FilterNode::Kind::Not:
        return !holdsToo(node.parts.front());
    case FilterNode::Kind::Comparison:
        return holds(node.comparison, row);
    }
    return false;
}

// "name contains word" in any of the fields that people search by.
FilterNode containsWord(const QString &word)
{
    FilterNode any{FilterNode::Kind::Any, {}, {}};
    for (const char *name : {"name", "policy", "state", "tag", "notes"}) {
        FilterComparison comparison;
        comparison.field = findFilterField(QString::fromLatin1(name));
        comparison.op = Operator::Contains;
        comparison.text = word;
        any.parts.push_back({FilterNode::Kind::Comparison, {}, comparison});
    }
    return any;
}

} // namespace

class RunFilter::Condition {
public:
    FilterNode root;
};

RunFilter RunFilter::parse(const QString &text, const QStringList &domains)
{
    RunFilter filter;
    const QString trimmed = text.trimmed();
    if (trimmed.isEmpty())
        return filter;
    FilterNode root{FilterNode::Kind::All, {}, {}};
    if (isFilterExpression(text)) {
        FilterParser parser(text, domains);
        root = parser.parse();
        filter.m_problem = parser.problem();
    } else {
        for (const QString &word : trimmed.split(QLatin1Char(' '), Qt::SkipEmptyParts))
            root.parts.push_back(containsWord(word));
    }
    if (!filter.m_problem)
        filter.m_condition = std::make_shared<const Condition>(Condition{std::move(root)});
    return filter;
}

bool RunFilter::accepts(const RunRow &row) const
{
    return !m_condition || holds(m_condition->root, row);
}

QStringList RunFilter::fields()
{
    QStringList names;
    for (const FilterField &field : filterFields())
        names.append(QString::fromLatin1(field.name) + (field.domainNumber ? QStringLiteral(".") : QString()));
    return names;
}

} // namespace krater
