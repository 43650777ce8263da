// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/workspace.h"

#include <QApplication>
#include <QDeadlineTimer>
#include <QTextStream>
#include <QWidget>

#include <functional>

namespace krater {

// Waits in the event loop and writes pictures of widgets, light and dark. Counts what went wrong.
class ScreenTaker {
public:
    ScreenTaker(Settings &settings, QString folder, QString suffix)
        : m_settings(settings)
        , m_folder(std::move(folder))
        , m_suffix(std::move(suffix))
    {
    }

    int failures() const { return m_failures; }

    bool waitFor(const QString &what, int seconds, const std::function<bool()> &done)
    {
        QDeadlineTimer deadline(seconds * 1000);
        while (!done() && !deadline.hasExpired())
            QApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 50);
        if (done())
            return true;
        QTextStream(stderr) << "screens: waited " << seconds << " s in vain for " << what << Qt::endl;
        ++m_failures;
        return false;
    }

    void settle(int ms = 300)
    {
        QDeadlineTimer deadline(ms);
        while (!deadline.hasExpired())
            QApplication::processEvents(QEventLoop::AllEvents, 20);
    }

    void take(QWidget &widget, const QString &name)
    {
        for (const bool dark : {false, true}) {
            m_settings.setAppearance(dark ? Settings::Appearance::Dark : Settings::Appearance::Light);
            settle(200); // plots redraw a little later than the rest
            const QString file = m_folder + QLatin1Char('/') + name + (dark ? QStringLiteral("-dark") : QString()) + m_suffix
                + QStringLiteral(".png");
            if (!widget.grab().save(file)) {
                QTextStream(stderr) << "screens: cannot write " << file << Qt::endl;
                ++m_failures;
            }
        }
        m_settings.setAppearance(Settings::Appearance::Light);
    }

private:
    Settings &m_settings;
    QString m_folder;
    QString m_suffix;
    int m_failures = 0;
};

} // namespace krater
