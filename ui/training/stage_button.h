// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_view.h"
#include "ui/theme/theme.h"

#include <QAbstractButton>

#include <optional>

namespace krater {

// A stage of a plan as one step of a row: a mark, number, name and role, and below how far it is. Clicked it shows its run, and where it has none,
// what it waits for.
class StageButton : public QAbstractButton {
    Q_OBJECT

public:
    StageButton(int number, int numStages, QWidget *parent = nullptr);

    void setStage(const StageConfig &stage);
    void setRun(const std::optional<RunRecord> &run, bool shown); // `shown`: it is what the page shows
    RunId run() const { return m_run; }                           // 0: none yet
    QString stateText() const { return m_state; }                 // "done", "42 %", "waiting", "stopped at 120"

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void describe();
    void drawMark(QPainter &painter, const QRectF &circle) const;
    int textLeft() const;

    int m_number;
    int m_numStages;
    QString m_name, m_role, m_taken; // the role is empty where it is the name
    QString m_state;
    QString m_icon; // of the mark; empty: a circle that fills
    Tone m_tone = Tone::Faint;
    double m_share = 0; // of the steps
    RunId m_run = 0;
    bool m_shown = false;
};

} // namespace krater
