// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <QDir>
#include <QSvgRenderer>
#include <QTest>

// The icons are compiled in whole, can be drawn, and can be tinted.
class TestResources : public QObject {
    Q_OBJECT

private slots:
    void everyIconFileIsCompiledIn();
    void everyIconCanBeDrawn_data();
    void everyIconCanBeDrawn();
};

void TestResources::everyIconFileIsCompiledIn()
{
    const QDir source(QStringLiteral(KRATER_SOURCE_DIR "/resources/icons"));
    QCOMPARE(QDir(QStringLiteral(":/icons")).entryList(QDir::Files, QDir::Name), source.entryList(QDir::Files, QDir::Name));
    QVERIFY(!source.isEmpty());
}

void TestResources::everyIconCanBeDrawn_data()
{
    QTest::addColumn<QString>("path");
    for (const QFileInfo &file : QDir(QStringLiteral(":/icons")).entryInfoList())
        QTest::newRow(qPrintable(file.baseName())) << file.filePath();
}

void TestResources::everyIconCanBeDrawn()
{
    QFETCH(QString, path);
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray svg = file.readAll();
    QVERIFY(QSvgRenderer(svg).isValid());
    // Line icons take the colour of the text around them: the only colour in them is currentColor.
    const bool isProgramIcon = path.endsWith(QStringLiteral("/krater.svg"));
    QCOMPARE(svg.contains("currentColor"), !isProgramIcon);
    QCOMPARE(svg.contains("#"), isProgramIcon);
}

QTEST_MAIN(TestResources)
#include "tst_resources.moc"
