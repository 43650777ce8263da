// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_reader.h"

namespace krater::cli {

// A run as text for other programs. Numbers have full double precision; where there is none, CSV has an empty field and JSON null.

// Every point: run,metric,domain,step,tokens,seconds,value.
std::string curvesCsv(RunReader &reader, const RunRecord &run);
std::string curvesJson(RunReader &reader, const RunRecord &run);

// final: the target at the end; mean: of the target over the run; realised: the share of all tokens drawn.
std::string mixtureCsv(RunReader &reader, const RunRecord &run);
std::string mixtureJson(RunReader &reader, const RunRecord &run);
std::string mixtureToml(RunReader &reader, const RunRecord &run);

// The frozen experiment, to be saved in `folder`: where that is not the folder of its file, relative paths are written as absolute ones,
// so that it finds its text.
std::string experimentToml(const RunRecord &run, const std::filesystem::path &folder);

} // namespace krater::cli
