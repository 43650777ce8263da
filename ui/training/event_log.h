// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/value_table.h"

#include <QTimer>

namespace krater {

// The table of events: a narrow column of steps, the mark that the event has on the plots, and its whole text, on as many lines as it needs.
class EventLog : public ValueTable {
    Q_OBJECT

public:
    explicit EventLog(QAbstractItemModel &model, QWidget *parent = nullptr);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void fit();
    int heightOf(const QString &text, int width) const;

    QTimer m_soon;
    int m_fittedRows = 0;
    int m_fittedWidth = 0;
};

} // namespace krater
