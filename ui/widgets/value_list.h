// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"

#include <QWidget>

#include <vector>

class QGridLayout;

namespace krater {

class ElidedLabel;

// Named values, one a row: a muted name and a semibold value in a tone ("Distance to natural (L1)   0.29"). Rows stay in the order of first use.
class ValueList : public QWidget {
    Q_OBJECT

public:
    explicit ValueList(QWidget *parent = nullptr);

    void setValue(const QString &name, const QString &value, Tone tone = Tone::Text, const QString &help = {});
    QString value(const QString &name) const; // empty if there is no such row
    void clear();

private:
    struct Row {
        QString name;
        ElidedLabel *label;
        ElidedLabel *value;
    };

    QGridLayout *m_grid;
    std::vector<Row> m_rows;
};

} // namespace krater
