// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <thread>
#include <vector>

using namespace krater;
namespace fs = std::filesystem;

namespace {

class FilesTest : public QObject {
    Q_OBJECT

private slots:
    void foldersFollowXdg();
    void relativeXdgVariablesAreIgnored();
    void programAndLibraryFoldersExist();
    void atomicWriteReplacesAndLeavesNothingBehind();
    void atomicWriteKeepsPermissionsAndLinks();
    void atomicWriteFindsTheCurrentFolder();
    void atomicWriteFollowsLinksThatDangle();
    void atomicWriteLeavesAPipeAPipe();
    void pipesDoNotHoldUp();
    void uncommittedFileVanishes();
    void headerIsPatched();
    void concurrentWritersLeaveOneWholeFile();
    void failuresNameTheFile();
    void readIsBounded();

private:
    fs::path path(const char *name) const { return fs::path(m_folder.path().toStdString()) / name; }
    std::size_t numFiles() const;

    QTemporaryDir m_folder;
};

std::size_t FilesTest::numFiles() const
{
    const fs::directory_iterator entries(m_folder.path().toStdString());
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

void FilesTest::foldersFollowXdg()
{
    qputenv("XDG_DATA_HOME", "/tmp/x/data");
    qputenv("XDG_CACHE_HOME", "/tmp/x/cache");
    qputenv("XDG_CONFIG_HOME", "/tmp/x/config");
    qputenv("XDG_STATE_HOME", "/tmp/x/state");
    QCOMPARE(dataFolder(), fs::path("/tmp/x/data/krater"));
    QCOMPARE(cacheFolder(), fs::path("/tmp/x/cache/krater"));
    QCOMPARE(configFolder(), fs::path("/tmp/x/config/krater"));
    QCOMPARE(stateFolder(), fs::path("/tmp/x/state/krater"));
    QCOMPARE(defaultStoreFile(), fs::path("/tmp/x/data/krater/runs.krater"));
    QVERIFY(!fs::exists("/tmp/x/data"));
}

void FilesTest::relativeXdgVariablesAreIgnored()
{
    qputenv("HOME", "/tmp/y");
    qputenv("XDG_DATA_HOME", "data");
    qputenv("XDG_CACHE_HOME", "");
    qunsetenv("XDG_CONFIG_HOME");
    qunsetenv("XDG_STATE_HOME");
    QCOMPARE(dataFolder(), fs::path("/tmp/y/.local/share/krater"));
    QCOMPARE(cacheFolder(), fs::path("/tmp/y/.cache/krater"));
    QCOMPARE(configFolder(), fs::path("/tmp/y/.config/krater"));
    QCOMPARE(stateFolder(), fs::path("/tmp/y/.local/state/krater"));
}

void FilesTest::programAndLibraryFoldersExist()
{
    QVERIFY(fs::exists(programFolder() / "tst_files"));
    QCOMPARE(fs::canonical(libraryFolder()), fs::canonical(KRATER_ENGINE_DIR));
    if (fs::exists(fs::path(KRATER_SOURCE_DIR) / "experiments"))
        QCOMPARE(fs::canonical(experimentsFolder()), fs::canonical(fs::path(KRATER_SOURCE_DIR) / "experiments"));
    else
        QVERIFY(experimentsFolder().empty());
}

void FilesTest::atomicWriteReplacesAndLeavesNothingBehind()
{
    const fs::path file = path("new/folder/file");
    writeFileAtomically(file, "first, longer");
    writeFileAtomically(file, "second");
    QCOMPARE(readFile(file, 100), std::string("second"));
    QCOMPARE(std::distance(fs::directory_iterator(file.parent_path()), fs::directory_iterator()), 1);
}

void FilesTest::atomicWriteKeepsPermissionsAndLinks()
{
    const fs::path target = path("target");
    writeFileAtomically(target, "a");
    fs::permissions(target, fs::perms(0640));
    fs::create_symlink(target, path("link"));
    writeFileAtomically(path("link"), "b");
    QVERIFY(fs::is_symlink(path("link")));
    QCOMPARE(readFile(target, 100), std::string("b"));
    QCOMPARE(static_cast<int>(fs::status(target).permissions()), 0640);
}

void FilesTest::atomicWriteFindsTheCurrentFolder()
{
    const fs::path before = fs::current_path();
    fs::current_path(m_folder.path().toStdString());
    writeFileAtomically("no folder named", "a");
    fs::current_path(before);
    QCOMPARE(readFile(path("no folder named"), 100), std::string("a"));
}

void FilesTest::atomicWriteFollowsLinksThatDangle()
{
    fs::create_symlink("later/target", path("dangling"));
    fs::create_symlink(path("dangling"), path("dangling too"));
    writeFileAtomically(path("dangling too"), "a");
    QVERIFY(fs::is_symlink(path("dangling too")));
    QVERIFY(fs::is_symlink(path("dangling")));
    QCOMPARE(readFile(path("later/target"), 100), std::string("a"));
    fs::create_symlink(path("round"), path("round"));
    QVERIFY_EXCEPTION_THROWN(writeFileAtomically(path("round"), "a"), Error);
}

void FilesTest::atomicWriteLeavesAPipeAPipe()
{
    const fs::path pipe = path("pipe");
    QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0);
    std::string received;
    std::thread reader([&] { std::getline(std::ifstream(pipe), received); });
    writeFileAtomically(pipe, "for the reader");
    reader.join();
    QCOMPARE(received, std::string("for the reader"));
    QVERIFY(fs::is_fifo(pipe));
}

void FilesTest::pipesDoNotHoldUp()
{
    QCOMPARE(::mkfifo(path("silent pipe").c_str(), 0600), 0);
    QVERIFY_EXCEPTION_THROWN(readFile(path("silent pipe"), 100), Error);
    int ends[2];
    QCOMPARE(::pipe(ends), 0);
    QCOMPARE(::write(ends[1], "piped", 5), 5);
    ::close(ends[1]);
    QCOMPARE(readFile(fs::path("/dev/fd") / std::to_string(ends[0]), 100), std::string("piped")); // as of <(command)
    ::close(ends[0]);
}

void FilesTest::uncommittedFileVanishes()
{
    const fs::path file = path("kept");
    writeFileAtomically(file, "old");
    const std::size_t before = numFiles();
    {
        AtomicFile out(file);
        out.write("half of the new");
        QCOMPARE(numFiles(), before + 1);
        QCOMPARE(readFile(file, 100), std::string("old"));
    }
    QCOMPARE(numFiles(), before);
    QCOMPARE(readFile(file, 100), std::string("old"));
}

void FilesTest::headerIsPatched()
{
    const fs::path file = path("patched");
    AtomicFile out(file);
    out.write("???? body");
    out.writeAt(0, "head");
    out.write(" end");
    out.commit();
    QCOMPARE(readFile(file, 100), std::string("head body end"));
}

void FilesTest::concurrentWritersLeaveOneWholeFile()
{
    const fs::path file = path("contended");
    std::vector<std::jthread> writers;
    for (char letter = 'a'; letter < 'e'; ++letter) {
        writers.emplace_back([&file, letter] {
            for (int i = 0; i < 10; ++i)
                writeFileAtomically(file, std::string(10000, letter));
        });
    }
    writers.clear();
    const std::string content = readFile(file, 1 << 20);
    QCOMPARE(content, std::string(10000, content.front()));
}

void FilesTest::failuresNameTheFile()
{
    const auto messageOf = [](auto action) -> std::string {
        try {
            action();
        } catch (const Error &error) {
            return error.what();
        }
        return {};
    };
    const std::string missing = path("missing").string();
    QVERIFY(messageOf([&] { readFile(missing, 10); }).find(missing) != std::string::npos);
    QVERIFY(messageOf([&] { readFile(m_folder.path().toStdString(), 10); }).find("directory") != std::string::npos);
    QVERIFY(messageOf([&] { writeFileAtomically(m_folder.path().toStdString(), "x"); }).find("directory")
            != std::string::npos);
    writeFileAtomically(path("plain"), "x");
    const std::string below = (path("plain") / "below").string();
    QVERIFY(messageOf([&] { writeFileAtomically(below, "x"); }).find(below) != std::string::npos);
}

void FilesTest::readIsBounded()
{
    const fs::path file = path("bounded");
    writeFileAtomically(file, std::string(1000, 'x'));
    QCOMPARE(readFile(file, 1000).size(), std::size_t{1000});
    QVERIFY_EXCEPTION_THROWN(readFile(file, 999), Error);
    QVERIFY_EXCEPTION_THROWN(readFile("/dev/zero", 1 << 20), Error);
    writeFileAtomically(file, "");
    QCOMPARE(readFile(file, 0), std::string());
}

} // namespace

QTEST_GUILESS_MAIN(FilesTest)
#include "tst_files.moc"
