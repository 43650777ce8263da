// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/corpus_report_json.h"

#include "core/base/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace krater {

namespace {

using Json = nlohmann::json;

constexpr const char *kSeverities[] = {"note", "warning", "error"};

Json toJson(const Issue &issue)
{
    return {{"severity", kSeverities[static_cast<int>(issue.severity)]},
            {"file", issue.file},
            {"line", issue.line},
            {"column", issue.column},
            {"domain", issue.domain},
            {"message", issue.message},
            {"advice", issue.advice}};
}

Issue issueFrom(const Json &json)
{
    const std::string severity = json.at("severity");
    const auto known = std::ranges::find(kSeverities, severity);
    if (known == std::end(kSeverities))
        throw Error(fmt::format("its issue is neither note, warning nor error but \"{}\"", severity));
    return {static_cast<Issue::Severity>(known - std::begin(kSeverities)),
            json.at("file"),
            json.at("line"),
            json.at("column"),
            json.at("domain"),
            json.at("message"),
            json.at("advice")};
}

Json toJson(const DomainReport &domain)
{
    return {{"name", domain.name},
            {"files", domain.files},
            {"documents", domain.documents},
            {"bytes", domain.bytes},
            {"held_out_documents", domain.heldOutDocuments},
            {"held_out_bytes", domain.heldOutBytes},
            {"rejected", domain.rejected},
            {"duplicates", domain.duplicates},
            {"held_out_duplicates", domain.heldOutDuplicates},
            {"tokens", domain.tokens},
            {"held_out_tokens", domain.heldOutTokens},
            {"exact", domain.exact},
            {"length_histogram", domain.lengthHistogram},
            {"first_rejection", domain.firstRejection}};
}

DomainReport domainReportFrom(const Json &json)
{
    return {json.at("name"),
            json.at("files"),
            json.at("documents"),
            json.at("bytes"),
            json.at("held_out_documents"),
            json.at("held_out_bytes"),
            json.at("rejected"),
            json.at("duplicates"),
            json.at("held_out_duplicates"),
            json.at("tokens"),
            json.at("held_out_tokens"),
            json.at("exact"),
            json.at("length_histogram"),
            json.at("first_rejection")};
}

} // namespace

std::string toJson(const TokenCacheDescription &description)
{
    Json extents = Json::array();
    for (const DomainExtent &domain : description.domains)
        extents.push_back({{"training_tokens", domain.trainingTokens},
                           {"held_out_tokens", domain.heldOutTokens},
                           {"training_bytes", domain.trainingBytes},
                           {"held_out_bytes", domain.heldOutBytes}});
    Json domains = Json::array();
    for (const DomainReport &domain : description.report.domains)
        domains.push_back(toJson(domain));
    Json issues = Json::array();
    for (const Issue &issue : description.report.issues)
        issues.push_back(toJson(issue));
    const Json json = {{"key", description.key}, {"fingerprint", description.fingerprint}, {"extents", extents},
                       {"domains", domains},     {"shared", description.report.shared},    {"issues", issues},
                       {"unread", description.unread}};
    // File names need not be UTF-8; such bytes are replaced.
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

TokenCacheDescription descriptionFromJson(std::string_view text)
{
    try {
        const Json json = Json::parse(text);
        TokenCacheDescription description;
        description.key = json.at("key");
        description.fingerprint = json.at("fingerprint");
        for (const Json &domain : json.at("extents"))
            description.domains.push_back({domain.at("training_tokens"), domain.at("held_out_tokens"),
                                           domain.at("training_bytes"), domain.at("held_out_bytes")});
        for (const Json &domain : json.at("domains"))
            description.report.domains.push_back(domainReportFrom(domain));
        json.at("shared").get_to(description.report.shared);
        for (const Json &issue : json.at("issues"))
            description.report.issues.push_back(issueFrom(issue));
        json.at("unread").get_to(description.unread);
        if (description.domains.size() != description.report.domains.size())
            throw Error("its domains do not fit");
        return description;
    } catch (const Json::exception &error) {
        throw Error(fmt::format("its description cannot be read: {}", error.what()));
    }
}

} // namespace krater
