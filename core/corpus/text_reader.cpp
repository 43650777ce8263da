// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/readers.h"
#include "core/corpus/regex_splitter.h"

namespace krater {

namespace {

// Text as it is, without a byte order mark; line ends are left alone.
class TextReader : public CorpusReader {
public:
    bool read(std::string_view bytes, const ReaderOptions &options, const Sink &sink) const override
    {
        constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
        if (bytes.starts_with(kByteOrderMark))
            bytes.remove_prefix(kByteOrderMark.size());
        return readDivided(bytes, options, sink);
    }
};

} // namespace

bool readDivided(std::string_view text, const ReaderOptions &options, const CorpusReader::Sink &sink)
{
    RawDocument document;
    if (!options.splitter) {
        document.text = text;
        return !options.stop.stop_requested() && sink(document);
    }
    return options.splitter->split(text, [&](std::string_view part) {
        document.text = part;
        if (options.stop.stop_requested() || !sink(document))
            return false;
        ++document.index;
        return true;
    });
}

const CorpusReader &textReader()
{
    static const TextReader reader;
    return reader;
}

} // namespace krater
