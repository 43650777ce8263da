// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/nn/parameter_layout.h"

#include "core/base/error.h"

#include <QTest>

#include <cmath>

using namespace krater;

namespace {

constexpr ModelConfig kModel = {.layers = 3, .width = 20, .heads = 4, .context = 10};
constexpr int kVocabulary = 33;

double sdOf(const Parameter &parameter, const std::vector<float> &values)
{
    double sum = 0;
    for (std::size_t i = 0; i < parameter.size; ++i)
        sum += std::pow(values[parameter.offset + i], 2);
    return std::sqrt(sum / static_cast<double>(parameter.size));
}

} // namespace

class TestParameterLayout : public QObject {
    Q_OBJECT

private slots:
    void hasTheTensorsOfGpt2()
    {
        const ParameterLayout layout({.layers = 12, .width = 768, .heads = 12, .context = 1024}, 50'257);
        QCOMPARE(layout.parameters().size(), std::size_t{2 + 12 * 6 + 1});
        QCOMPARE(layout.parameters()[0].name, std::string("wte.weight"));
        QCOMPARE(layout.parameters()[2].shape, (std::vector<std::int64_t>{768, 2304}));
        // 124,439,808 with biases (GPT-2's own count), less 12 (2304 + 768 + 3072 + 768 + 2 * 768) + 768 of them.
        QCOMPARE(layout.numParameters(), std::uint64_t{124'439'808 - 12 * 8'448 - 768});
    }

    void placesTensorsApartAndMatricesFirst()
    {
        const ParameterLayout layout(kModel, kVocabulary);
        std::size_t end = 0;
        for (const Parameter &parameter : layout.parameters()) {
            QCOMPARE(parameter.offset % 16, std::size_t{0});
            QVERIFY(parameter.offset >= end);
            end = parameter.offset + parameter.size;
            QCOMPARE(parameter.offset < layout.numDecayed(), parameter.shape.size() == 2);
        }
        QVERIFY(end <= layout.arenaSize());
    }

    void drawsInitialValues()
    {
        const ParameterLayout layout(kModel, kVocabulary);
        const std::vector<float> values = layout.initialValues(5);
        QCOMPARE(values.size(), layout.arenaSize());
        for (const Parameter &parameter : layout.parameters()) {
            const bool writesToStream = parameter.name.ends_with("c_proj.weight");
            const double sd = parameter.shape.size() == 1 ? 1 : writesToStream ? 0.02 / std::sqrt(6) : 0.02;
            const double error =
                parameter.shape.size() == 1 ? 0 : 4 / std::sqrt(2.0 * static_cast<double>(parameter.size));
            QVERIFY2(std::abs(sdOf(parameter, values) / sd - 1) <= error, parameter.name.c_str());
        }
        QCOMPARE(layout.initialValues(5), values);
        QVERIFY(layout.initialValues(6) != values);
    }

    void refusesWhatIsNoModel_data()
    {
        QTest::addColumn<ModelConfig>("model");
        QTest::addColumn<int>("vocabulary");
        QTest::addColumn<QString>("word");
        const auto changed = [](auto change) {
            ModelConfig model = kModel;
            change(model);
            return model;
        };
        QTest::newRow("layers") << changed([](ModelConfig &m) { m.layers = 0; }) << kVocabulary << "layers";
        QTest::newRow("width") << changed([](ModelConfig &m) { m.width = -1; }) << kVocabulary << "width";
        QTest::newRow("heads") << changed([](ModelConfig &m) { m.heads = 0; }) << kVocabulary << "heads";
        QTest::newRow("divide") << changed([](ModelConfig &m) { m.heads = 3; }) << kVocabulary << "divide";
        QTest::newRow("context") << changed([](ModelConfig &m) { m.context = 0; }) << kVocabulary << "context";
        QTest::newRow("architecture") << changed([](ModelConfig &m) { m.architecture = "rnn"; }) << kVocabulary
                                      << "rnn";
        QTest::newRow("vocabulary") << kModel << 70'000 << "vocabulary";
    }

    void refusesWhatIsNoModel()
    {
        QFETCH(ModelConfig, model);
        QFETCH(int, vocabulary);
        QFETCH(QString, word);
        try {
            const ParameterLayout layout(model, vocabulary);
            QFAIL("was accepted");
        } catch (const Error &error) {
            QVERIFY2(QString::fromUtf8(error.what()).contains(word), error.what());
            QVERIFY(!error.advice().empty());
        }
    }
};

QTEST_GUILESS_MAIN(TestParameterLayout)
#include "tst_parameter_layout.moc"
