// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training_page.h"

#include "ui/widgets/card.h"
#include "ui/widgets/empty_state.h"

#include <QVBoxLayout>

namespace krater {

TrainingPage::TrainingPage(Workspace &workspace, QUndoStack &undoStack, QWidget *parent)
    : Page(workspace, undoStack, parent)
{
    auto *card = new Card;
    card->add(
        new EmptyState(QStringLiteral("train"), tr("No run yet."), tr("Press Start to train a model on this mixture.")),
        1);
    makeColumn()->addWidget(card, 1);
}

QString TrainingPage::title() const
{
    return tr("Train");
}

void TrainingPage::showRun(const std::shared_ptr<RunView> &run)
{
    m_run = run;
}

} // namespace krater
