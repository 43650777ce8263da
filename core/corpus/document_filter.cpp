// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/document_filter.h"

#include "core/base/error.h"
#include "core/corpus/issue_log.h"
#include "core/corpus/json_path.h"
#include "core/corpus/regex_splitter.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <cmath>
#include <filesystem>

namespace krater {

namespace {

constexpr const char *kComparisonAdvice = "Write it like: language == \"en\", or: score >= 0.5.";

// Both are numbers: simdjson keeps integers apart from doubles.
std::optional<double> numberOf(const simdjson::dom::element &element)
{
    double number = 0;
    return element.is_number() && element.get(number) == simdjson::SUCCESS ? std::optional(number) : std::nullopt;
}

template<typename T>
int orderOf(const T &left, const T &right)
{
    return left < right ? -1 : right < left ? 1 : 0;
}

} // namespace

FieldComparison::FieldComparison(const std::string &text) : m_parser(std::make_unique<simdjson::dom::parser>())
{
    static const re2::RE2 form(R"re(\s*(?:"([^"]+)"|([^\s=!<>"]+))\s*(==|!=|<=|>=|<|>)\s*(.*?)\s*)re");
    std::string symbol;
    std::string literal;
    std::string quotedPath;
    if (!re2::RE2::FullMatch(text, form, &quotedPath, &m_path, &symbol, &literal))
        throw Error(fmt::format("\"{}\" is not a comparison", text), kComparisonAdvice);
    if (m_path.empty())
        m_path = quotedPath;
    m_operator = symbol == "==" ? Operator::Equal
        : symbol == "!="        ? Operator::NotEqual
        : symbol == "<"         ? Operator::Less
        : symbol == "<="        ? Operator::LessOrEqual
        : symbol == ">"         ? Operator::Greater
                                : Operator::GreaterOrEqual;

    if (literal.size() >= 2 && literal.front() == '\'' && literal.back() == '\'') {
        m_value = literal.substr(1, literal.size() - 2);
        if (literal.find('\'', 1) != literal.size() - 1)
            throw Error(fmt::format("\"{}\" is more than one comparison, or has a quote within its text", text),
                        "There is no `and` or `or`; text with a ' in it stands in double quotes.");
        return;
    }
    simdjson::dom::element element;
    std::string_view string;
    bool boolean = false;
    if (m_parser->parse(literal).get(element) != simdjson::SUCCESS)
        throw Error(fmt::format("\"{}\" compares with something that is not a JSON value", text), kComparisonAdvice);
    if (element.get(string) == simdjson::SUCCESS)
        m_value = std::string(string);
    else if (element.get(boolean) == simdjson::SUCCESS)
        m_value = boolean;
    else if (const auto number = numberOf(element))
        m_value = *number;
    else if (element.is_null())
        m_value = nullptr;
    else
        throw Error(fmt::format("\"{}\" compares with an array or an object", text), kComparisonAdvice);
    const bool hasOrder = std::holds_alternative<double>(m_value) || std::holds_alternative<std::string>(m_value);
    if (!hasOrder && m_operator != Operator::Equal && m_operator != Operator::NotEqual)
        throw Error(fmt::format("\"{}\" asks for an order that the value does not have", text),
                    "Use == or != with true, false and null.");
}

FieldComparison::~FieldComparison() = default;

bool FieldComparison::compare(int order) const
{
    switch (m_operator) {
    case Operator::Equal:
        return order == 0;
    case Operator::NotEqual:
        return order != 0;
    case Operator::Less:
        return order < 0;
    case Operator::LessOrEqual:
        return order <= 0;
    case Operator::Greater:
        return order > 0;
    case Operator::GreaterOrEqual:
        return order >= 0;
    }
    return false;
}

bool FieldComparison::holds(std::string_view json) const
{
    simdjson::dom::element root;
    if (m_parser->parse(json.data(), json.size(), true).get(root) != simdjson::SUCCESS)
        return false;
    const auto element = valueAt(root, m_path);
    if (!element)
        return false;
    if (const auto *text = std::get_if<std::string>(&m_value)) {
        std::string_view found;
        if (element->get(found) == simdjson::SUCCESS)
            return compare(orderOf<std::string_view>(found, *text));
    } else if (const auto *number = std::get_if<double>(&m_value)) {
        if (const auto found = numberOf(*element))
            return compare(orderOf(*found, *number));
    } else if (const auto *boolean = std::get_if<bool>(&m_value)) {
        bool found = false;
        if (element->get(found) == simdjson::SUCCESS)
            return compare(orderOf(found, *boolean));
    } else if (element->is_null()) {
        return compare(0);
    }
    return m_operator == Operator::NotEqual;
}

DocumentFilter::DocumentFilter(const DomainFilter &where)
    : m_minLength(where.minLength)
    , m_maxLength(where.maxLength)
    , m_textPattern(where.text)
    , m_fieldText(where.field)
{
    if (!where.text.empty())
        m_text = compileRegex(where.text);
    if (!where.field.empty())
        m_field.emplace(where.field);
}

DocumentFilter::~DocumentFilter() = default;

std::string DocumentFilter::reject(const RawDocument &document) const
{
    const std::uint64_t length = document.text.size();
    if (length < m_minLength)
        return fmt::format("{} bytes, shorter than {}", length, m_minLength);
    if (m_maxLength && length > *m_maxLength)
        return fmt::format("{} bytes, longer than {}", length, *m_maxLength);
    if (m_field && document.json.empty())
        return "not JSON Lines, so it has no fields";
    if (m_field && !m_field->holds(document.json))
        return fmt::format("not {}", m_fieldText);
    if (m_text && !re2::RE2::PartialMatch(re2::StringPiece(document.text.data(), document.text.size()), *m_text))
        return fmt::format("no match of {}", m_textPattern);
    return {};
}

Issues checkDomain(const DomainConfig &domain)
{
    Issues issues;
    const auto add = [&](std::string message, std::string advice) {
        issues.push_back(domainIssue(Issue::Severity::Error, domain.name, {}, std::move(message), std::move(advice)));
    };
    const auto attempt = [&](const char *key, auto &&action) {
        try {
            action();
        } catch (const Error &error) {
            add(fmt::format("{}: {}", key, error.what()), error.advice());
        }
    };
    attempt("format", [&] { readerFor({}, domain.format); });
    if (!domain.split.empty())
        attempt("split", [&] { RegexSplitter splitter(domain.split); });
    if (!domain.where.text.empty())
        attempt("where.text", [&] { compileRegex(domain.where.text); });
    if (!domain.where.field.empty())
        attempt("where.field", [&] { FieldComparison comparison(domain.where.field); });
    if (!domain.where.field.empty() && domain.format != "jsonl" && domain.format != "auto")
        add("where.field: only JSON Lines have fields", "Set format = \"jsonl\", or remove it.");
    if (domain.where.maxLength && *domain.where.maxLength < domain.where.minLength)
        add("where: max_length is below min_length, so no document can be kept", "Exchange the two.");
    if (!(domain.heldOut >= 0 && domain.heldOut <= 0.5))
        add(fmt::format("held_out is {}, not between 0 and 0.5", domain.heldOut), "Use a fraction such as 0.05.");
    return issues;
}

} // namespace krater
