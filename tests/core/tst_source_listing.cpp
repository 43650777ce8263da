// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/path_glob.h"
#include "core/corpus/source_listing.h"
#include "tests/core/corpus_samples.h"

#include <QTest>

#include <algorithm>

#include <unistd.h>

using namespace krater;
using namespace krater::test;
namespace fs = std::filesystem;

using Names = std::vector<std::string>;

namespace {

class SourceListingTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void globsMatch_data();
    void globsMatch();
    void pathsAreResolved();
    void sourcesAreExpanded_data();
    void sourcesAreExpanded();
    void linksDoNotDoubleFiles();
    void linkLoopsEnd();
    void wildcardsDoNotFollowLinksToFolders();
    void manyWildcardsCostNoMoreThanFew();
    void whatMatchesNothingIsAnIssue();
    void unreadableFoldersAreIssues();
    void filesOfSeveralDomainsAreMarked();
    void stopsWhenAsked();

private:
    Names list(const DomainConfig &domain, Issues &issues) const;

    SampleFolder m_folder;
};

void SourceListingTest::initTestCase()
{
    for (const char *name : {"a.txt", "b.txt", "b.dat", "sub/c.txt", "sub/deep/d.txt", "sub/deep/e.md",
                             "sub/test/f.txt", ".hidden/g.txt", "sub/.h.txt", "notes [1].txt", "notes 1.txt"})
        m_folder.write(name, "x");
}

Names SourceListingTest::list(const DomainConfig &domain, Issues &issues) const
{
    Names names;
    IssueLog log;
    for (const SourceFile &file : listSources(domain, m_folder.path(), {}, log))
        names.push_back(file.path.lexically_relative(m_folder.path()).string());
    issues = log.take();
    return names;
}

void SourceListingTest::globsMatch_data()
{
    QTest::addColumn<std::string>("glob");
    QTest::addColumn<std::string>("file");
    QTest::addColumn<bool>("isMatch");
    const auto row = [](const char *glob, const char *file, bool isMatch) {
        QTest::addRow("%s %s", glob, file) << std::string(glob) << std::string(file) << isMatch;
    };
    row("*.dat", "/x/y/a.dat", true);
    row("*.dat", "/x/a.dat/b", false); // a name's pattern looks at the name
    row("a?[b-d]", "/x/aac", true);
    row("a?[!b-d]", "/x/aac", false);
    row("/x/*.txt", "/x/a.txt", true);
    row("/x/*.txt", "/x/y/a.txt", false); // * stays within a folder
    row("/x/**/*.txt", "/x/a.txt", true);
    row("/x/**/*.txt", "/x/y/z/a.txt", true);
    row("**/test/**", "/x/test/a", true);
    row("**/test/**", "/x/tests/a", false);
    row("**/test", "/x/test/y/a", true); // a folder stands for what is below it
    row("/x/y", "/x/y/z/a", true);
    row("/x/y", "/x/yy", false);
    row("/x/y/", "/x/y/a", true);
    row("sub/*.txt", "/here/sub/a.txt", true);
    row("./sub/../*.txt", "/here/a.txt", true);
    row("**", "/x", true);
    row("/**/a/**/a/**/b", "/a/a/a/a/b", true);
    row("/**/a/**/a/**/b", "/a/a/a/a/c/d", false);
    row("/x/.*", "/x/.hidden", true);
    row("*", "/x/.hidden", true); // an exclude may mean hidden names as well
    row("/x/a\\*", "/x/a*", true);
    row("/x/a\\*", "/x/ab", false);
}

void SourceListingTest::globsMatch()
{
    QFETCH(std::string, glob);
    QFETCH(std::string, file);
    QFETCH(bool, isMatch);
    QCOMPARE(PathGlob(glob, "/here").matches(file), isMatch);
}

void SourceListingTest::pathsAreResolved()
{
    qputenv("HOME", "/home/someone");
    QCOMPARE(resolvePath("~/texts/*.txt", "/here"), fs::path("/home/someone/texts/*.txt"));
    QCOMPARE(resolvePath("~", "/here"), fs::path("/home/someone"));
    QCOMPARE(resolvePath("~other/x", "/here"), fs::path("/here/~other/x"));
    QCOMPARE(resolvePath("../a/./b/", "/here/below"), fs::path("/here/a/b"));
    QCOMPARE(resolvePath("/a//b", "/here"), fs::path("/a/b"));
}

