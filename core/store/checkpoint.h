// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/run_events.h"

#include <filesystem>

namespace krater {

// Checkpoints are safetensors files (8-byte header length, JSON header, raw little-endian data): tensors as they
// are, everything else as JSON text in __metadata__. Written to a temporary name, synced, renamed. Reading bounds
// and validates everything; throws Error naming the file.
void writeCheckpoint(const std::filesystem::path &file, const TrainerSnapshot &snapshot);
std::shared_ptr<const TrainerSnapshot> readCheckpoint(const std::filesystem::path &file);

// Weights only ("model." prefix removed), for other programs.
void exportModel(const std::filesystem::path &checkpoint, const std::filesystem::path &target);

// "<store>.checkpoints/<run>/step-<n>.safetensors"
std::filesystem::path checkpointFile(const std::filesystem::path &store, std::int64_t run, std::uint64_t step);

} // namespace krater
