// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QWidget>

class QButtonGroup;

namespace krater {

// A row of joined buttons of which one is chosen (arrow keys move the choice), or, with setExclusive(false), a row of joined commands.
class SegmentedControl : public QWidget {
    Q_OBJECT

public:
    explicit SegmentedControl(const QStringList &texts, QWidget *parent = nullptr);

    int current() const;        // -1 if none
    void setCurrent(int index); // -1: none; does not emit
    void setText(int index, const QString &text);
    void setSegmentEnabled(int index, bool enabled, const QString &why = {}); // why: its tool tip
    void setExclusive(bool exclusive);
    int numSegments() const;

signals:
    void activated(int index); // by the user

private:
    QButtonGroup *m_group;
};

} // namespace krater
