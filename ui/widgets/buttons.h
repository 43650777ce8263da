// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/krater_style.h"

#include <QPushButton>
#include <QToolButton>

class QAction;

namespace krater {

// A push button with a verb and, if named, an icon. `kind` says how loud it is; its accessible name is its text.
class Button : public QPushButton {
    Q_OBJECT

public:
    explicit Button(const QString &text, const QString &iconName = {}, ButtonKind kind = ButtonKind::Normal,
                    QWidget *parent = nullptr);
    // Shows and follows an action: text (or a shorter one of its own), icon, enabled, checked, tool tip with the shortcut.
    explicit Button(QAction *action, const QString &shortText = {}, QWidget *parent = nullptr);

private:
    void follow(QAction *action, const QString &shortText);
};

// A quiet square button with only an icon; `name` is its tool tip and accessible name.
class IconButton : public QToolButton {
    Q_OBJECT

public:
    IconButton(const QString &iconName, const QString &name, QWidget *parent = nullptr);
};

// An entry of the rail on the left: icon above a word; the checked one is in the accent colour on its soft ground.
class RailButton : public QAbstractButton {
    Q_OBJECT

public:
    RailButton(const QString &iconName, const QString &text, QWidget *parent = nullptr);

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    QString m_icon;
    bool m_showFocus = false;
};

} // namespace krater
