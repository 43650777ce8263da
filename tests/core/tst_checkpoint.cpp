// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/checkpoint.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/rng.h"
#include "core/store/safetensors.h"
#include "tests/core/store_samples.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <fstream>

using namespace krater;
using samples::sameBits;
namespace fs = std::filesystem;

namespace {

bool sameBits(const std::vector<double> &a, const std::vector<double> &b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](double x, double y) { return (std::isnan(x) && std::isnan(y)) || samples::sameBits(x, y); });
}

bool sameTensor(const NamedTensor &a, const NamedTensor &b)
{
    return a.name == b.name && a.type == b.type && a.shape == b.shape && a.bytes == b.bytes;
}

// A file with this header and so many bytes of data.
std::string fileOf(const std::string &header, std::size_t dataBytes)
{
    std::string bytes(8, '\0');
    const std::uint64_t length = header.size();
    std::memcpy(bytes.data(), &length, 8);
    return bytes + header + std::string(dataBytes, 'x');
}

// Without syncing, which would be all that the test does; some file systems sync a file that is written over.
void write(const fs::path &file, const std::string &bytes)
{
    fs::remove(file);
    std::ofstream(file, std::ios::binary) << bytes;
}

} // namespace

class TestCheckpoint : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

    fs::path file(const char *name) { return fs::path(m_folder.path().toStdString()) / name; }

    std::string messageOf(const std::string &bytes)
    {
        write(file("hostile.safetensors"), bytes);
        try {
            readSafeTensors(file("hostile.safetensors"));
        } catch (const Error &failure) {
            return failure.what();
        }
        return {};
    }

