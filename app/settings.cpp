// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/settings.h"

#include "core/base/files.h"

#include <QFileInfo>
#include <QSettings>

#include <algorithm>

namespace krater {

namespace {

constexpr int kMaxRecentFiles = 10;

const QString kAppearanceKey = QStringLiteral("window/appearance");
const QString kRecentFilesKey = QStringLiteral("files/recent");

struct AppearanceName {
    Settings::Appearance appearance;
    const char *name;
};
constexpr AppearanceName kAppearances[] = {
    {Settings::Appearance::System, "system"},
    {Settings::Appearance::Light, "light"},
    {Settings::Appearance::Dark, "dark"},
};

std::unique_ptr<QSettings> iniFile(const std::filesystem::path &file)
{
    return std::make_unique<QSettings>(QString::fromStdString(file.string()), QSettings::IniFormat);
}

} // namespace

Settings::Settings(QObject *parent)
    : QObject(parent)
    , m_preferences(iniFile(configFolder() / "settings.ini"))
    , m_layout(iniFile(stateFolder() / "layout.ini"))
{
}

Settings::~Settings() = default;

Settings::Appearance Settings::appearance() const
{
    const QString stored = m_preferences->value(kAppearanceKey).toString();
    const auto found = std::find_if(std::begin(kAppearances), std::end(kAppearances),
                                    [&](const AppearanceName &entry) { return stored == QLatin1String(entry.name); });
    return found == std::end(kAppearances) ? Appearance::System : found->appearance;
}

void Settings::setAppearance(Appearance wanted)
{
    if (wanted == appearance())
        return;
    m_preferences->setValue(kAppearanceKey, QString::fromLatin1(kAppearances[int(wanted)].name));
    emit appearanceChanged();
}

QStringList Settings::recentFiles() const
{
    QStringList files;
    for (const QString &file : m_preferences->value(kRecentFilesKey).toStringList())
        if (files.size() < kMaxRecentFiles && QFileInfo::exists(file))
            files.append(file);
    return files;
}

void Settings::addRecentFile(const QString &path)
{
    const QString file = QFileInfo(path).absoluteFilePath();
    QStringList files = recentFiles();
    files.removeAll(file);
    files.prepend(file);
    m_preferences->setValue(kRecentFilesKey, QStringList(files.mid(0, kMaxRecentFiles)));
    emit recentFilesChanged();
}

QVariant Settings::layout(const QString &key, const QVariant &fallback) const
{
    return m_layout->value(key, fallback);
}

void Settings::setLayout(const QString &key, const QVariant &value)
{
    m_layout->setValue(key, value);
}

void Settings::resetLayout()
{
    m_layout->clear();
}

} // namespace krater
