// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/stages.h"
#include "core/store/run_record.h"

#include <vector>

namespace krater {

// The average and the final mixture of a run: what its policy came to. That is the target, or, for a policy that weighs the loss and draws by another
// mixture (DoReMi, DoGE), those weights, with the average as the policy itself defines it. K values each, NaN where there is no point yet. Pure, any thread.
StageResult runMixtures(const std::vector<MetricSummary> &summaries, std::size_t numDomains);

} // namespace krater
