// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"

#include <QTest>

using namespace krater;

namespace {

class HashTest : public QObject {
    Q_OBJECT

private slots:
    void knownDigests();
    void seedChangesTheDigest();
    void partsAreSeparated();
    void partsAddUp();
    void appendedPiecesHashLikeTheWhole();
};

// What XXH3_128bits of xxHash 0.8.1 gives.
void HashTest::knownDigests()
{
    QCOMPARE(hash128("").hex(), std::string("99aa06d3014798d86001c324468d497f"));
    QCOMPARE(hash128("krater").hex(), std::string("7af63aee1da5b01afe3cf96bcbb21001"));
    QCOMPARE((Hash128{0, 10}.hex()), std::string("0000000000000000000000000000000a"));
}

void HashTest::seedChangesTheDigest()
{
    QVERIFY(hash128("krater", 1) != hash128("krater", 2));
    QCOMPARE(hash128("krater", 0), hash128("krater"));
}

void HashTest::partsAreSeparated()
{
    QVERIFY(Hasher().add("ab").add("c").digest() != Hasher().add("a").add("bc").digest());
    QVERIFY(Hasher().add("").add("a").digest() != Hasher().add("a").add("").digest());
}

void HashTest::partsAddUp()
{
    Hasher hasher;
    hasher.add("one").add(std::uint64_t{2});
    const Hash128 first = hasher.digest();
    QCOMPARE(hasher.digest(), first);
    hasher.add("three");
    QVERIFY(hasher.digest() != first);
    QCOMPARE(hasher.digest(), Hasher().add("one").add(std::uint64_t{2}).add("three").digest());
}

void HashTest::appendedPiecesHashLikeTheWhole()
{
    QCOMPARE(Hasher().append("kra").append("").append("ter").digest(), hash128("krater"));
}

} // namespace

QTEST_GUILESS_MAIN(HashTest)
#include "tst_hash.moc"
