// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/run_events.h"

#include <filesystem>
#include <optional>

namespace krater {

// Checkpoints are safetensors files (8-byte header length, JSON header, raw little-endian data): tensors as they
// are, everything else as JSON text in __metadata__. Written to a temporary name, synced, renamed. Reading bounds
// and validates everything; throws DamagedFile (safetensors.h) or Error naming the file. lastEvent replaces the
// snapshot's.
void writeCheckpoint(const std::filesystem::path &file, const TrainerSnapshot &snapshot,
                     std::optional<std::int64_t> lastEvent = {});
std::shared_ptr<const TrainerSnapshot> readCheckpoint(const std::filesystem::path &file);

// Weights only ("model." prefix removed), for other programs.
void exportModel(const std::filesystem::path &checkpoint, const std::filesystem::path &target);

// Ends the name of a damaged file that was passed over.
inline constexpr const char *kSetAside = ".damaged";

// "<store>.checkpoints/<run>/step-<n>.safetensors"
std::filesystem::path checkpointFile(const std::filesystem::path &store, std::int64_t run, std::uint64_t step);

} // namespace krater
