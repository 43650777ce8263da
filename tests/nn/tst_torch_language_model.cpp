// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/nn/torch_language_model.h"

#include "tests/nn/torch_models.h"

#include <QCoreApplication>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <thread>

using namespace krater;
using namespace krater::test;

namespace {

constexpr double kLearningRate = 3e-3;

// Losses of every sequence and the gradient's norm, step by step.
std::vector<double> train(LanguageModel &model, const LanguageModelSpec &spec, int firstStep, int numSteps)
{
    std::vector<double> numbers;
    for (int step = firstStep; step < firstStep + numSteps; ++step) {
        Rng rng(static_cast<std::uint64_t>(step));
        const TrainStepResult result = model.trainStep(countingBatch(spec, 7, rng), kLearningRate);
        numbers.insert(numbers.end(), result.sequenceLosses.begin(), result.sequenceLosses.end());
        numbers.push_back(result.gradientNorm);
    }
    return numbers;
}

} // namespace

class TestTorchLanguageModel : public QObject {
    Q_OBJECT

private slots:
    void startsAtTheLossOfAGuess()
    {
        const LanguageModelSpec spec = smallSpec();
        Rng rng(1);
        const std::vector<double> losses = makeModel(spec)->evaluate(countingBatch(spec, 20, rng));
        QCOMPARE(losses.size(), std::size_t{20});
        QVERIFY(std::abs(mean(losses) - std::log(spec.vocabulary)) < 0.05);
    }

    void learnsASmallBatchByHeart()
    {
        const LanguageModelSpec spec = smallSpec();
        const auto model = makeModel(spec);
        Rng rng(1);
        Batch batch = countingBatch(spec, 4, rng);
        for (TokenId &token : batch.tokens)
            token = static_cast<TokenId>(rng.below(static_cast<std::uint64_t>(spec.vocabulary)));
        for (int step = 0; step < 150; ++step)
            model->trainStep(batch, 1e-2);
        QVERIFY(mean(model->evaluate(batch)) < 0.1);
    }

    // The hand-written network against LibTorch's operators and autograd, over steps that change the weights.
    void agreesWithLibTorch()
    {
        LanguageModelSpec spec = smallSpec();
        const auto own = makeModel(spec), reference = makeModel(spec, NetworkKind::Tensor);
        QVERIFY(largestDifference(train(*own, spec, 0, 8), train(*reference, spec, 0, 8)) < 1e-5);
        Rng rng(2);
        const Batch batch = countingBatch(spec, 9, rng);
        QVERIFY(largestDifference(own->evaluate(batch), reference->evaluate(batch)) < 1e-5);
    }

    void trainsInBFloat16()
    {
        LanguageModelSpec spec = smallSpec();
        const std::vector<double> exact = train(*makeModel(spec), spec, 0, 5);
        spec.training.precision = TrainingConfig::Precision::BFloat16;
        const auto model = makeModel(spec);
        QCOMPARE(model->info().precision, std::string("bfloat16"));
        const std::vector<double> rounded = train(*model, spec, 0, 5);
        QVERIFY(largestDifference(exact, rounded) < 0.05);
        QVERIFY(largestDifference(exact, rounded) > 1e-6);
        // The weights themselves stay fp32: most of them are not numbers that bf16 has.
        const std::vector<NamedTensor> saved = model->save();
        const std::vector<float> weights = floatsOf(*find(saved, "model.wte.weight"));
        const auto isShort = [](float value) {
            std::uint32_t bits = 0;
            std::memcpy(&bits, &value, sizeof bits);
            return (bits & 0xFFFFU) == 0;
        };
        QVERIFY(std::count_if(weights.begin(), weights.end(), isShort)
                < static_cast<std::ptrdiff_t>(weights.size() / 100));
    }

    void saysWhatItIs()
    {
        const LanguageModelInfo info = makeModel(smallSpec())->info();
        QCOMPARE(info.engine, std::string("LibTorch 2.11.0"));
        QCOMPARE(info.device, std::string("CPU, 2 threads"));
        QCOMPARE(info.precision, std::string("float32"));
        QCOMPARE(info.parameters, std::uint64_t{61 * 32 + 24 * 32 + 2 * (12 * 32 * 32 + 2 * 32) + 32});
    }

