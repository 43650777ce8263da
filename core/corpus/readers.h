// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/corpus_reader.h"

namespace krater {

// What the registry is made of. One object each, without state.
const CorpusReader &textReader();
const CorpusReader &jsonlReader();
const CorpusReader &htmlReader();

// Hands out `text` as one document or, if the options have a splitter, as its parts.
bool readDivided(std::string_view text, const ReaderOptions &options, const CorpusReader::Sink &sink);

} // namespace krater
