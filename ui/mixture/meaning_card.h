// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"
#include "ui/widgets/card.h"

#include <vector>

namespace krater {

class MixtureDesign;
class ValueList;

// What a mixture means: distance to natural, effective number of domains, expected sequences, what repeated tokens are worth.
class MeaningCard : public Card {
    Q_OBJECT

public:
    explicit MeaningCard(QWidget *parent = nullptr);

    // `tokens`: K training tokens, 0 unknown.
    void setDesign(const MixtureDesign &design, const Experiment &experiment, const std::vector<double> &tokens);

private:
    ValueList *m_values;
};

} // namespace krater
