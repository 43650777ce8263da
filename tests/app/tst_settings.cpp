// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/settings.h"
#include "core/base/files.h"

#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace krater;

class TestSettings : public QObject {
    Q_OBJECT

private slots:
    void init();

    void remembersTheAppearance();
    void anUnknownAppearanceIsTheSystems();
    void recentFilesAreNewestFirst();
    void recentFilesAreThoseThatExist();
    void theLayoutIsKeptApartAndCanBeForgotten();
};

void TestSettings::init()
{
    std::filesystem::remove_all(configFolder());
    std::filesystem::remove_all(stateFolder());
}

void TestSettings::remembersTheAppearance()
{
    {
        Settings settings;
        QVERIFY(settings.appearance() == Settings::Appearance::System);
        QSignalSpy changed(&settings, &Settings::appearanceChanged);
        settings.setAppearance(Settings::Appearance::Dark);
        settings.setAppearance(Settings::Appearance::Dark);
        QCOMPARE(changed.count(), 1);
    }
    QVERIFY(Settings().appearance() == Settings::Appearance::Dark);
    QVERIFY(std::filesystem::exists(configFolder() / "settings.ini"));
}

void TestSettings::anUnknownAppearanceIsTheSystems()
{
    std::filesystem::create_directories(configFolder());
    QFile file(QString::fromStdString((configFolder() / "settings.ini").string()));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("[window]\nappearance=purple\n");
    file.close();
    QVERIFY(Settings().appearance() == Settings::Appearance::System);
}

void TestSettings::recentFilesAreNewestFirst()
{
    const QTemporaryDir folder;
    Settings settings;
    QSignalSpy changed(&settings, &Settings::recentFilesChanged);
    for (int number = 0; number < 12; ++number) {
        QFile file(folder.filePath(QStringLiteral("%1.toml").arg(number)));
        QVERIFY(file.open(QIODevice::WriteOnly));
        settings.addRecentFile(file.fileName());
    }
    settings.addRecentFile(folder.filePath(QStringLiteral("5.toml")));
    QCOMPARE(changed.count(), 13);
    const QStringList files = Settings().recentFiles();
    QCOMPARE(files.size(), 10);
    QCOMPARE(files[0], folder.filePath(QStringLiteral("5.toml")));
    QCOMPARE(files[1], folder.filePath(QStringLiteral("11.toml")));
    QCOMPARE(files.count(files[0]), 1);
}

void TestSettings::recentFilesAreThoseThatExist()
{
    const QTemporaryDir folder;
    Settings settings;
    QFile file(folder.filePath(QStringLiteral("gone.toml")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    settings.addRecentFile(file.fileName());
    QCOMPARE(settings.recentFiles().size(), 1);
    file.remove();
    QVERIFY(settings.recentFiles().isEmpty());
}

void TestSettings::theLayoutIsKeptApartAndCanBeForgotten()
{
    {
        Settings settings;
        settings.setAppearance(Settings::Appearance::Light);
        settings.setLayout(QStringLiteral("main/geometry"), QByteArray("abc"));
        QCOMPARE(settings.layout(QStringLiteral("none"), 7).toInt(), 7);
    }
    Settings settings;
    QCOMPARE(settings.layout(QStringLiteral("main/geometry")).toByteArray(), QByteArray("abc"));
    QVERIFY(std::filesystem::exists(stateFolder() / "layout.ini"));
    settings.resetLayout();
    QVERIFY(!settings.layout(QStringLiteral("main/geometry")).isValid());
    QVERIFY(settings.appearance() == Settings::Appearance::Light);
}

QTEST_GUILESS_MAIN(TestSettings)
#include "tst_settings.moc"
