// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/domains_page.h"

#include "ui/widgets/card.h"
#include "ui/widgets/empty_state.h"

#include <QVBoxLayout>

namespace krater {

DomainsPage::DomainsPage(Workspace &workspace, QUndoStack &undoStack, QWidget *parent)
    : Page(workspace, undoStack, parent)
{
    auto *card = new Card;
    card->add(new EmptyState(QStringLiteral("domains"), tr("No domains yet."), tr("Drop text files or folders here.")),
              1);
    makeColumn()->addWidget(card, 1);
}

QString DomainsPage::title() const
{
    return tr("Domains");
}

} // namespace krater
