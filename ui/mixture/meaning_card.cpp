// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/mixture/meaning_card.h"

#include "core/mixture/mixture_design.h"
#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/widgets/value_list.h"

#include <QVBoxLayout>

#include <algorithm>

namespace krater {

namespace {

constexpr double kFewSequences = 1; // below it a domain is missing from many steps
constexpr double kGoodWorth = 0.98;

} // namespace

MeaningCard::MeaningCard(QWidget *parent) : Card(tr("What it means"), {}, parent), m_values(new ValueList)
{
    add(m_values);
    body()->addStretch();
}

void MeaningCard::setDesign(const MixtureDesign &design, const Experiment &experiment,
                            const std::vector<double> &tokens)
{
    if (!design.mixture()) {
        m_values->clear();
        return;
    }
    const Mixture &mixture = *design.mixture();
    const QString unknown = QStringLiteral("–");
    const std::optional<Mixture> natural =
        design.tokensKnown() ? std::optional(Mixture::natural(tokens)) : std::nullopt;
    m_values->setValue(tr("Distance to natural (L1)"),
                       natural ? number::decimal(mixture.l1Distance(*natural), 2) : unknown);
    m_values->setValue(tr("KL from natural"),
                       natural ? tr("%1 nats").arg(number::decimal(mixture.klDivergence(*natural), 2)) : unknown);
    m_values->setValue(tr("Effective domains"),
                       tr("%1 of %2").arg(number::decimal(mixture.effectiveDomains(), 2)).arg(mixture.numDomains()),
                       Tone::Text, tr("exp(entropy): how many domains the mixture really uses"));
    const std::vector<double> sequences = design.sequencesPerStep();
    const auto fewest = std::ranges::min_element(sequences);
    m_values->setValue(
        tr("Fewest sequences a step"),
        tr("%1 (%2)").arg(number::decimal(*fewest, 1),
                          QString::fromStdString(experiment.domains[std::size_t(fewest - sequences.begin())].name)),
        *fewest < kFewSequences ? Tone::Warn : Tone::Text,
        tr("Expected; below one, the domain's training loss is missing from many steps"));
    const std::optional<double> worth = design.worthOfTokens();
    m_values->setValue(
        tr("Drawn tokens worth"), worth ? tr("%1 of new ones").arg(number::percent(*worth, 0)) : unknown,
        worth && *worth < kGoodWorth ? Tone::Warn : Tone::Text,
        tr("Repeated tokens teach less than new ones: data-constrained scaling law (Muennighoff et al. 2023)"));
}

} // namespace krater
