// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QString>

class QHBoxLayout;
class QLabel;

namespace krater {

class Button;
class IconButton;

// Something went wrong, or is worth knowing, said in the page: what happened, what to do, the details to copy. Never takes the focus; hidden
// until show() and after its close button. A newer message replaces the older one.
class MessageBar : public QFrame {
    Q_OBJECT

public:
    enum class Kind { Info, Warning, Error };

    explicit MessageBar(QWidget *parent = nullptr);

    void show(Kind kind, const QString &message, const QString &advice = {}, const QString &details = {});
    // A button that does what the advice says; gone with the message.
    Button *addAction(const QString &text);
    void dismiss();

    QString message() const { return m_text; }

signals:
    void dismissed();

protected:
    void paintEvent(QPaintEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void drawIcon();
    void copy();
    void clearActions();

    Kind m_kind = Kind::Info;
    QString m_text, m_adviceText, m_detailsText;
    QLabel *m_icon;
    QLabel *m_message;
    QLabel *m_advice;
    QLabel *m_details;
    QHBoxLayout *m_actions;
    Button *m_detailsButton;
    Button *m_copyButton;
    IconButton *m_closeButton;
};

} // namespace krater
