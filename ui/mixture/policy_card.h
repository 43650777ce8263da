// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"
#include "ui/widgets/card.h"

#include <vector>

class QComboBox;
class QLabel;

namespace krater {

class ParamForm;

// The policy: its choice, its formula in words, the form made from its parameters, and how batches are drawn. Shows an experiment; what a person
// changes is reported as the changed experiment.
class PolicyCard : public Card {
    Q_OBJECT

public:
    explicit PolicyCard(QWidget *parent = nullptr);

    // `tokens`: K training tokens, 0 unknown.
    void setExperiment(const Experiment &experiment, const std::vector<double> &tokens);

signals:
    void experimentEdited(const krater::Experiment &experiment, const QString &what);

private:
    void createControls();
    void choosePolicy();
    void chooseBatching();

    Experiment m_experiment;
    std::vector<double> m_tokens;
    std::string m_shownPolicy;
    QComboBox *m_policy;
    QLabel *m_summary;
    QLabel *m_formula;
    QLabel *m_cost;
    ParamForm *m_form;
    QComboBox *m_batching;
};

} // namespace krater
