// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/page.h"

namespace krater {

// The page that cuts the corpus into domains.
class DomainsPage : public Page {
    Q_OBJECT

public:
    DomainsPage(Workspace &workspace, QUndoStack &undoStack, QWidget *parent = nullptr);

    QString title() const override;
};

} // namespace krater