private slots:
    void everythingComesBack()
    {
        const auto given = samples::snapshot(1'000'000'007);
        writeCheckpoint(file("a.safetensors"), *given);
        const auto read = readCheckpoint(file("a.safetensors"));
        QCOMPARE(read->step, given->step);
        QCOMPARE(read->tokens, given->tokens);
        QVERIFY(samples::sameBits(read->seconds, given->seconds));
        QVERIFY(sameBits(read->mixture, given->mixture));
        QCOMPARE(read->policyState, given->policyState);
        QCOMPARE(read->stopState, given->stopState);
        QVERIFY(read->sampler.rng == given->sampler.rng);
        QVERIFY(sameBits(read->sampler.carry, given->sampler.carry));
        QCOMPARE(read->sampler.sequencesDrawn, given->sampler.sequencesDrawn);
        QVERIFY(read->sampler.domains == given->sampler.domains);
        QVERIFY(sameBits(read->lastHeldOut, given->lastHeldOut));
        QVERIFY(std::isinf(read->bestLoss));
        QCOMPARE(read->tensors.size(), std::size_t(2));
        QVERIFY(sameTensor(read->tensors[0], given->tensors[1])); // 8-byte elements first: aligned
        QVERIFY(sameTensor(read->tensors[1], given->tensors[0]));
    }

    void anyDoubleComesBack()
    {
        Rng rng(3);
        TrainerSnapshot snapshot = *samples::snapshot(1);
        snapshot.mixture.clear();
        for (int i = 0; i < 2000; ++i)
            snapshot.mixture.push_back(std::bit_cast<double>(rng()));
        writeCheckpoint(file("doubles.safetensors"), snapshot);
        QVERIFY(sameBits(readCheckpoint(file("doubles.safetensors"))->mixture, snapshot.mixture));
    }

    void exportsWeightsOnly()
    {
        writeCheckpoint(file("b.safetensors"), *samples::snapshot(5));
        exportModel(file("b.safetensors"), file("model.safetensors"));
        const SafeTensors model = readSafeTensors(file("model.safetensors"));
        QCOMPARE(model.tensors.size(), std::size_t(1));
        QCOMPARE(model.tensors[0].name, std::string("weights"));
        QVERIFY(model.tensors[0].bytes == samples::snapshot(5)->tensors[0].bytes);
        QCOMPARE(model.metadata.at("format"), std::string("pt"));
        QVERIFY_EXCEPTION_THROWN(readCheckpoint(file("model.safetensors")), Error); // has no trainer in it
        QVERIFY_EXCEPTION_THROWN(exportModel(file("model.safetensors"), file("again.safetensors")), Error);
    }

    void refusesTensorsThatDoNotFit()
    {
        NamedTensor tensor{"a", NamedTensor::Type::Float32, {3}, std::vector<std::byte>(8)};
        QVERIFY_EXCEPTION_THROWN(writeSafeTensors(file("c"), {}, {&tensor}), Error);
        tensor.shape = {2};
        QVERIFY_EXCEPTION_THROWN(writeSafeTensors(file("c"), {}, {&tensor, &tensor}), Error); // one name twice
        QVERIFY_EXCEPTION_THROWN(writeSafeTensors(file("c"), {{"k", "\xFF"}}, {&tensor}), Error);
        QVERIFY(!fs::exists(file("c")));
        QVERIFY_EXCEPTION_THROWN(readCheckpoint(file("missing")), Error);
    }

    void emptyTensorsAndScalars()
    {
        const NamedTensor none{"none", NamedTensor::Type::Float32, {0, 5}, {}};
        const NamedTensor scalar{"scalar", NamedTensor::Type::Int64, {}, std::vector<std::byte>(8)};
        writeSafeTensors(file("d"), {}, {&none, &scalar});
        const SafeTensors read = readSafeTensors(file("d"));
        QCOMPARE(read.tensors.size(), std::size_t(2));
        QVERIFY(sameTensor(read.tensors[0], scalar));
        QVERIFY(sameTensor(read.tensors[1], none));
    }

    void refusesHostileFiles_data()
    {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<int>("dataBytes");
        const auto row = [](const char *name, QByteArray header, int dataBytes) {
            QTest::newRow(name) << header.replace('\'', '"') << dataBytes;
        };
        const auto tensor = [](const char *dtype, const char *shape, const char *offsets) {
            return QByteArray("{'a':{'dtype':'") + dtype + "','shape':" + shape + ",'data_offsets':" + offsets + "}}";
        };
        row("not JSON", "{'a':", 0);
        row("not an object", "[1]", 0);
        row("deep", QByteArray(100'000, '['), 0);
        row("type", tensor("F64", "[1]", "[0,8]"), 8);
        row("no type", "{'a':{'shape':[1],'data_offsets':[0,4]}}", 4);
        row("not a tensor", "{'a':5}", 0);
        row("shape does not fit", tensor("F32", "[2]", "[0,4]"), 4);
        row("negative", tensor("F32", "[-1]", "[0,4]"), 4);
        row("fraction", tensor("F32", "[1.0]", "[0,4]"), 4);
        row("shape overflows", tensor("F32", "[4611686018427387904,4]", "[0,0]"), 0);
        row("many dimensions", tensor("F32", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "[0,4]"), 4);
        row("backwards", tensor("F32", "[1]", "[4,0]"), 4);
        row("past the end", tensor("F32", "[1000000000]", "[0,4000000000]"), 4);
        row("three offsets", tensor("F32", "[1]", "[0,4,8]"), 4);
        row("data left over", tensor("F32", "[1]", "[0,4]"), 8);
        row("gap", tensor("F32", "[1]", "[4,8]"), 8);
        row("overlap",
            "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'b':{'dtype':'F32','shape':[2],'data_offsets':[4,12]"
            "}}",
            12);
        row("one name twice",
            "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}"
            "}",
            8);
        row("metadata are numbers", "{'__metadata__':{'a':1}}", 0);
        row("metadata are a list", "{'__metadata__':['a']}", 0);
    }

    void refusesHostileFiles()
    {
        QFETCH(QByteArray, header);
        QFETCH(int, dataBytes);
        const std::string message = messageOf(fileOf(header.toStdString(), std::size_t(dataBytes)));
        QVERIFY2(message.find("hostile.safetensors") != std::string::npos, message.c_str());
    }

    void refusesHeadersThatCannotBe()
    {
        QVERIFY(!messageOf("").empty());
        QVERIFY(!messageOf("1234567").empty());
        QVERIFY(!messageOf(std::string(8, '\xFF') + "{}").empty());
        std::string longer = fileOf("{}", 0);
        longer[0] = 3; // one byte more than there is
        QVERIFY(!messageOf(longer).empty());
    }

    void survivesDamage()
    {
        writeCheckpoint(file("good.safetensors"), *samples::snapshot(9, 10));
        const std::string good = readFile(file("good.safetensors"), 1'000'000);
        Rng rng(11);
        int refused = 0;
        for (int round = 0; round < 2000; ++round) {
            std::string bytes = good;
            for (std::uint64_t i = 0; i <= rng.below(4); ++i)
                bytes[rng.below(bytes.size())] = char(rng.below(256));
            if (rng.below(8) == 0)
                bytes.resize(rng.below(bytes.size()));
            write(file("damaged.safetensors"), bytes);
            try {
                readCheckpoint(file("damaged.safetensors"));
            } catch (const Error &) {
                ++refused;
            }
        }
        QVERIFY(refused > 500 && refused < 2000);
    }
};

QTEST_GUILESS_MAIN(TestCheckpoint)
#include "tst_checkpoint.moc"