void SourceListingTest::sourcesAreExpanded_data()
{
    QTest::addColumn<Names>("sources");
    QTest::addColumn<Names>("exclude");
    QTest::addColumn<std::string>("where");
    QTest::addColumn<Names>("files");
    const std::string none;
    QTest::newRow("one file") << Names{"a.txt"} << Names{} << none << Names{"a.txt"};
    QTest::newRow("in the order of the sources")
        << Names{"b.txt", "*.txt"} << Names{} << none << Names{"b.txt", "a.txt", "notes 1.txt", "notes [1].txt"};
    QTest::newRow("one folder") << Names{"sub"} << Names{} << none
                                << Names{"sub/c.txt", "sub/deep/d.txt", "sub/deep/e.md", "sub/test/f.txt"};
    QTest::newRow("folders by wildcard") << Names{"s*/d*"} << Names{} << none
                                         << Names{"sub/deep/d.txt", "sub/deep/e.md"};
    QTest::newRow("across folders") << Names{"**/*.txt"} << Names{} << none
                                    << Names{"a.txt",     "b.txt",          "notes 1.txt",   "notes [1].txt",
                                             "sub/c.txt", "sub/deep/d.txt", "sub/test/f.txt"};
    QTest::newRow("** twice") << Names{"**/deep/**/*.txt"} << Names{} << none << Names{"sub/deep/d.txt"};
    QTest::newRow("** at the end") << Names{"sub/deep/**"} << Names{} << none
                                   << Names{"sub/deep/d.txt", "sub/deep/e.md"};
    QTest::newRow("hidden ones by name") << Names{".hidden/*", "sub/.h*"} << Names{} << none
                                         << Names{".hidden/g.txt", "sub/.h.txt"};
    QTest::newRow("exclude by name") << Names{"sub"} << Names{"*.md", "c.txt"} << none
                                     << Names{"sub/deep/d.txt", "sub/test/f.txt"};
    QTest::newRow("exclude a folder") << Names{"sub"} << Names{"**/test", "sub/deep"} << none << Names{"sub/c.txt"};
    QTest::newRow("where.path") << Names{"sub"} << Names{} << std::string("sub/*/*.txt")
                                << Names{"sub/deep/d.txt", "sub/test/f.txt"};
    QTest::newRow("a name with brackets") << Names{"notes [1].txt"} << Names{} << none << Names{"notes [1].txt"};
    QTest::newRow("escaped brackets") << Names{"notes \\[1\\].*"} << Names{} << none << Names{"notes [1].txt"};
    QTest::newRow("a class") << Names{"notes [0-9].*"} << Names{} << none << Names{"notes 1.txt"};
}

void SourceListingTest::sourcesAreExpanded()
{
    QFETCH(Names, sources);
    QFETCH(Names, exclude);
    QFETCH(std::string, where);
    QFETCH(Names, files);
    DomainConfig domain = sampleDomain("d", sources);
    domain.exclude = exclude;
    domain.where.path = where;
    Issues issues;
    QCOMPARE(list(domain, issues), files);
    QVERIFY(issues.empty());
}

void SourceListingTest::linksDoNotDoubleFiles()
{
    const SampleFolder folder;
    const auto file = folder.write("quotes", "x");
    fs::create_symlink("quotes", folder.path("quotes.u8"));
    fs::create_hard_link(file, folder.path("second name"));
    IssueLog issues;
    const auto files = listSources(sampleDomain("d", {"*", "quotes.u8"}), folder.path(), {}, issues);
    QCOMPARE(files.size(), std::size_t{1});
    QCOMPARE(files[0].path, file);
    QVERIFY(issues.take().empty());
}

void SourceListingTest::linkLoopsEnd()
{
    const SampleFolder folder;
    folder.write("in/file", "x");
    fs::create_directory_symlink(folder.path(), folder.path("in/loop"));
    fs::create_symlink("itself", folder.path("in/itself"));
    IssueLog issues;
    QCOMPARE(listSources(sampleDomain("d", {"in", "in/*", "**", "**/**/**/file"}), folder.path(), {}, issues).size(),
             std::size_t{1});
    // A link to a folder that is named is followed.
    QCOMPARE(listSources(sampleDomain("d", {"in/loop/in"}), folder.path(), {}, issues).size(), std::size_t{1});
}

