// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compare/run_comparison.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QLineEdit;

namespace krater {

// Chooses the fixed mixture that all runs are scored on: natural, uniform, or weights that are typed ("code=0.5, quotes=0.5"). What is wrong
// with typed weights stands beside them, and the mixture before stays.
class ScoreChoice : public QWidget {
    Q_OBJECT

public:
    explicit ScoreChoice(QWidget *parent = nullptr);

    void setMixture(const ScoreMixture &mixture);
    const ScoreMixture &mixture() const { return m_mixture; }
    QComboBox *comboBox() const { return m_choice; }
    QLineEdit *weightsField() const { return m_weights; }

signals:
    void mixtureChanged(const krater::ScoreMixture &mixture);

private:
    void choose(int index);
    void readWeights();
    void use(const ScoreMixture &mixture);

    QComboBox *m_choice;
    QLineEdit *m_weights;
    QLabel *m_problem;
    ScoreMixture m_mixture;
};

} // namespace krater
