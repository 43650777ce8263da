// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/page.h"

#include "ui/edit_command.h"
#include "ui/theme/theme.h"

#include <QVBoxLayout>

namespace krater {

Page::Page(Workspace &workspace, QUndoStack &undoStack, QWidget *parent)
    : QWidget(parent)
    , m_workspace(workspace)
    , m_undoStack(undoStack)
{
}

bool Page::takeFiles(const QStringList &)
{
    return false;
}

void Page::edit(const QString &text, const Experiment &after, int gesture)
{
    if (!(after == experiment()))
        m_undoStack.push(new EditCommand(m_workspace.document, text, after, gesture));
}

QVBoxLayout *Page::makeColumn()
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(look::kPageMargin, look::kGap, look::kPageMargin, look::kGap);
    column->setSpacing(look::kGap);
    return column;
}

} // namespace krater
