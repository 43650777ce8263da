// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/page.h"

namespace krater {

// The page that shows a run: its curves as they happen, its shares, what its policy did and why.
class TrainingPage : public Page {
    Q_OBJECT

public:
    TrainingPage(Workspace &workspace, QUndoStack &undoStack, QWidget *parent = nullptr);

    QString title() const override;
    void showRun(const std::shared_ptr<RunView> &run);

private:
    std::shared_ptr<RunView> m_run;
};

} // namespace krater
