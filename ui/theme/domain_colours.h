// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"

#include <QColor>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace krater {

// Colours of domains: Okabe and Ito's colour-blind-safe set in the order of the design, then further ones that keep their distance from these
// under all three kinds of colour blindness and have 3:1 against both surfaces (tests/ui/tst_domain_colours.cpp measures it).
std::span<const QColor> domainPalette();

// The colour of each domain: its own where it names one, else the palette's next that no other domain of the list uses. A domain without a
// colour keeps the one it gets here as long as those before it stay; pages that add a domain write it into the experiment (nextDomainColour).
std::vector<QColor> domainColours(const Experiment &experiment);
// The same for colours as a run keeps them; empty or broken entries are filled in.
std::vector<QColor> domainColours(const std::vector<std::string> &stored, std::size_t numDomains);
// "#RRGGBB" of the palette's first colour that no domain of the experiment uses.
std::string nextDomainColour(const Experiment &experiment);

} // namespace krater
