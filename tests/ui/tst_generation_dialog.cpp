// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/generation_dialog.h"

#include "core/store/frozen_experiment.h"
#include "tests/ui/support/window_fixture.h"
#include "ui/compare/run_actions.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/message_bar.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPointer>
#include <QSpinBox>

using namespace krater;

// Text from the model of a stored run of the fake engine, asked for as a person does.
class TestGenerationDialog : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void writesWhatTheModelSays();
    void takesWhatIsAskedFor();
    void stopEndsIt();
    void aNewTextReplacesTheOldOne();
    void aCheckpointThatIsGoneIsTold();
    void aPromptThatIsTooLongIsTold();
    void closesWhileItGenerates();
    void waitsForTheEngine();
    void everyControlHasAName();

private:
    template <typename Widget>
    Widget *named(const char *name) const
    {
        for (auto *widget : m_dialog->findChildren<Widget *>())
            if (widget->accessibleName() == QLatin1String(name))
                return widget;
        return nullptr;
    }
    QAbstractButton *button(const char *text) const
    {
        for (auto *widget : m_dialog->findChildren<QAbstractButton *>())
            if (widget->text().remove(QLatin1Char('&')) == QLatin1String(text))
                return widget;
        return nullptr;
    }
    QString text() const { return named<QPlainTextEdit>("Generated text")->toPlainText(); }
    QString status() const
    {
        QString all;
        for (const auto *label : m_dialog->findChildren<ElidedLabel *>())
            all += label->text();
        return all;
    }
    void open();
    QString expected(const QString &prompt, const GenerationConfig &config) const;

    std::unique_ptr<WindowFixture> m_fixture;
    QPointer<GenerationDialog> m_dialog;
    RunId m_run = 0;
    std::atomic<unsigned> m_numTokens = 0; // that may still be generated
};

void TestGenerationDialog::init()
{
    m_numTokens = ~0U;
    FakeEngineOptions options;
    options.beforeLogits = [this] {
        while (m_numTokens == 0)
            std::this_thread::sleep_for(std::chrono::microseconds(100));
        --m_numTokens;
    };
    m_fixture = std::make_unique<WindowFixture>(std::move(options));
    m_fixture->allowSteps(~std::uint64_t(0));
    Workspace &workspace = m_fixture->workspace;
    workspace.session.start(workspace.document.experiment(), m_fixture->experimentFile);
    QTRY_VERIFY(workspace.session.hasRun() && m_fixture->isDone());
    m_run = workspace.session.view()->record().id;
    QTRY_VERIFY(workspace.library.run(m_run) && workspace.library.run(m_run)->state == RunState::Done);
    open();
}

void TestGenerationDialog::open()
{
    auto *actions = m_fixture->window->findChild<RunActions *>();
    actions->setRuns({m_run}, m_run);
    QVERIFY(actions->tryModel->isEnabled());
    actions->tryModel->trigger();
    m_dialog = m_fixture->window->findChild<GenerationDialog *>();
    QVERIFY(m_dialog && m_dialog->isVisible() && !m_dialog->isModal());
    QVERIFY(QTest::qWaitForWindowExposed(m_dialog));
}

void TestGenerationDialog::cleanup()
{
    m_numTokens = ~0U;
    delete m_dialog;
    m_fixture.reset();
}

// As krater-cli generates it.
QString TestGenerationDialog::expected(const QString &prompt, const GenerationConfig &config) const
{
    RunReader reader(m_fixture->workspace.library.storeFile().toStdString());
    const RunRecord run = *reader.run(m_run);
    const auto model = loadStoredModel(reader, run, {}, frozenExperiment(run), *makeFakeEngine(), [] { return nullptr; });
    return prompt + QString::fromStdString(generateText(*model->model, *model->tokenizer, model->context, prompt.toStdString(), config).text);
}

void TestGenerationDialog::writesWhatTheModelSays()
{
    auto *prompt = named<QPlainTextEdit>("Prompt");
    QVERIFY(prompt->hasFocus() || m_dialog->focusWidget() == prompt);
    QTest::keyClicks(prompt, QStringLiteral("ab"));
    QTest::keyClick(prompt, Qt::Key_Return, Qt::ControlModifier);
    QTRY_VERIFY2(status().contains(QStringLiteral("200 tokens")) || status().contains(QStringLiteral("ended the document")), qPrintable(status()));
    QCOMPARE(text(), expected(QStringLiteral("ab"), {}));
    QVERIFY(text().size() > 20);
    QVERIFY(text().startsWith(QStringLiteral("abc"))); // what the fake engine has learned
    QVERIFY2(status().contains(QStringLiteral("step ")), qPrintable(status()));

    QTest::mouseClick(button("Copy text"), Qt::LeftButton);
    QCOMPARE(QApplication::clipboard()->text(), text());
}

