// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/issue.h"
#include "core/config/experiment.h"
#include "core/corpus/corpus_reader.h"

#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace re2 {
class RE2;
}

namespace simdjson::dom {
class parser;
}

namespace krater {

// `where.field`: a dotted path (in double quotes if it has spaces or signs), ==, !=, <, <=, > or >=, and a JSON value (text also in single quotes). Text is compared byte by
// byte, numbers as doubles. A field that is missing, or of another kind than the value, fails every comparison but !=; a missing
// one fails that too.
class FieldComparison {
public:
    explicit FieldComparison(const std::string &text); // throws Error if it cannot be understood
    ~FieldComparison();

    bool holds(std::string_view json) const;

private:
    enum class Operator { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual };
    using Value = std::variant<std::nullptr_t, bool, double, std::string>;

    bool compare(int order) const;

    std::string m_path;
    Operator m_operator = Operator::Equal;
    Value m_value;
    std::unique_ptr<simdjson::dom::parser> m_parser; // its buffers are kept from line to line: one thread at a time
};

// A domain's `where`, but for the path, which the listing of its files looks at. One thread at a time.
class DocumentFilter {
public:
    explicit DocumentFilter(const DomainFilter &where); // throws Error naming the predicate that cannot be understood
    ~DocumentFilter();

    // Empty if the document is kept, else why not.
    std::string reject(const RawDocument &document) const;

private:
    std::uint64_t m_minLength;
    std::optional<std::uint64_t> m_maxLength;
    std::string m_textPattern;
    std::unique_ptr<const re2::RE2> m_text;
    std::string m_fieldText;
    std::optional<FieldComparison> m_field;
};

// What is wrong with a domain's format, regexes, comparison, limits and held-out fraction, without looking at any file.
Issues checkDomain(const DomainConfig &domain);

} // namespace krater
