// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/mixture_page.h"

#include "ui/widgets/card.h"
#include "ui/widgets/empty_state.h"

#include <QVBoxLayout>

namespace krater {

MixturePage::MixturePage(Workspace &workspace, QUndoStack &undoStack, QWidget *parent)
    : Page(workspace, undoStack, parent)
{
    auto *card = new Card;
    card->add(
        new EmptyState(QStringLiteral("mixture"), tr("No mixture yet."), tr("A mixture needs at least one domain.")),
        1);
    makeColumn()->addWidget(card, 1);
}

QString MixturePage::title() const
{
    return tr("Mixture");
}

} // namespace krater
