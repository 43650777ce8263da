// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QObject>
#include <QStringList>
#include <QVariant>

#include <memory>

class QSettings;

namespace krater {

// Looks and habits, never anything that changes a number. Preferences in $XDG_CONFIG_HOME/krater/settings.ini, window layout in
// $XDG_STATE_HOME/krater/layout.ini. UI thread only.
class Settings : public QObject {
    Q_OBJECT

public:
    enum class Appearance { System, Light, Dark };

    explicit Settings(QObject *parent = nullptr);
    ~Settings() override;

    Appearance appearance() const;
    void setAppearance(Appearance appearance);

    QStringList recentFiles() const; // newest first, at most 10, only those that exist
    void addRecentFile(const QString &path);

    // Free-form layout values by key ("main/geometry", "train/splitter"), and forgetting them all (Ctrl+0).
    QVariant layout(const QString &key, const QVariant &fallback = {}) const;
    void setLayout(const QString &key, const QVariant &value);
    void resetLayout();

signals:
    void appearanceChanged();
    void recentFilesChanged();

private:
    std::unique_ptr<QSettings> m_preferences;
    std::unique_ptr<QSettings> m_layout;
};

} // namespace krater
