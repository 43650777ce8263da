// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/policy_registry.h"

#include <QFile>
#include <QTest>

#include <cmath>

namespace krater {
PolicyInfo lossSharePolicy(); // example_policy.cpp
}

using namespace krater;

// The example of docs/policies.md: it compiles, works, and the page shows what is compiled.
class TestExamplePolicy : public QObject {
    Q_OBJECT

private slots:
    void isWhatTheDocumentationShows()
    {
        QFile page(QStringLiteral(KRATER_SOURCE_DIR "/docs/policies.md")),
            file(QStringLiteral(KRATER_SOURCE_DIR "/tests/core/example_policy.cpp"));
        QVERIFY(page.open(QIODevice::ReadOnly) && file.open(QIODevice::ReadOnly));
        const QByteArray code = file.readAll();
        QVERIFY(page.readAll().contains("```cpp\n" + code + "```\n"));
        QVERIFY(code.count('\n') <= 45); // 40 lines besides licence and includes
    }

    void works()
    {
        const PolicyInfo info = lossSharePolicy();
        const PolicyContext context{{"a", "b"}, {1.0, 1.0}, 0, 0};
        const auto policy = info.create(context, {});
        PolicyInput input;
        input.signal = PolicyInput::Signal::HeldOut;
        input.losses = {1.0, 3.0};
        input.present = {true, true};
        QVERIFY(std::abs(policy->update(input).value()[1] - 0.75) < 1e-12);
        const auto resumed = info.create(context, {});
        resumed->restore(policy->save());
        input.present = {false, true};
        QVERIFY(std::abs(resumed->update(input).value()[1] - 0.75) < 1e-12); // an absent domain keeps its loss
    }
};

QTEST_GUILESS_MAIN(TestExamplePolicy)
#include "tst_example_policy.moc"
