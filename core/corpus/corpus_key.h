// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/document_stream.h"

#include <string>

namespace krater {

// What the tokens of an experiment depend on, as 32 hexadecimal digits: every source file (path, size, times of modification and
// of change, inode: whatever replaces or edits a file moves one of them), everything in its domains but the colour, the seed
// of the held-out split and the tokenizer (for a given model: its file). After DocumentStream::list().
std::string corpusKey(const Experiment &experiment, const DocumentStream &stream);

} // namespace krater
