// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/page.h"

namespace krater {

// The page that lays saved runs side by side.
class ComparePage : public Page {
    Q_OBJECT

public:
    ComparePage(Workspace &workspace, QUndoStack &undoStack, QWidget *parent = nullptr);

    QString title() const override;
};

} // namespace krater
