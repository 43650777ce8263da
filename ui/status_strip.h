// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/page.h"

#include <QTimer>
#include <QWidget>

class QProgressBar;

namespace krater {

class ElidedLabel;

// The bar at the bottom: while a run trains its state, progress, step, tokens, speed and time left; otherwise what the experiment and the store
// hold. Redrawn at most four times a second: figures that change faster cannot be read.
class StatusStrip : public QWidget {
    Q_OBJECT

public:
    explicit StatusStrip(Workspace &workspace, QWidget *parent = nullptr);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void refresh();
    void showRun(const RunRecord &record);
    void showStage();
    void showPreparation();
    void showIdle();

    Workspace &m_workspace;
    QTimer m_timer;
    ElidedLabel *m_state;
    QProgressBar *m_progress;
    ElidedLabel *m_stage, *m_step, *m_tokens, *m_speed, *m_left;
    ElidedLabel *m_memory, *m_runs, *m_store;
};

} // namespace krater
