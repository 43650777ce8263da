// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/page.h"

#include <QWidget>

class QComboBox;

namespace krater {

class Button;
class ElidedLabel;
class MainActions;

// The bar above the pages: the experiment's name with its policy in half a line, the device, and Start, Pause, Stop. The one primary button of
// the window is here: Start while nothing trains, Resume while a run is paused.
class ToolStrip : public QWidget {
    Q_OBJECT

public:
    ToolStrip(Workspace &workspace, QUndoStack &undoStack, MainActions &actions, QWidget *parent = nullptr);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void connectWorkspace();
    void updateExperiment();
    void updateDevices();
    void updateButtons();
    void chooseDevice(int index);

    Workspace &m_workspace;
    QUndoStack &m_undoStack;
    ElidedLabel *m_name;
    ElidedLabel *m_policy;
    QComboBox *m_device;
    Button *m_start;
    Button *m_pause;
    Button *m_stop;
};

// "gibbs, easy first": the policy and what is chosen in it, in half a line.
QString policySummary(const Experiment &experiment);

} // namespace krater
