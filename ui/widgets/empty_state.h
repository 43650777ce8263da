// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QAction;
class QHBoxLayout;
class QLabel;

namespace krater {

class Button;

// What an empty page or card shows: an icon, one sentence that says what would be here, a line on what to do, and a button that does it.
class EmptyState : public QWidget {
    Q_OBJECT

public:
    EmptyState(const QString &iconName, const QString &sentence, const QString &detail = {}, QWidget *parent = nullptr);

    void setSentence(const QString &sentence);
    void setDetail(const QString &detail);
    Button *addButton(QAction *action);
    Button *addButton(const QString &text, const QString &iconName = {});

protected:
    void changeEvent(QEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    void drawIcon();

    QString m_iconName;
    QLabel *m_icon;
    QLabel *m_sentence;
    QLabel *m_detail;
    QHBoxLayout *m_buttons;
};

} // namespace krater
