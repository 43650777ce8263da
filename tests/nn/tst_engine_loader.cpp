// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/error.h"
#include "core/train/engine_entry.h"
#include "tests/nn/models.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <dlfcn.h>

using namespace krater;
using namespace krater::test;

// Linked with krater_core only: the engine comes in as in the programs. The functions run in this order, since an
// engine that was loaded once stays.
class TestEngineLoader : public QObject {
    Q_OBJECT

    static QString errorOfLoading()
    {
        try {
            loadEngine();
        } catch (const Error &error) {
            return QString::fromStdString(std::string(error.what()) + " | " + error.advice());
        }
        return {};
    }

    QTemporaryDir m_folder;
    QByteArray m_libTorch = qgetenv("KRATER_LIBTORCH");

private slots:
    void init() { qputenv("KRATER_LIBTORCH", m_libTorch); }
    void cleanup() { qunsetenv("KRATER_NN"); }

    void saysThatTheLibraryIsMissing()
    {
        qputenv("KRATER_NN", "/nowhere/libkrater_nn.so");
        const QString error = errorOfLoading();
        QVERIFY2(error.contains(QStringLiteral("KRATER_NN is /nowhere/libkrater_nn.so, but there is no such file")),
                 qPrintable(error));
    }

    void saysThatTheLibraryIsBroken()
    {
        const QString path = m_folder.filePath(QStringLiteral("libkrater_nn.so"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("not a library");
        file.close();
        qputenv("KRATER_NN", path.toUtf8());
        const QString error = errorOfLoading();
        QVERIFY2(error.contains(path) && error.contains(QStringLiteral("scripts/setup")), qPrintable(error));
    }

    void saysThatTheLibraryIsAnother()
    {
        qputenv("KRATER_NN", KRATER_ENGINE_DIR "/libkrater_core.so");
        const QString error = errorOfLoading();
        QVERIFY2(error.contains(QStringLiteral("is not a training engine of Krater")), qPrintable(error));
    }

    void saysThatLibTorchIsMissing()
    {
        qputenv("KRATER_LIBTORCH", "/nowhere");
        const QString error = errorOfLoading();
        QVERIFY2(error.contains(QStringLiteral("KRATER_LIBTORCH is /nowhere")), qPrintable(error));
    }

    void saysWhyAFolderCannotBeLookedAt()
    {
        qputenv("KRATER_LIBTORCH", "/" + QByteArray(300, 'x')); // no file system has such long names
        const QString error = errorOfLoading();
        QVERIFY2(error.contains(QStringLiteral("cannot be looked at")), qPrintable(error));
    }

    void saysWhyLibTorchIsBroken()
    {
        QVERIFY(QDir(m_folder.path()).mkpath(QStringLiteral("torch/lib")));
        for (const char *name : {"libc10.so", "libtorch_cpu.so"}) {
            QFile file(m_folder.filePath(QStringLiteral("torch/lib/") + QLatin1String(name)));
            QVERIFY(file.open(QIODevice::WriteOnly));
        }
        qputenv("KRATER_LIBTORCH", m_folder.path().toUtf8());
        const QString error = errorOfLoading();
        QVERIFY2(error.contains(QStringLiteral("torch/lib/libc10.so: file too short")), qPrintable(error));
        QVERIFY2(error.contains(QStringLiteral("KRATER_LIBTORCH")), qPrintable(error));
    }

    void loadsAndTrains()
    {
        qunsetenv("OMP_WAIT_POLICY");
        const std::shared_ptr<const Engine> engine = loadEngine();
        QCOMPARE(qgetenv("OMP_WAIT_POLICY"), QByteArray("passive"));
        QCOMPARE(loadEngine().get(), engine.get());
        QCOMPARE(engine->version(), std::string("LibTorch 2.11.0"));
        QCOMPARE(engine->devices().front(), std::string("cpu"));

        const LanguageModelSpec spec = smallSpec();
        const std::unique_ptr<LanguageModel> model = engine->create(spec);
        Rng rng(1);
        const Batch batch = countingBatch(spec, 4, rng);
        const double first = mean(model->trainStep(batch, 1e-2).sequenceLosses);
        for (int step = 0; step < 10; ++step)
            model->trainStep(batch, 1e-2);
        QVERIFY(mean(model->evaluate(batch)) < first - 0.5);
    }

    void errorsCrossTheLibrary()
    {
        LanguageModelSpec spec = smallSpec();
        spec.training.device = "quantum";
        try {
            loadEngine()->create(spec);
            QFAIL("was accepted");
        } catch (const Error &error) {
            QCOMPARE(error.what(), "'quantum' is no device.");
            QVERIFY(!error.advice().empty());
        }
    }

    void refusesAProgramThatDoesNotFit()
    {
        void *library = ::dlopen(KRATER_ENGINE_DIR "/libkrater_nn.so", RTLD_NOW | RTLD_LOCAL);
        QVERIFY2(library != nullptr, ::dlerror());
        const auto make = reinterpret_cast<decltype(&krater_make_engine)>(::dlsym(library, "krater_make_engine"));
        QVERIFY(make != nullptr);
        for (const EngineRequest &request :
             {EngineRequest{.version = "99.0.0"}, EngineRequest{.interface = 1, .version = "0.1.0"}}) {
            try {
                delete make(&request);
                QFAIL("was accepted");
            } catch (const Error &error) {
                QVERIFY2(QString::fromUtf8(error.what()).contains(QLatin1String(request.version)), error.what());
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestEngineLoader)
#include "tst_engine_loader.moc"
