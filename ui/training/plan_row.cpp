// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/plan_row.h"

#include "ui/training/stage_button.h"

#include <QHBoxLayout>
#include <QToolTip>
#include <QVBoxLayout>

#include <algorithm>

namespace krater {

PlanRow::PlanRow(QWidget *parent)
    : Card({}, {}, parent)
    , m_row(new QHBoxLayout)
{
    setAccessibleName(tr("Stages of the plan"));
    body()->setContentsMargins(4, 4, 4, 4);
    m_row->setSpacing(4);
    body()->addLayout(m_row);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    hide();
}

void PlanRow::setPlan(const Experiment &plan, const std::vector<RunRecord> &runs, RunId shown)
{
    if (plan.stages != m_shownStages)
        makeStages(plan.stages);
    for (std::size_t stage = 0; stage < m_stages.size(); ++stage) {
        const auto run = std::ranges::find_if(runs, [&](const RunRecord &record) { return record.plan && record.plan->stage == stage; });
        const bool isThere = run != runs.end();
        m_stages[stage]->setRun(isThere ? std::optional(*run) : std::nullopt, isThere && run->id == shown);
    }
}

void PlanRow::makeStages(const std::vector<StageConfig> &stages)
{
    m_shownStages = stages;
    m_stages.clear();
    while (QLayoutItem *item = m_row->takeAt(0)) {
        if (QWidget *stage = item->widget()) {
            stage->hide();
            stage->deleteLater();
        }
        delete item;
    }
    for (const StageConfig &stage : stages) {
        auto *button = new StageButton(int(m_stages.size()) + 1, int(stages.size()), this);
        button->setStage(stage);
        connect(button, &QAbstractButton::clicked, this, [this, button] { onClicked(button); });
        m_row->addWidget(button);
        m_stages.push_back(button);
    }
    m_row->addStretch(1);
}

void PlanRow::onClicked(StageButton *stage)
{
    if (stage->run() != 0)
        emit runChosen(stage->run());
    else
        QToolTip::showText(stage->mapToGlobal(stage->rect().bottomLeft()), stage->toolTip(), stage);
}

} // namespace krater
