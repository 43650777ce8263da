// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/nn/memory.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace krater;

// What a machine says of its memory, in a folder of its own.
class TestMemory : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

    std::filesystem::path root() const { return m_folder.path().toStdString(); }
    void write(const char *file, const char *text) const
    {
        std::filesystem::create_directories((root() / file).parent_path());
        std::ofstream(root() / file) << text;
    }

private slots:
    void takesTheNarrowestLimit()
    {
        QVERIFY(!availableMemory(root()));
        write("proc/meminfo", "MemTotal:  8000 kB\nMemFree:  10 kB\nMemAvailable:    4000 kB\n");
        QCOMPARE(availableMemory(root()).value_or(0), std::uint64_t{4'096'000});
        write("proc/self/cgroup", "0::/user/session\n");
        write("sys/fs/cgroup/user/session/memory.max", "max\n");
        write("sys/fs/cgroup/user/session/memory.current", "1000\n");
        QCOMPARE(availableMemory(root()).value_or(0), std::uint64_t{4'096'000});
        write("sys/fs/cgroup/user/memory.max", "3000000\n");
        write("sys/fs/cgroup/user/memory.current", "2500000\n");
        QCOMPARE(availableMemory(root()).value_or(0), std::uint64_t{500'000});
        write("sys/fs/cgroup/user/memory.stat", "anon 1\ninactive_file 400000\n"); // goes when memory is wanted
        QCOMPARE(availableMemory(root()).value_or(0), std::uint64_t{900'000});
        write("sys/fs/cgroup/memory.max", "100\n");
        write("sys/fs/cgroup/memory.current", "200\n");
        QCOMPARE(availableMemory(root()).value_or(1), std::uint64_t{0});
    }

    void thisMachineHasSome() { QVERIFY(availableMemory().value_or(0) > 1'000'000); }
};

QTEST_GUILESS_MAIN(TestMemory)
#include "tst_memory.moc"
