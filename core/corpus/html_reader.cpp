// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/html_text.h"
#include "core/corpus/readers.h"

#include <re2/re2.h>

namespace krater {

namespace {

// In XHTML, <script src="..."/> is complete; an HTML parser would take the rest of the page for the script.
std::string expandEmptyElements(std::string_view xhtml)
{
    static const re2::RE2 emptyElement("(?i)<(script|style|title|iframe|textarea|noscript)((?:\\s[^<>]*)?)/>");
    std::string html(xhtml);
    re2::RE2::GlobalReplace(&html, emptyElement, "<\\1\\2></\\1>");
    return html;
}

class HtmlReader : public CorpusReader {
public:
    bool read(std::string_view bytes, const ReaderOptions &options, const Sink &sink) const override
    {
        const std::string text = bytes.substr(0, 64).find("<?xml") == std::string_view::npos
            ? visibleText(bytes, options.stop)
            : visibleText(expandEmptyElements(bytes), options.stop);
        return readDivided(text, options, sink);
    }
};

} // namespace

const CorpusReader &htmlReader()
{
    static const HtmlReader reader;
    return reader;
}

} // namespace krater
