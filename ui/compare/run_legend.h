// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QHBoxLayout;

namespace krater {

class RunSelection;

// Names of the shown runs beside their colours, the baseline first. Names are shortened when there is no room.
class RunLegend : public QWidget {
    Q_OBJECT

public:
    explicit RunLegend(RunSelection &selection, QWidget *parent = nullptr);

private:
    void rebuild();
    void changeEvent(QEvent *event) override;

    RunSelection &m_selection;
    QHBoxLayout *m_row;
};

} // namespace krater
