// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/store/checkpoint.h"
#include "core/store/database.h"
#include "core/store/process_identity.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "core/store/schema.h"
#include "tests/core/store_samples.h"

#include <QTemporaryDir>
#include <QTest>

#include <condition_variable>
#include <csignal>
#include <fstream>
#include <mutex>
#include <sqlite3.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

using namespace krater;
namespace fs = std::filesystem;

namespace {

// No file may grow past `bytes`: to programs much like a disk that is full.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes)
    {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit limit{bytes, m_before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() { lift(); }
    void lift() { ::setrlimit(RLIMIT_FSIZE, &m_before); }

private:
    rlimit m_before{};
};

// root may write everything: gives that up for a while.
class OrdinaryUser {
public:
    OrdinaryUser() : m_wasRoot(::geteuid() == 0)
    {
        constexpr uid_t kNobody = 65534;
        if (m_wasRoot && ::seteuid(kNobody) != 0)
            qFatal("cannot give up root");
    }
    ~OrdinaryUser()
    {
        if (m_wasRoot && ::seteuid(0) != 0)
            qFatal("cannot be root again");
    }

private:
    bool m_wasRoot;
};

// Failures arrive on the writer's thread.
class Failures {
public:
    void listenTo(RunWriter &writer)
    {
        writer.onFailure([this](const std::string &message) {
            const std::lock_guard lock(m_mutex);
            m_messages.push_back(message);
            m_arrived.notify_all();
        });
    }

    std::string first()
    {
        std::unique_lock lock(m_mutex);
        m_arrived.wait(lock, [this] { return !m_messages.empty(); });
        return m_messages.front();
    }

    std::string last()
    {
        const std::lock_guard lock(m_mutex);
        return m_messages.empty() ? std::string() : m_messages.back();
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_arrived;
    std::vector<std::string> m_messages;
};

// What another program does with the file.
class Connection {
public:
    explicit Connection(const fs::path &file) { sqlite3_open(file.c_str(), &m_database); }
    ~Connection() { sqlite3_close(m_database); }

    bool run(const char *sql) { return sqlite3_exec(m_database, sql, nullptr, nullptr, nullptr) == SQLITE_OK; }

private:
    sqlite3 *m_database = nullptr;
};

template<typename Work>
std::string messageOf(Work &&work)
{
    try {
        work();
    } catch (const Error &failure) {
        return failure.advice().empty() ? std::string() : failure.what(); // each says what to do
    }
    return {};
}

template<typename Work>
std::string adviceOf(Work &&work)
{
    try {
        work();
    } catch (const Error &failure) {
        return failure.advice();
    }
    return {};
}

bool contains(const std::string &text, const char *part)
{
    return text.find(part) != std::string::npos;
}

std::string contentOf(const fs::path &file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

void flushUntilItWorks(RunWriter &writer)
{
    for (;;) {
        try {
            return writer.flush();
        } catch (const Error &) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }
}

// A run in training whose first ten steps went to the store.
struct Training {
    explicit Training(const fs::path &file)
        : writer(file)
        , run(writer.createRun(samples::record()))
        , observer(writer.observerFor(run))
    {
        failures.listenTo(writer);
        samples::train(observer, 1, 10);
    }

    Failures failures; // outlives the writer, which tells it
    RunWriter writer;
    RunId run;
    RunObserver &observer;
};

} // namespace

class TestStoreFailures : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

    fs::path path(const char *name) { return fs::path(m_folder.path().toStdString()) / name; }

    // A store with one finished run.
    fs::path makeStore(const char *name, std::uint64_t steps = 600)
    {
        const fs::path file = path(name);
        RunWriter writer(file);
        const RunId run = writer.createRun(samples::record());
        samples::train(writer.observerFor(run), 1, steps);
        writer.observerFor(run).onRunEvent(StateEvent{RunState::Done, steps, {}});
        writer.flush();
        return file;
    }

private slots:
    void initTestCase() { fs::permissions(m_folder.path().toStdString(), fs::perms::all); }

    void refusesOtherFiles()
    {
        const fs::path text = path("text.krater");
        std::ofstream(text) << std::string(5000, 'a');
        QVERIFY(contains(messageOf([&] { RunWriter writer(text); }), "is not a Krater store"));
        QVERIFY(contains(messageOf([&] { RunReader reader(text); }), "is not a Krater store"));
        QVERIFY_EXCEPTION_THROWN(RunReader reader(text), InputError);
        QCOMPARE(contentOf(text), std::string(5000, 'a'));

        const fs::path other = path("other.sqlite");
        QVERIFY(Connection(other).run("CREATE TABLE mine (x)"));
        const std::string before = contentOf(other);
        QVERIFY(contains(messageOf([&] { RunWriter writer(other); }), "another program"));
        QVERIFY(contains(messageOf([&] { RunReader reader(other); }), "another program"));
        QCOMPARE(contentOf(other), before);

        QVERIFY(contains(messageOf([&] { RunWriter writer(path("")); }), "is not a file"));
        QVERIFY(contains(messageOf([&] { RunWriter writer(text / "below"); }), "folder"));
        QVERIFY(contains(messageOf([&] { RunReader reader(path("missing")); }), "no store"));
        std::ofstream(path("empty"));
        QVERIFY(contains(messageOf([&] { RunReader reader(path("empty")); }), "empty"));
        RunWriter begun(path("empty")); // an empty file becomes a store
    }

    void newerStoreIsReadNotWritten()
    {
        const fs::path file = makeStore("newer.krater");
        QVERIFY(Connection(file).run("PRAGMA user_version = 99; ALTER TABLE runs ADD COLUMN mood TEXT"));
        QVERIFY(contains(messageOf([&] { RunWriter writer(file); }), "newer Krater"));
        RunReader reader(file);
        QVERIFY(contains(reader.notice(), "newer"));
        QCOMPARE(reader.runs().size(), std::size_t(1));
        QCOMPARE(reader.curve(1, metric::kTarget, 0).size(), std::size_t(601));
        QVERIFY(Connection(file).run("ALTER TABLE runs RENAME COLUMN policy TO rule"));
        QVERIFY(contains(adviceOf([&] { RunReader(file).runs(); }), "update Krater"));
    }

    void damageIsFound()
    {
        const fs::path file = makeStore("damaged.krater");
        {
            std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
            for (int page = 2; page < 16; ++page) {
                stream.seekp(page * 4096 + 100);
                stream << std::string(3000, '\xEE');
            }
        }
        QVERIFY(contains(messageOf([&] { RunWriter writer(file); }), "is damaged"));
        const std::string message = messageOf([&] {
            RunReader reader(file);
            for (const RunRecord &run : reader.runs()) {
                for (const auto &[metric, domain] : reader.curveNames(run.id))
                    reader.curve(run.id, metric, domain);
            }
        });
        QVERIFY(contains(message, "damaged"));
    }

    void damagedBlocksAreErrorsNotNonsense()
    {
        const fs::path file = makeStore("blocks.krater");
        QVERIFY(Connection(file).run("UPDATE blocks SET data = x'01FF' WHERE curve = (SELECT id FROM curves WHERE "
                                     "metric = 'epochs' AND domain = 1);"
                                     "UPDATE blocks SET data = 'text' WHERE curve = (SELECT id FROM curves WHERE "
                                     "metric = 'epochs' AND domain = 2)"));
        RunReader reader(file);
        QVERIFY_EXCEPTION_THROWN(reader.curve(1, metric::kEpochs, 1), Error);
        QVERIFY_EXCEPTION_THROWN(reader.curve(1, metric::kEpochs, 2), Error);
        QVERIFY(contains(messageOf([&] { reader.query("SELECT count(*) FROM points", 1); }), "is damaged"));
        QCOMPARE(reader.curve(1, metric::kEpochs, 0).size(), std::size_t(600)); // others can still be read
    }

    // Tables replaced by views could make reading endless.
    void refusesASchemaThatIsNotOurs()
    {
        const fs::path view = makeStore("view.krater");
        QVERIFY(Connection(view).run("ALTER TABLE events RENAME TO old; CREATE VIEW events AS SELECT * FROM old"));
        QVERIFY(contains(messageOf([&] { RunReader reader(view); }), "not a Krater store"));
        const fs::path trigger = makeStore("trigger.krater");
        QVERIFY(Connection(trigger).run("CREATE TRIGGER t AFTER UPDATE ON runs BEGIN DELETE FROM events; END"));
        QVERIFY(contains(messageOf([&] { RunWriter writer(trigger); }), "not a Krater store"));
    }

    void readOnlyFileOrFolder()
    {
        const fs::path file = makeStore("readonly.krater");
        fs::create_directory(path("locked"));
        fs::copy_file(file, path("locked") / "in.krater");
        fs::permissions(file, fs::perms(0444));
        fs::permissions(path("locked") / "in.krater", fs::perms(0666));
        fs::permissions(path("locked"), fs::perms(0555));
        {
            const OrdinaryUser user;
            QVERIFY(contains(messageOf([&] { RunWriter writer(file); }), "it is read-only"));
            QVERIFY(contains(messageOf([&] { RunWriter writer(path("locked") / "in.krater"); }),
                             "its folder is read-only"));
            QVERIFY(contains(messageOf([&] { RunWriter writer(path("locked") / "new.krater"); }),
                             "its folder is read-only"));
            QCOMPARE(RunReader(file).curve(1, metric::kTarget, 0).size(), std::size_t(601));
            QCOMPARE(RunReader(path("locked") / "in.krater").curve(1, metric::kTarget, 0).size(), std::size_t(601));
        }
        fs::permissions(path("locked"), fs::perms::all);
    }

    void lockedStoreIsTriedAgain()
    {
        const fs::path file = makeStore("locked.krater");
        RunWriter writer(file);
        Failures failures;
        failures.listenTo(writer);
        const RunId run = writer.createRun(samples::record());
        {
            Connection other(file);
            QVERIFY(other.run("BEGIN IMMEDIATE"));
            samples::train(writer.observerFor(run), 1, 50);
            QVERIFY(contains(failures.first(), "locked by another program"));
            QVERIFY_EXCEPTION_THROWN(writer.flush(), Error);
        }
        flushUntilItWorks(writer);
        QCOMPARE(RunReader(file).curve(run, metric::kTarget, 0).size(), std::size_t(51));
    }

    void fullDiskLosesNothing()
    {
        const fs::path file = makeStore("full.krater");
        RunWriter writer(file);
        Failures failures;
        failures.listenTo(writer);
        const RunId run = writer.createRun(samples::record());
        samples::train(writer.observerFor(run), 1, 300);
        writer.flush();

        FileSizeLimit limit(fs::file_size(file.string() + "-wal"));
        samples::train(writer.observerFor(run), 301, 2000);
        QVERIFY(contains(failures.first(), "disk"));
        QVERIFY_EXCEPTION_THROWN(writer.flush(), Error);
        QVERIFY_EXCEPTION_THROWN(writer.createRun(samples::record()), Error);
        QVERIFY(RunReader(file).curve(run, metric::kTarget, 0).size() >= 301); // what was saved can be read meanwhile
        limit.lift();
        flushUntilItWorks(writer);
        RunReader reader(file);
        QCOMPARE(reader.curve(run, metric::kTarget, 0).size(), std::size_t(2001));
        QCOMPARE(std::get<std::string>(reader.query("PRAGMA integrity_check", 1).rows[0][0]), std::string("ok"));
        QCOMPARE(reader.runs().size(), std::size_t(2)); // the refused one is not there
    }

    void checkpointThatDoesNotFitIsSavedLater()
    {
        const fs::path file = path("checkpoint.krater");
        RunId run = 0;
        {
            Training training(file);
            auto &[failures, writer, id, observer] = training;
            run = id;
            observer.onRunEvent(CheckpointEvent{samples::snapshot(10, 10), false});
            writer.flush();
            FileSizeLimit limit(2'000'000);
            samples::train(observer, 11, 20);
            observer.onRunEvent(CheckpointEvent{samples::snapshot(20, 1'000'000), false});
            QVERIFY(contains(failures.first(), "checkpoint could not be saved"));
            samples::train(observer, 21, 30);
            writer.flush(); // points are not held up
            RunReader reader(file);
            QCOMPARE(reader.curve(run, metric::kTarget, 0).size(), std::size_t(31));
            QCOMPARE(reader.checkpoints(run).size(), std::size_t(1)); // the earlier one is still there
        }
        RunReader reader(file);
        QCOMPARE(reader.checkpoints(run).back().step, std::uint64_t(20));
        QCOMPARE(readCheckpoint(reader.checkpoints(run).back().file)->tensors[1].bytes.size(), std::size_t(4'000'000));
    }

    // A newer checkpoint takes the place of an older one that waits for the disk, but not that of the best.
    void theBestCheckpointWaitsToo()
    {
        const fs::path file = path("best.krater");
        Training training(file);
        auto &[failures, writer, run, observer] = training;
        FileSizeLimit limit(2'000'000);
        observer.onRunEvent(CheckpointEvent{samples::snapshot(10, 1'000'000), true});
        failures.first();
        samples::train(observer, 11, 30);
        observer.onRunEvent(CheckpointEvent{samples::snapshot(20, 1'000'000), false});
        observer.onRunEvent(CheckpointEvent{samples::snapshot(30, 1'000'000), false});
        writer.flush();
        limit.lift();
        RunReader reader(file);
        QTRY_COMPARE_WITH_TIMEOUT(reader.checkpoints(run).size(), std::size_t(2), 20'000);
        QCOMPARE(reader.checkpoints(run)[0].step, std::uint64_t(10));
        QVERIFY(reader.checkpoints(run)[0].best);
        QCOMPARE(reader.checkpoints(run)[1].step, std::uint64_t(30));
    }

    // Resuming keeps the points before the checkpoint: one that comes after a hole must not be.
    void noCheckpointAfterALoss()
    {
        const fs::path file = path("loss.krater");
        Training training(file);
        auto &[failures, writer, run, observer] = training;
        observer.onRunEvent(CheckpointEvent{samples::snapshot(10), true});
        writer.flush();
        {
            const FileSizeLimit limit(0);
            samples::train(observer, 11, 12);
            failures.first();
            writer.stopWaiting();
            samples::train(observer, 13, 20'000); // more than the queue holds
        }
        flushUntilItWorks(writer);
        observer.onRunEvent(samples::step(20'001)); // there is room again
        observer.onRunEvent(CheckpointEvent{samples::snapshot(20'001), true});
        writer.flush();
        RunReader reader(file);
        QVERIFY(reader.curve(run, metric::kTarget, 0).size() < 20'000);
        QCOMPARE(reader.checkpoints(run).back().step, std::uint64_t(10));
        QVERIFY2(contains(failures.last(), "no checkpoint any more"), failures.last().c_str());
        observer.onRunEvent(StateEvent{RunState::Stopped, 20'001, {}});
        writer.flush();
        samples::resume(writer, run, 10); // back before the hole
        samples::train(observer, 11, 20);
        observer.onRunEvent(CheckpointEvent{samples::snapshot(20), true});
        writer.flush();
        QCOMPARE(reader.checkpoints(run).back().step, std::uint64_t(20));
    }

    // The test's own time limit says when one of these waits for ever.
    void endingDoesNotWaitForTheDisk()
    {
        const fs::path file = makeStore("ending.krater");
        Failures failures;
        FileSizeLimit limit(fs::file_size(file));
        {
            RunWriter writer(file);
            failures.listenTo(writer);
            samples::train(writer.observerFor(1), 601, 4000);
        }
        QVERIFY(contains(failures.last(), "could not") || contains(failures.last(), "disk"));
        limit.lift();
        RunWriter again(file);
        // What was there is there; the file's free pages may have taken some steps more before it was full.
        const std::size_t numPoints = RunReader(file).curve(1, metric::kEpochs, 0).size();
        QVERIFY(numPoints >= 600 && numPoints < 4000);
    }

    void stopWaitingFreesABlockedTrainer()
    {
        const fs::path file = makeStore("blocked.krater");
        RunWriter writer(file);
        Failures failures;
        failures.listenTo(writer);
        const FileSizeLimit limit(fs::file_size(file));
        std::thread trainer([&] { samples::train(writer.observerFor(1), 601, 20'000); });
        failures.first();
        writer.stopWaiting();
        trainer.join();
    }

    void withoutALogThereIsARollbackJournal()
    {
        sqlite3_vfs *usual = sqlite3_vfs_find(nullptr);
        sqlite3_vfs_register(sqlite3_vfs_find("unix-dotfile"), 1); // has no shared memory, like a network file system
        const fs::path file = path("journal.krater");
        RunId run = 0;
        {
            RunWriter writer(file);
            QVERIFY(contains(writer.notice(), "file system"));
            run = writer.createRun(samples::record());
            samples::train(writer.observerFor(run), 1, 700);
            writer.observerFor(run).onRunEvent(CheckpointEvent{samples::snapshot(700), true});
            writer.flush();
            QVERIFY(!fs::exists(file.string() + "-wal"));
            QCOMPARE(RunReader(file).curve(run, metric::kTarget, 0).size(), std::size_t(701));
        }
        sqlite3_vfs_register(usual, 1);
        RunWriter writer(file); // moved to a local disk: the log again
        QVERIFY(writer.notice().empty());
        QCOMPARE(RunReader(file).checkpoints(run).size(), std::size_t(1));
    }

    void knowsNetworkFileSystems()
    {
        QCOMPARE(networkFileSystem(0x6969), std::string_view("NFS"));
        QCOMPARE(networkFileSystem(0xFF534D42), std::string_view("CIFS"));
        QVERIFY(networkFileSystem(0xEF53).empty());     // ext4
        QVERIFY(networkFileSystem(0x01021994).empty()); // tmpfs
    }

    void migratesInOneTransactionAfterACopy()
    {
        const fs::path file = path("old.krater");
        const char *const steps[]{"CREATE TABLE t (a); INSERT INTO t VALUES (1)",
                                  "ALTER TABLE t ADD COLUMN b DEFAULT 2"};
        const char *const broken[]{steps[0], steps[1],
                                   "ALTER TABLE t ADD COLUMN c DEFAULT 3; ALTER TABLE nowhere ADD COLUMN d"};
        SQLite::Database database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        migrate(database, file, std::span(steps, 1));
        QCOMPARE(schemaVersion(database, file), 1);
        QVERIFY(!fs::exists(file.string() + ".version-1"));
        migrate(database, file, steps);
        QCOMPARE(schemaVersion(database, file), 2);
        QCOMPARE(database.execAndGet("SELECT a + b FROM t").getInt(), 3);
        SQLite::Database copy(file.string() + ".version-1", SQLite::OPEN_READONLY);
        QCOMPARE(schemaVersion(copy, file), 1);
        QCOMPARE(copy.execAndGet("SELECT count(*) FROM t").getInt(), 1);

        QVERIFY_EXCEPTION_THROWN(migrate(database, file, broken), SQLite::Exception);
        QCOMPARE(schemaVersion(database, file), 2);
        QCOMPARE(database.execAndGet("SELECT count(*) FROM pragma_table_info('t')").getInt(), 2);
        QVERIFY_EXCEPTION_THROWN(migrate(database, file, std::span(steps, 1)), Error); // newer than that program
    }

    void knowsProcesses()
    {
        const ProcessIdentity self = ownProcess();
        QVERIFY(stateOf(self) == ProcessState::Running);
        ProcessIdentity other = self;
        other.start += "1"; // the number is in use again
        QVERIFY(stateOf(other) == ProcessState::Gone);
        other = self;
        other.process = 0x7FFFFFFF;
        QVERIFY(stateOf(other) == ProcessState::Gone);
        other = self;
        other.host = "elsewhere";
        QVERIFY(stateOf(other) == ProcessState::Unknown);
    }

    void marksInterruptedRuns()
    {
        const fs::path file = path("interrupted.krater");
        RunId gone = 0, elsewhere = 0, silent = 0;
        {
            RunWriter writer(file);
            gone = writer.createRun(samples::record());
            elsewhere = writer.createRun(samples::record());
            silent = writer.createRun(samples::record());
            samples::train(writer.observerFor(gone), 1, 20);
        }
        Connection other(file);
        QVERIFY(other.run("UPDATE runs SET state = 'Running', finished_ms = 0, updated_ms = 12345, process = "
                          "2147483647; DELETE FROM events;"
                          "UPDATE runs SET host = 'elsewhere', updated_ms = unixepoch() * 1000 WHERE id = 2;"
                          "UPDATE runs SET host = 'elsewhere', updated_ms = (unixepoch() - 3600) * 1000 WHERE id = 3"));
        RunWriter writer(file);
        RunReader reader(file);
        QVERIFY(reader.run(gone)->state == RunState::Interrupted);
        QCOMPARE(reader.run(gone)->finishedMs, std::int64_t(12345));
        QCOMPARE(reader.events(gone).size(), std::size_t(1));
        QCOMPARE(reader.events(gone)[0].event.step, std::uint64_t(20));
        QVERIFY(reader.run(elsewhere)->state == RunState::Running);
        QVERIFY(reader.run(silent)->state == RunState::Interrupted); // its computer has said nothing for an hour
        QCOMPARE(reader.events(silent).size(), std::size_t(1));
        QVERIFY_EXCEPTION_THROWN(writer.prepareResume(elsewhere, nullptr), Error);
        writer.prepareResume(silent, nullptr);
        writer.prepareResume(gone, samples::snapshot(10));
        QVERIFY(reader.run(gone)->state == RunState::Preparing);
    }
};

QTEST_GUILESS_MAIN(TestStoreFailures)
#include "tst_store_failures.moc"
