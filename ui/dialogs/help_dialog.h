// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QTextBrowser;

namespace krater {

// The short manual (resources/help/help.md), opened at the section of a page. Does not block the window.
class HelpDialog : public QDialog {
    Q_OBJECT

public:
    explicit HelpDialog(QWidget *parent = nullptr);

    void showSection(const QString &heading);

private:
    QTextBrowser *m_browser;
};

// Version, licence and what Krater is built on.
void showAbout(QWidget *parent);

} // namespace krater