    // Also run in a process of its own by repeatsInAnotherProcess().
    void numbersOfARun()
    {
        const LanguageModelSpec spec = smallSpec();
        const std::vector<double> numbers = train(*makeModel(spec), spec, 0, 12);
        QVERIFY(std::all_of(numbers.begin(), numbers.end(), [](double number) { return std::isfinite(number); }));
        QCOMPARE(train(*makeModel(spec), spec, 0, 12), numbers);
        const QString path = qEnvironmentVariable("KRATER_TEST_NUMBERS");
        if (path.isEmpty())
            return;
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(reinterpret_cast<const char *>(numbers.data()),
                   static_cast<qint64>(numbers.size() * sizeof(double)));
    }

    void repeatsInAnotherProcess()
    {
        QTemporaryDir folder;
        QByteArray numbers[2];
        for (QByteArray &written : numbers) {
            QProcess process;
            QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
            environment.insert(QStringLiteral("KRATER_TEST_NUMBERS"), folder.filePath(QStringLiteral("numbers")));
            process.setProcessEnvironment(environment);
            process.start(QCoreApplication::applicationFilePath(), {QStringLiteral("numbersOfARun")});
            QVERIFY(process.waitForFinished(60'000));
            QCOMPARE(process.exitCode(), 0);
            QFile file(folder.filePath(QStringLiteral("numbers")));
            QVERIFY(file.open(QIODevice::ReadOnly));
            written = file.readAll();
        }
        QCOMPARE(numbers[0].size(), qsizetype(12 * 8 * sizeof(double)));
        QVERIFY(numbers[0] == numbers[1]);
    }

    void seedsDiffer()
    {
        LanguageModelSpec spec = smallSpec();
        const std::vector<double> first = train(*makeModel(spec), spec, 0, 1);
        spec.seed = 4;
        QVERIFY(train(*makeModel(spec), spec, 0, 1) != first);
    }

    void restoringContinuesBitForBit_data()
    {
        QTest::addColumn<bool>("bfloat16");
        QTest::newRow("float32") << false;
        QTest::newRow("bfloat16") << true;
    }

    void restoringContinuesBitForBit()
    {
        QFETCH(bool, bfloat16);
        LanguageModelSpec spec = smallSpec();
        if (bfloat16)
            spec.training.precision = TrainingConfig::Precision::BFloat16;
        const auto undisturbed = makeModel(spec);
        train(*undisturbed, spec, 0, 5);
        const std::vector<NamedTensor> saved = undisturbed->save();
        const std::vector<double> expected = train(*undisturbed, spec, 5, 5);

        LanguageModelSpec otherSeed = spec;
        otherSeed.seed = 99;
        const auto restored = makeModel(otherSeed);
        train(*restored, spec, 20, 2);
        restored->restore(saved);
        QVERIFY(sameBytes(restored->save(), saved));
        QCOMPARE(train(*restored, spec, 5, 5), expected);
        QVERIFY(sameBytes(restored->save(), undisturbed->save()));
    }

    void evaluationIsTheSameWhateverRanBefore()
    {
        const LanguageModelSpec spec = smallSpec();
        const auto model = makeModel(spec);
        Rng rng(1);
        const Batch batch = countingBatch(spec, 11, rng);
        train(*model, spec, 0, 3);
        const std::vector<NamedTensor> before = model->save();
        const std::vector<double> expected = model->evaluate(batch);
        model->evaluate(countingBatch(spec, 30, rng));
        QCOMPARE(model->evaluate(batch), expected);
        QVERIFY(sameBytes(model->save(), before));
        std::vector<double> elsewhere;
        std::jthread([&] { elsewhere = model->evaluate(batch); }).join();
        QCOMPARE(elsewhere, expected);
    }

    // With a learning rate so small that AdamW's step vanishes in rounding beside its decay.
    void decaysMatricesOnly()
    {
        LanguageModelSpec spec = smallSpec();
        spec.training.weightDecay = 1e6;
        const auto model = makeModel(spec);
        const std::vector<NamedTensor> before = model->save();
        Rng rng(1);
        model->trainStep(countingBatch(spec, 4, rng), 1e-7); // 1 - 1e-7 * 1e6 = 0.9
        const std::vector<NamedTensor> after = model->save();
        int numMatrices = 0;
        for (const NamedTensor &tensor : before) {
            if (!tensor.name.starts_with("model."))
                continue;
            const double factor = tensor.shape.size() == 2 ? 0.9 : 1.0;
            numMatrices += tensor.shape.size() == 2 ? 1 : 0;
            const std::vector<float> was = floatsOf(tensor), is = floatsOf(*find(after, tensor.name));
            for (std::size_t i = 0; i < was.size(); ++i)
                QVERIFY2(std::abs(is[i] - factor * was[i]) < 1e-6, tensor.name.c_str());
        }
        QCOMPARE(numMatrices, 2 + 2 * 4);
    }

    // A clipped first step is the same for a gradient of any length: what Adam's moments see has the length of the
    // clip.
    void clipsTheGradient()
    {
        LanguageModelSpec spec = smallSpec();
        spec.training.clip = 0.01;
        const auto lengthSeen = [&] {
            const auto model = makeModel(spec);
            Rng rng(1);
            const TrainStepResult result = model->trainStep(countingBatch(spec, 4, rng), kLearningRate);
            double squares = 0; // of the gradient: Adam's first moment after one step is (1 - beta1) of it
            for (const NamedTensor &tensor : model->save())
                if (tensor.name.starts_with("optimizer.first_moment."))
                    for (const float value : floatsOf(tensor))
                        squares += std::pow(value / (1 - spec.training.beta1), 2);
            return std::pair(result.gradientNorm, std::sqrt(squares));
        };
        const auto [norm, clipped] = lengthSeen();
        QVERIFY(norm > 0.1);
        QVERIFY(std::abs(clipped - 0.01) < 1e-6);
        spec.training.clip = 0;
        const auto [sameNorm, whole] = lengthSeen();
        QCOMPARE(sameNorm, norm);
        QVERIFY(std::abs(whole / norm - 1) < 1e-5);
    }

    void leavesWeightsAloneWhenNotFinite_data()
    {
        QTest::addColumn<float>("value");
        QTest::newRow("NaN") << std::numeric_limits<float>::quiet_NaN();
        QTest::newRow("infinite") << std::numeric_limits<float>::infinity();
        QTest::newRow("overflow") << 3e38F;
    }

    void leavesWeightsAloneWhenNotFinite()
    {
        QFETCH(float, value);
        const LanguageModelSpec spec = smallSpec();
        const auto model = makeModel(spec);
        train(*model, spec, 0, 2);
        std::vector<NamedTensor> broken = model->save();
        for (NamedTensor &tensor : broken) {
            if (tensor.name == "model.h.1.mlp.c_fc.weight")
                setFloats(tensor, std::vector<float>(tensor.bytes.size() / sizeof(float), value));
        }
        model->restore(broken);
        Rng rng(1);
        const TrainStepResult result = model->trainStep(countingBatch(spec, 4, rng), kLearningRate);
        QVERIFY(!std::isfinite(mean(result.sequenceLosses)) || !std::isfinite(result.gradientNorm));
        QVERIFY(sameBytes(model->save(), broken));
    }

    void refusesOtherTensors()
    {
        const LanguageModelSpec spec = smallSpec();
        const auto model = makeModel(spec);
        train(*model, spec, 0, 1);
        const std::vector<NamedTensor> saved = model->save();
        const auto errorWith = [&](const auto &change) {
            std::vector<NamedTensor> changed = saved;
            change(changed);
            return errorOf([&] { model->restore(changed); });
        };
        QVERIFY(errorWith([](auto &tensors) {
                    tensors.erase(tensors.begin());
                }).contains(QStringLiteral("model.wte.weight")));
        QVERIFY(errorWith([](auto &tensors) { tensors[1].shape[0] += 1; }).contains(QStringLiteral("[25, 32]")));
        QVERIFY(errorWith([](auto &tensors) { tensors[1].bytes.pop_back(); }).contains(QStringLiteral("bytes")));
        QVERIFY(errorWith([](auto &tensors) {
                    tensors[1].type = NamedTensor::Type::Int64;
                }).contains(QStringLiteral("model.wpe.weight")));
        QVERIFY(errorWith([](auto &tensors) {
                    tensors.back().bytes.back() = std::byte{0x80};
                }).contains(QStringLiteral("negative")));
        QVERIFY(!errorWith([](auto &tensors) {
                     tensors.push_back({.name = "model.more", .shape = {}, .bytes = {}});
                 }).isEmpty());
        QVERIFY(sameBytes(model->save(), saved));
    }

    void refusesOtherBatches()
    {
        const LanguageModelSpec spec = smallSpec();
        const auto model = makeModel(spec);
        Rng rng(1);
        const Batch good = countingBatch(spec, 2, rng);
        Batch bad = good;
        bad.tokens[3] = 61;
        QVERIFY(errorOf([&] { model->trainStep(bad, kLearningRate); }).contains(QStringLiteral("token 61")));
        bad = good;
        bad.tokens.pop_back();
        QVERIFY(!errorOf([&] { model->evaluate(bad); }).isEmpty());
        bad = {};
        QVERIFY(!errorOf([&] { model->evaluate(bad); }).isEmpty());
        LanguageModelSpec longer = spec;
        longer.model.context = 25;
        QVERIFY(
            errorOf([&] { model->evaluate(countingBatch(longer, 2, rng)); }).contains(QStringLiteral("context of 24")));
    }

    void refusesDevicesThatAreNotThere_data()
    {
        QTest::addColumn<QString>("device");
        QTest::addColumn<QString>("problem");
        QTest::addColumn<QString>("expected");
        QTest::newRow("word") << "gpu"
                              << ""
                              << "'gpu' is no device. | Set training.device to auto, cpu, cuda or cuda:N.";
        QTest::newRow("number") << "cuda:x"
                                << ""
                                << "'cuda:x' is no device.";
        QTest::newRow("minus") << "cuda:-1"
                               << ""
                               << "'cuda:-1' is no device.";
        QTest::newRow("none") << "cuda"
                              << ""
                              << "The device 'cuda' is not there; this machine has cpu. | Set training.device to auto";
        QTest::newRow("third") << "cuda:2"
                               << ""
                               << "The device 'cuda:2' is not there; this machine has cpu.";
        QTest::newRow("broken") << "cuda:0"
                                << "libcudnn is missing."
                                << "cannot be used. libcudnn is missing. | Run scripts/setup --cuda";
    }

    void refusesDevicesThatAreNotThere()
    {
        QFETCH(QString, device);
        QFETCH(QString, problem);
        QFETCH(QString, expected);
        LanguageModelSpec spec = smallSpec();
        spec.training.device = device.toStdString();
        const Devices devices({}, problem.toStdString());
        const QString error = errorOf([&] { makeTorchLanguageModel(spec, devices); });
        QVERIFY2(error.contains(expected), qPrintable(error));
    }

    void refusesAbsurdThreads()
    {
        LanguageModelSpec spec = smallSpec();
        spec.training.threads = 100'000;
        QVERIFY(errorOf([&] { makeModel(spec); }).contains(QStringLiteral("training.threads is 100000")));
    }

    void choosesAmongGpus()
    {
        const Devices devices({{"A"}, {"B"}});
        QCOMPARE(devices.names(), (std::vector<std::string>{"cpu", "cuda:0", "cuda:1"}));
        QCOMPARE(devices.choose("auto"), 0);
        QCOMPARE(devices.choose("cuda"), 0);
        QCOMPARE(devices.choose("cuda:1"), 1);
        QCOMPARE(devices.choose("cpu"), -1);
        QCOMPARE(Devices().choose("auto"), -1);
        QVERIFY(errorOf([&] { devices.choose("cuda:2"); }).contains(QStringLiteral("cpu, cuda:0, cuda:1")));
    }
};

QTEST_GUILESS_MAIN(TestTorchLanguageModel)
#include "tst_torch_language_model.moc"
