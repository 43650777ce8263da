// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_filter.h"

#include <QWidget>

class QLabel;
class QLineEdit;

namespace krater {

// Where people type which runs they want to see, by words or by an expression; what is wrong with it stands under the field, the place is underlined.
class FilterField : public QWidget {
    Q_OBJECT

public:
    explicit FilterField(QWidget *parent = nullptr);

    QLineEdit *lineEdit() const { return m_edit; }
    QString problem() const; // the text under the field, empty if there is none
    const RunFilter &filter() const { return m_filter; }
    void setDomains(const QStringList &domains); // that loss.NAME may name
    void clear();

signals:
    void filterChanged(const krater::RunFilter &filter);

private:
    void parse();
    void mark(); // what the problem is about

    QLineEdit *m_edit;
    QLabel *m_problem;
    QStringList m_domains;
    RunFilter m_filter;
};

} // namespace krater
