// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare_page.h"

#include "ui/widgets/card.h"
#include "ui/widgets/empty_state.h"

#include <QVBoxLayout>

namespace krater {

ComparePage::ComparePage(Workspace &workspace, QUndoStack &undoStack, QWidget *parent)
    : Page(workspace, undoStack, parent)
{
    auto *card = new Card;
    card->add(new EmptyState(QStringLiteral("compare"), tr("No saved runs yet."),
                             tr("Start a run on the Train page; it is saved as it goes.")),
              1);
    makeColumn()->addWidget(card, 1);
}

QString ComparePage::title() const
{
    return tr("Compare");
}

} // namespace krater