void SourceListingTest::wildcardsDoNotFollowLinksToFolders()
{
    const SampleFolder outside;
    outside.write("deep/secret.txt", "x");
    const SampleFolder folder;
    folder.write("in/file.txt", "x");
    fs::create_directory_symlink(outside.path(), folder.path("in/away"));
    fs::create_symlink(outside.path("deep/secret.txt"), folder.path("in/linked.txt"));
    IssueLog issues;
    const auto numFiles = [&](const std::string &source) {
        return listSources(sampleDomain("d", {source}), folder.path(), {}, issues).size();
    };
    QCOMPARE(numFiles("in/*"), std::size_t{2}); // a link to a file is a file
    QCOMPARE(numFiles("in/a*/deep"), std::size_t{0});
    QCOMPARE(numFiles("in/*/deep/*.txt"), std::size_t{0});
    QVERIFY(issues.take().at(0).advice.find("link to a folder") != std::string::npos);
    QCOMPARE(numFiles("in/away/*/*.txt"), std::size_t{1});
    QCOMPARE(numFiles("*/away/deep"), std::size_t{1}); // named
}

void SourceListingTest::manyWildcardsCostNoMoreThanFew()
{
    const SampleFolder folder;
    std::string path;
    for (int depth = 0; depth < 40; ++depth)
        path += "d/";
    folder.write(path + "file.txt", "x");
    // Unless folders are remembered, this takes binomial(40, 8) walks.
    IssueLog issues;
    const std::string source = "**/d/**/d/**/d/**/d/**/d/**/d/**/d/**/d/**/*.txt";
    QCOMPARE(listSources(sampleDomain("d", {source}), folder.path(), {}, issues).size(), std::size_t{1});
    QCOMPARE(listSources(sampleDomain("d", {"**/**/**/**/**/**/*.txt"}), folder.path(), {}, issues).size(),
             std::size_t{1});
}

void SourceListingTest::whatMatchesNothingIsAnIssue()
{
    Issues issues;
    QCOMPARE(list(sampleDomain("poems", {"a.txt", "*.poem"}), issues).size(), std::size_t{1});
    QCOMPARE(issues.size(), std::size_t{1});
    QCOMPARE(issues[0].severity, Issue::Severity::Warning);
    QCOMPARE(issues[0].domain, std::string("poems"));
    QCOMPARE(issues[0].file, m_folder.path("*.poem").string());
    QVERIFY(issues[0].message.find("*.poem") != std::string::npos);
    QVERIFY(!issues[0].advice.empty());

    issues.clear();
    QVERIFY(list(sampleDomain("poems", {"*.poem", "none"}), issues).empty());
    QCOMPARE(issues.size(), std::size_t{2});
    QCOMPARE(issues[0].severity, Issue::Severity::Error);

    issues.clear();
    DomainConfig domain = sampleDomain("poems", {"*.txt"});
    domain.exclude = {"*"};
    QVERIFY(list(domain, issues).empty());
    QVERIFY(issues.at(0).message.find("excluded") != std::string::npos);

    issues.clear();
    QVERIFY(list(sampleDomain("poems", {}), issues).empty());
    QCOMPARE(issues.at(0).severity, Issue::Severity::Error);
}

void SourceListingTest::unreadableFoldersAreIssues()
{
    // A name too long for the file system fails for root too, unlike permissions.
    Issues issues;
    const std::string longName(300, 'x');
    QCOMPARE(list(sampleDomain("d", {"a.txt", longName + "/*"}), issues), Names({"a.txt"}));
    QCOMPARE(issues.size(), std::size_t{2});
    QVERIFY(issues[0].message.find("cannot be read") != std::string::npos);

    Names sources = {"a.txt"};
    for (int i = 0; i < 15; ++i)
        sources.push_back(std::to_string(i) + longName + "/*");
    list(sampleDomain("d", sources), issues);
    QCOMPARE(std::ranges::count_if(issues,
                                   [](const Issue &issue) { return issue.message.starts_with("The folder cannot"); }),
             10);
    QCOMPARE(issues.back().message, std::string("5 more folders cannot be read"));
}

void SourceListingTest::filesOfSeveralDomainsAreMarked()
{
    IssueLog issues;
    std::vector<std::vector<SourceFile>> domains = {
        listSources(sampleDomain("one", {"a.txt", "b.txt"}), m_folder.path(), {}, issues),
        listSources(sampleDomain("two", {"b.*"}), m_folder.path(), {}, issues)};
    markShared(domains);
    QVERIFY(!domains[0][0].shared);
    QVERIFY(domains[0][1].shared);
    QVERIFY(!domains[1][0].shared);
    QVERIFY(domains[1][1].shared);
}

void SourceListingTest::stopsWhenAsked()
{
    std::stop_source stop;
    stop.request_stop();
    IssueLog issues;
    QVERIFY(listSources(sampleDomain("d", {"**"}), m_folder.path(), stop.get_token(), issues).empty());
    QVERIFY(!hasErrors(issues.take()));
}

} // namespace

QTEST_GUILESS_MAIN(SourceListingTest)
#include "tst_source_listing.moc"
