// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"
#include "ui/widgets/card.h"

#include <QColor>

#include <vector>

class QComboBox;
class QDoubleSpinBox;
class QGridLayout;
class QLabel;

namespace krater {

class ColourSwatch;
class ElidedLabel;
class MixtureBar;
class MixturePolicy;
class RunLibrary;
class ShareShift;

// "What would it do?": losses of the domains, typed or taken from a saved run, and the mixture that the policy would make of them in one update, with the
// same function as `krater-cli preview` and training itself.
class PolicyPreview : public Card {
    Q_OBJECT

public:
    explicit PolicyPreview(RunLibrary &library, QWidget *parent = nullptr);

    void setExperiment(const Experiment &experiment, const std::vector<double> &tokens,
                       const std::vector<QColor> &colours);
    // The shares after one update, empty if the policy keeps its mixture or refuses the losses.
    const std::vector<double> &shares() const { return m_shares; }

private:
    struct Row {
        ColourSwatch *swatch = nullptr;
        ElidedLabel *name = nullptr;
        QDoubleSpinBox *loss = nullptr;
        ShareShift *bar = nullptr;
        ElidedLabel *share = nullptr;
        ElidedLabel *change = nullptr;
    };

    void rebuildRows();
    Row createRow(const QString &domain);
    void addRow(const Row &row);
    void listRuns();
    void takeLosses();
    void compute();
    void showNotes(const MixturePolicy &policy);
    void showShares(const std::vector<double> &before);

    RunLibrary &m_library;
    Experiment m_experiment;
    std::vector<double> m_tokens;
    std::vector<QColor> m_colours;
    std::vector<Row> m_rows;
    std::vector<double> m_shares;
    QComboBox *m_source; // 0: typed; else a run's id
    MixtureBar *m_bar;
    QGridLayout *m_grid;
    QLabel *m_problem;
};

} // namespace krater
