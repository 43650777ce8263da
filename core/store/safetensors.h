// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/train/language_model.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace krater {

// What stands in a file is not what should; a file that cannot be read (now) is a plain Error.
class DamagedFile : public Error {
public:
    using Error::Error;
};

// The safetensors format (github.com/huggingface/safetensors): 8 bytes length of the header, JSON header, tensors.
// Here: F32 and I64 only, which is what Krater writes.
struct SafeTensors {
    std::map<std::string, std::string> metadata;
    std::vector<NamedTensor> tensors; // in order of their place in the file
};

// Atomically. Tensors of 8-byte elements come first, so that all of them are aligned. Throws Error, also for a
// tensor whose bytes do not fit its shape.
void writeSafeTensors(const std::filesystem::path &file, const std::map<std::string, std::string> &metadata,
                      const std::vector<const NamedTensor *> &tensors);

// Trusts nothing: lengths, types, shapes and offsets are checked against each other and the file before memory is
// taken. Throws DamagedFile or Error naming the file.
SafeTensors readSafeTensors(const std::filesystem::path &file);

} // namespace krater
