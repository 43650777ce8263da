// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/settings.h"

#include <QObject>

namespace krater {

// Gives the application its style, font and palette, and keeps them right: follows Settings::appearance() and, where that says System, the
// desktop's light or dark. Made once, after QApplication and before the first window. UI thread.
class ThemeController : public QObject {
    Q_OBJECT

public:
    explicit ThemeController(Settings &settings, QObject *parent = nullptr);

    bool isDark() const { return m_dark; }

signals:
    void themeChanged(bool dark);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void apply();
    bool systemIsDark() const;

    Settings &m_settings;
    bool m_dark = false;
    bool m_applying = false;
};

// The font of the desktop; where the desktop names none (no platform theme), the best of what is installed. With a CJK family to fall back on.
QFont applicationFont();

} // namespace krater
