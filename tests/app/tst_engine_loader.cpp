// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/engine_loader.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace krater;

class TestEngineLoader : public QObject {
    Q_OBJECT

private slots:
    void usesWhatItIsGiven();
    void tellsWhatIsMissingAndTriesAgain();
    void closingWhileLoadingWaits();
};

void TestEngineLoader::usesWhatItIsGiven()
{
    EngineLoader loader;
    QVERIFY(loader.state() == EngineLoader::State::Waiting);
    QSignalSpy changed(&loader, &EngineLoader::stateChanged);
    loader.use(makeFakeEngine());
    QVERIFY(loader.state() == EngineLoader::State::Ready);
    QCOMPARE(loader.devices(), QStringList{QStringLiteral("cpu")});
    QCOMPARE(changed.count(), 1);
    loader.load(); // there is one already
    QVERIFY(loader.state() == EngineLoader::State::Ready);
}

void TestEngineLoader::tellsWhatIsMissingAndTriesAgain()
{
    const QTemporaryDir folder;
    qputenv("KRATER_NN", folder.filePath(QStringLiteral("none.so")).toUtf8());
    EngineLoader loader;
    for (int attempt = 0; attempt < 2; ++attempt) {
        loader.load();
        QVERIFY(loader.state() == EngineLoader::State::Loading);
        QVERIFY(loader.message().isEmpty());
        loader.load(); // already at it
        QTRY_VERIFY(loader.state() == EngineLoader::State::Failed);
        QVERIFY(loader.message().contains(QStringLiteral("none.so")));
        QVERIFY(!loader.advice().isEmpty());
        QVERIFY(!loader.engine());
    }
    qunsetenv("KRATER_NN");
}

void TestEngineLoader::closingWhileLoadingWaits()
{
    const QTemporaryDir folder;
    qputenv("KRATER_NN", folder.filePath(QStringLiteral("none.so")).toUtf8());
    {
        EngineLoader loader;
        loader.load();
    }
    QCoreApplication::processEvents(); // nothing arrives at an object that is gone
    qunsetenv("KRATER_NN");
}

QTEST_GUILESS_MAIN(TestEngineLoader)
#include "tst_engine_loader.moc"
