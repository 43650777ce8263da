// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/issue.h"

#include <QTest>

using namespace krater;

class TestIssue : public QObject {
    Q_OBJECT

private slots:
    void readsLikeACompilerMessage()
    {
        Issue issue{Issue::Severity::Error, "a.toml", 3, 7, "", "it is wrong", "make it right"};
        QCOMPARE(toString(issue), std::string("a.toml:3:7: error: it is wrong (make it right)"));
        issue.column = 0;
        issue.advice.clear();
        QCOMPARE(toString(issue), std::string("a.toml:3: error: it is wrong"));
        issue.line = 0;
        issue.severity = Issue::Severity::Warning;
        issue.domain = "code";
        QCOMPARE(toString(issue), std::string("a.toml: warning: domain \"code\": it is wrong"));
        issue.file.clear();
        issue.severity = Issue::Severity::Note;
        QCOMPARE(toString(issue), std::string("note: domain \"code\": it is wrong"));
    }

    void onlyErrorsAreErrors()
    {
        Issue warning;
        warning.severity = Issue::Severity::Warning;
        QVERIFY(!hasErrors({}));
        QVERIFY(!hasErrors({warning}));
        QVERIFY(hasErrors({warning, Issue{}}));
    }
};

QTEST_GUILESS_MAIN(TestIssue)
#include "tst_issue.moc"
