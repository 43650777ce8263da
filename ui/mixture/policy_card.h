// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"
#include "ui/widgets/card.h"

#include <QColor>

#include <vector>

class QComboBox;
class QLabel;

namespace krater {

class ParamForm;
class PolicyPreview;
class RunLibrary;

// The policy: its choice, its formula in words, the form made from its parameters, how batches are drawn, and for adaptive policies what it would do on
// typed losses or on those of a saved run. Shows an experiment; what a person changes is reported as the changed experiment.
class PolicyCard : public Card {
    Q_OBJECT

public:
    explicit PolicyCard(RunLibrary &library, QWidget *parent = nullptr);

    // `tokens`: K training tokens, 0 unknown.
    void setExperiment(const Experiment &experiment, const std::vector<double> &tokens,
                       const std::vector<QColor> &colours);

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
    ParamForm *m_form;
    QComboBox *m_batching;
    PolicyPreview *m_preview;
};

} // namespace krater
