// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_view.h"
#include "ui/widgets/card.h"

#include <vector>

namespace krater {

class StageButton;

// The stages of a plan as a row of steps, and how far each is. Hidden where there is no plan.
class PlanRow : public Card {
    Q_OBJECT

public:
    explicit PlanRow(QWidget *parent = nullptr);

    // `runs`: of its stages, any number in any order. `shown`: the run that the page shows.
    void setPlan(const Experiment &plan, const std::vector<RunRecord> &runs, RunId shown);
    const std::vector<StageButton *> &stages() const { return m_stages; }

signals:
    void runChosen(qint64 run);

private:
    void makeStages(const std::vector<StageConfig> &stages);
    void onClicked(StageButton *stage);

    std::vector<StageConfig> m_shownStages;
    std::vector<StageButton *> m_stages;
    QHBoxLayout *m_row;
};

} // namespace krater
