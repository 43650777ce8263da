// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/page.h"

namespace krater {

// The page that sets the mixture and the policy that moves it.
class MixturePage : public Page {
    Q_OBJECT

public:
    MixturePage(Workspace &workspace, QUndoStack &undoStack, QWidget *parent = nullptr);

    QString title() const override;
};

} // namespace krater
