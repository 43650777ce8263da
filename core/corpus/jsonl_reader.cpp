// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/json_path.h"
#include "core/corpus/readers.h"
#include "core/corpus/utf8.h"

#include <fmt/format.h>

namespace krater {

namespace {

// JSON Lines: one JSON object a line, blank lines are skipped.
class JsonlReader : public CorpusReader {
public:
    bool read(std::string_view bytes, const ReaderOptions &options, const Sink &sink) const override;

private:
    // Fills text or problem.
    static void parse(simdjson::dom::parser &parser, const std::string &textField, RawDocument &document,
                      std::string &problem);
};

bool JsonlReader::read(std::string_view bytes, const ReaderOptions &options, const Sink &sink) const
{
    simdjson::dom::parser parser;
    std::string problem;
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (bytes.starts_with(kByteOrderMark))
        bytes.remove_prefix(kByteOrderMark.size());
    for (std::uint64_t line = 0; !bytes.empty(); ++line) {
        if (options.stop.stop_requested())
            return false;
        const std::size_t end = bytes.find('\n');
        RawDocument document;
        document.json = bytes.substr(0, end);
        document.index = line;
        bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
        if (isBlank(document.json))
            continue;
        parse(parser, options.textField, document, problem);
        if (!sink(document))
            return false;
    }
    return true;
}

void JsonlReader::parse(simdjson::dom::parser &parser, const std::string &textField, RawDocument &document,
                        std::string &problem)
{
    simdjson::dom::element root;
    std::string_view text;
    if (const auto failure = parser.parse(document.json.data(), document.json.size(), true).get(root)) {
        problem = fmt::format("not JSON: {}", simdjson::error_message(failure));
    } else if (!root.is_object()) {
        problem = root.is_array() ? "a JSON array, not an object" : "a JSON value, not an object";
    } else if (const auto value = valueAt(root, textField); !value) {
        problem = fmt::format("no field \"{}\"", textField);
    } else if (value->get(text)) {
        problem = fmt::format("the field \"{}\" is not text", textField);
    } else {
        document.text = text;
        return;
    }
    document.problem = problem;
}

} // namespace

const CorpusReader &jsonlReader()
{
    static const JsonlReader reader;
    return reader;
}

} // namespace krater
