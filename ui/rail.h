// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/page.h"

#include <QMap>

class QVBoxLayout;

namespace krater {

class RailButton;

// The strip on the left with an entry for each page; up and down move between them.
class Rail : public QWidget {
    Q_OBJECT

public:
    explicit Rail(QWidget *parent = nullptr);

    void addPage(Page::Id page, const QString &iconName, const QString &text);
    void setCurrent(Page::Id page);

signals:
    void pageChosen(krater::Page::Id page);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QVBoxLayout *m_column;
    QMap<Page::Id, RailButton *> m_buttons;
};

} // namespace krater