void TestGenerationDialog::takesWhatIsAskedFor()
{
    named<QPlainTextEdit>("Prompt")->setPlainText(QStringLiteral("x"));
    named<QSpinBox>("Tokens")->setValue(12);
    named<QDoubleSpinBox>("Temperature")->setValue(2.5);
    named<QSpinBox>("Top-k")->setValue(40);
    named<QSpinBox>("Seed")->setValue(7);
    named<QComboBox>("Checkpoint")->setCurrentIndex(1);
    QTest::mouseClick(button("Generate"), Qt::LeftButton);
    QTRY_VERIFY2(status().contains(QStringLiteral("12 tokens")), qPrintable(status()));
    QCOMPARE(text(), expected(QStringLiteral("x"), {.maxTokens = 12, .temperature = 2.5, .topK = 40, .seed = 7}));
}

void TestGenerationDialog::stopEndsIt()
{
    QVERIFY(!button("Stop")->isEnabled());
    m_numTokens = 20;
    QTest::mouseClick(button("Generate"), Qt::LeftButton);
    QTRY_VERIFY(text().size() > 10);
    QVERIFY2(status().contains(QStringLiteral("Generating: step 40")), qPrintable(status()));
    QVERIFY(!button("Generate")->isEnabled());
    QTest::mouseClick(button("Stop"), Qt::LeftButton);
    m_numTokens = 1;
    QTRY_VERIFY2(status().contains(QStringLiteral("Stopped after 2")), qPrintable(status()));
    QVERIFY(button("Generate")->isEnabled());
    QVERIFY(!button("Stop")->isEnabled());
}

void TestGenerationDialog::aNewTextReplacesTheOldOne()
{
    named<QSpinBox>("Tokens")->setValue(10);
    for (const char *prompt : {"one", "two"}) {
        named<QPlainTextEdit>("Prompt")->setPlainText(QLatin1String(prompt));
        QTest::mouseClick(button("Generate"), Qt::LeftButton);
        QTRY_VERIFY(button("Generate")->isEnabled());
        QCOMPARE(text(), expected(QLatin1String(prompt), {.maxTokens = 10}));
    }
}

void TestGenerationDialog::aCheckpointThatIsGoneIsTold()
{
    QVERIFY(QDir(m_fixture->workspace.library.storeFile() + QStringLiteral(".checkpoints")).removeRecursively());
    QTest::mouseClick(button("Generate"), Qt::LeftButton);
    auto *bar = m_dialog->findChild<MessageBar *>();
    QTRY_VERIFY(bar->isVisible());
    QVERIFY2(bar->message().contains(QStringLiteral("checkpoint")), qPrintable(bar->message()));
    QVERIFY(button("Generate")->isEnabled());
}

void TestGenerationDialog::aPromptThatIsTooLongIsTold()
{
    named<QPlainTextEdit>("Prompt")->setPlainText(QString(70'000, QLatin1Char('a')));
    QTest::mouseClick(button("Generate"), Qt::LeftButton);
    auto *bar = m_dialog->findChild<MessageBar *>();
    QTRY_VERIFY(bar->isVisible());
    QVERIFY2(bar->message().contains(QStringLiteral("70000 bytes")), qPrintable(bar->message()));
}

void TestGenerationDialog::closesWhileItGenerates()
{
    m_numTokens = 20;
    QTest::mouseClick(button("Generate"), Qt::LeftButton);
    QTRY_VERIFY(!text().isEmpty());
    const std::jthread release([this] { // closing waits for the token that is being made
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        m_numTokens = 1;
    });
    QTest::keyClick(m_dialog.data(), Qt::Key_Escape);
    QTRY_VERIFY(m_dialog.isNull());
}

void TestGenerationDialog::waitsForTheEngine()
{
    EngineLoader loader;
    const RunRecord run = *m_fixture->workspace.library.run(m_run);
    delete m_dialog;
    m_dialog = new GenerationDialog(loader, m_fixture->workspace.library.storeFile(), run);
    m_dialog->show();
    named<QSpinBox>("Tokens")->setValue(10);
    QTest::mouseClick(button("Generate"), Qt::LeftButton);
    QVERIFY2(status().contains(QStringLiteral("Loading")), qPrintable(status()));
    QTest::mouseClick(button("Stop"), Qt::LeftButton);
    QVERIFY2(status().contains(QStringLiteral("Stopped")), qPrintable(status()));
    QTest::mouseClick(button("Generate"), Qt::LeftButton);
    loader.use(makeFakeEngine());
    QTRY_VERIFY(button("Generate")->isEnabled());
    QCOMPARE(text(), expected({}, {.maxTokens = 10}));
    delete m_dialog; // before the loader
}

void TestGenerationDialog::everyControlHasAName()
{
    for (const auto *widget : m_dialog->findChildren<QWidget *>())
        if (widget->focusPolicy() != Qt::NoFocus && widget->isVisible() && !qobject_cast<const QLineEdit *>(widget))
            QVERIFY2(!widget->accessibleName().isEmpty() || qobject_cast<const QAbstractButton *>(widget), widget->metaObject()->className());
}

QTEST_MAIN(TestGenerationDialog)
#include "tst_generation_dialog.moc"
