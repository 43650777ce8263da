// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/workspace.h"
#include "core/mixture/mixture_design.h"
#include "core/store/run_writer.h"
#include "ui/mixture/share_slider.h"
#include "ui/mixture_page.h"
#include "ui/theme/theme_controller.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/segmented_control.h"

#include <QClipboard>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include <algorithm>
#include <cmath>
#include <memory>

using namespace krater;

// Drives the page as a person does and reads the experiment afterwards.
class TestMixturePage : public QObject {
    Q_OBJECT

private slots:
    void init();
    void arrowKeysMoveByOnePercent();
    void shiftMovesByATenth();
    void draggingKeepsTheSumAndUndoesInOneStep();
    void lockedSharesStay();
    void typedNumbersSetTheShare();
    void typedEpochsSetTheShare();
    void presetsAreWrittenByName();
    void theFormSetsTheParameter();
    void theFormSetsAGraph();
    void choosingAPolicyKeepsTheMixture();
    void previewAnswersAsTheRuleDoes();
    void pastesAMixture();
    void saysWhenAPasteIsNoMixture();
    void copiesWhatCanBePasted();
    void saysWhatIsMissing();
    void controlsKeepTheirWidthOnASmallWindow();
    void stepsAreCountedInWords();
    void zeroIsShownAsWhatItMeans();
    void saysWhyThereIsNoGhostMark();
    void onlyOneMixtureIsSetByTheBars();

private:
    template <typename Widget> Widget *find(const QString &name) const;
    QPushButton *button(const QString &text) const;
    double share(std::size_t domain) const;
    double total() const;
    void choose(QComboBox *box, const QString &data);
    bool says(const QString &text) const; // in a label

    std::unique_ptr<Workspace> m_workspace;
    std::unique_ptr<QUndoStack> m_undo;
    std::unique_ptr<MixturePage> m_page;
};

template <typename Widget> Widget *TestMixturePage::find(const QString &name) const
{
    return m_page->findChild<Widget *>(name);
}

QPushButton *TestMixturePage::button(const QString &text) const
{
    for (QPushButton *button : m_page->findChildren<QPushButton *>())
        if (button->text().remove(QLatin1Char('&')) == text)
            return button;
    return nullptr;
}

double TestMixturePage::share(std::size_t domain) const
{
    return (*MixtureDesign(m_workspace->document.experiment(), {}).mixture())[domain];
}

double TestMixturePage::total() const
{
    return share(0) + share(1) + share(2);
}

void TestMixturePage::choose(QComboBox *box, const QString &data)
{
    const int index = box->findData(data);
    QVERIFY(index >= 0);
    box->setCurrentIndex(index);
    emit box->activated(index);
}

bool TestMixturePage::says(const QString &text) const
{
    const auto labels = m_page->findChildren<ElidedLabel *>();
    return std::any_of(labels.begin(), labels.end(), [&](const ElidedLabel *label) { return label->text().contains(text); });
}

void TestMixturePage::init()
{
    m_page.reset();
    m_workspace = std::make_unique<Workspace>();
    m_undo = std::make_unique<QUndoStack>();
    Experiment experiment;
    experiment.info.name = "Three";
    for (const char *name : {"code", "manual", "quotes"}) {
        DomainConfig domain;
        domain.name = name;
        domain.sources = {std::string(name) + ".txt"};
        experiment.domains.push_back(domain);
    }
    m_workspace->document.setExperiment(experiment);
    m_page = std::make_unique<MixturePage>(*m_workspace, *m_undo);
    m_page->resize(1180, 680);
    m_page->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
}

void TestMixturePage::arrowKeysMoveByOnePercent()
{
    auto *slider = find<ShareSlider>(QStringLiteral("share-code"));
    QVERIFY(slider);
    slider->setFocus();
    const double before = share(0);
    QTest::keyClick(slider, Qt::Key_Right);
    QVERIFY(std::abs(share(0) - before - 0.01) < 1e-9);
    QVERIFY(std::abs(total() - 1) < 1e-12);
    QTest::keyClick(slider, Qt::Key_End);
    QVERIFY(std::abs(share(0) - 1) < 1e-9);
    QTest::keyClick(slider, Qt::Key_Home);
    QVERIFY(share(0) < 1e-9);
}

void TestMixturePage::shiftMovesByATenth()
{
    auto *slider = find<ShareSlider>(QStringLiteral("share-manual"));
    const double before = share(1);
    QTest::keyClick(slider, Qt::Key_Left, Qt::ShiftModifier);
    QVERIFY(std::abs(share(1) - before + 0.001) < 1e-9);
}

void TestMixturePage::draggingKeepsTheSumAndUndoesInOneStep()
{
    auto *slider = find<ShareSlider>(QStringLiteral("share-code"));
    const QPoint handle(int(slider->width() * share(0)), slider->height() / 2);
    QTest::mousePress(slider, Qt::LeftButton, {}, handle);
    for (int x = handle.x(); x < slider->width() * 3 / 4; x += 5) {
        QTest::mouseMove(slider, QPoint(x, handle.y()));
        QMouseEvent move(QEvent::MouseMove, QPointF(x, handle.y()), slider->mapToGlobal(QPointF(x, handle.y())), Qt::NoButton,
                         Qt::LeftButton, {});
        QCoreApplication::sendEvent(slider, &move);
        QVERIFY(std::abs(total() - 1) < 1e-12);
    }
    QTest::mouseRelease(slider, Qt::LeftButton, {}, QPoint(slider->width() * 3 / 4, handle.y()));
    QVERIFY(share(0) > 0.6);
    QVERIFY(std::abs(share(1) - share(2)) < 1e-9); // the rest shares in proportion
    QCOMPARE(m_undo->count(), 1);
    m_undo->undo();
    QCOMPARE(m_workspace->document.experiment().mixture.policy, std::string("uniform"));
}

void TestMixturePage::lockedSharesStay()
{
    auto *lock = m_page->findChildren<QToolButton *>().isEmpty() ? nullptr : [this] {
        for (QToolButton *each : m_page->findChildren<QToolButton *>())
            if (each->accessibleName() == QStringLiteral("Lock quotes"))
                return each;
        return static_cast<QToolButton *>(nullptr);
    }();
    QVERIFY(lock);
    QTest::mouseClick(lock, Qt::LeftButton);
    QVERIFY(!find<ShareSlider>(QStringLiteral("share-quotes"))->isEnabled());
    const double before = share(2);
    QTest::keyClick(find<ShareSlider>(QStringLiteral("share-code")), Qt::Key_PageUp);
    QVERIFY(std::abs(share(2) - before) < 1e-9);
    QVERIFY(std::abs(share(0) - (1.0 / 3 + 0.1)) < 1e-9);
}

void TestMixturePage::typedNumbersSetTheShare()
{
    auto *number = find<QDoubleSpinBox>(QStringLiteral("number-manual"));
    number->setFocus();
    number->selectAll();
    QTest::keyClicks(number, QStringLiteral("50"));
    QTest::keyClick(number, Qt::Key_Return);
    QVERIFY(std::abs(share(1) - 0.5) < 1e-9);
    QCOMPARE(m_workspace->document.experiment().mixture.policy, std::string("manual"));
}

void TestMixturePage::typedEpochsSetTheShare()
{
    auto *units = m_page->findChildren<SegmentedControl *>().value(1);
    QVERIFY(units);
    emit units->activated(2); // epochs, of domains that are not counted
    QVERIFY(!find<QDoubleSpinBox>(QStringLiteral("number-manual"))->isEnabled());
    emit units->activated(1); // tokens
    auto *number = find<QDoubleSpinBox>(QStringLiteral("number-manual"));
    number->setFocus();
    number->setValue(double(m_workspace->document.experiment().training.tokenBudget) / 4);
    QVERIFY(std::abs(share(1) - 0.25) < 1e-6);
}

void TestMixturePage::presetsAreWrittenByName()
{
    QTest::keyClick(find<ShareSlider>(QStringLiteral("share-code")), Qt::Key_End);
    QCOMPARE(m_workspace->document.experiment().mixture.policy, std::string("manual"));
    emit find<SegmentedControl>(QStringLiteral("presets"))->activated(int(MixtureDesign::Preset::Uniform));
    QCOMPARE(m_workspace->document.experiment().mixture.policy, std::string("uniform"));
}

void TestMixturePage::theFormSetsTheParameter()
{
    choose(find<QComboBox>(QStringLiteral("policy")), QStringLiteral("gibbs"));
    auto *temperature = find<QDoubleSpinBox>(QStringLiteral("temperature"));
    QVERIFY(temperature);
    temperature->setFocus();
    temperature->selectAll();
    QTest::keyClicks(temperature, QLocale().toString(0.5));
    QTest::keyClick(temperature, Qt::Key_Return);
    QCOMPARE(std::get<double>(m_workspace->document.experiment().mixture.parameters.at("temperature")), 0.5);
    m_undo->undo();
    QVERIFY(!m_workspace->document.experiment().mixture.parameters.contains("temperature"));
}

void TestMixturePage::theFormSetsAGraph()
{
    choose(find<QComboBox>(QStringLiteral("policy")), QStringLiteral("skill_it"));
    auto *graph = find<QLineEdit>(QStringLiteral("graph"));
    QVERIFY(graph);
    const auto type = [&](const QString &text) {
        graph->setFocus();
        graph->selectAll();
        QTest::keyClicks(graph, text);
        QTest::keyClick(graph, Qt::Key_Return);
    };
    const auto parameters = [this] { return m_workspace->document.experiment().mixture.parameters; };
    type(QStringLiteral("{ code = { code = 0.5"));
    QVERIFY(!parameters().contains("graph"));
    QVERIFY(graph->text().startsWith(QStringLiteral("{ code"))); // what was typed stays to be mended
    type(QStringLiteral("{ code = { code = 0.5 } }"));
    QCOMPARE(std::get<Graph>(parameters().at("graph")).at("code").at("code"), 0.5);
}

void TestMixturePage::choosingAPolicyKeepsTheMixture()
{
    QTest::keyClick(find<ShareSlider>(QStringLiteral("share-code")), Qt::Key_PageUp);
    const double before = share(0);
    choose(find<QComboBox>(QStringLiteral("policy")), QStringLiteral("gibbs"));
    QCOMPARE(m_workspace->document.experiment().mixture.policy, std::string("gibbs"));
    QVERIFY(std::abs(share(0) - before) < 1e-12);
}

void TestMixturePage::previewAnswersAsTheRuleDoes()
{
    choose(find<QComboBox>(QStringLiteral("policy")), QStringLiteral("gibbs"));
    find<QDoubleSpinBox>(QStringLiteral("loss-code"))->setValue(0.2);
    find<QDoubleSpinBox>(QStringLiteral("loss-manual"))->setValue(0.8);
    find<QDoubleSpinBox>(QStringLiteral("loss-quotes"))->setValue(100);
    QString shown;
    for (QWidget *widget : m_page->findChildren<QWidget *>())
        shown += widget->accessibleName() + QLatin1Char('\n');
    QVERIFY2(shown.contains(QLocale().toString(64.6, 'f', 1)), "0.6457 of the worked example"); // share of code
    QVERIFY(shown.contains(QLocale().toString(35.4, 'f', 1)));
}

void TestMixturePage::pastesAMixture()
{
    QGuiApplication::clipboard()->setText(QStringLiteral("code = 0.5\nmanual = 0.3\nquotes = 0.2\n"));
    QTest::mouseClick(button(QStringLiteral("Paste")), Qt::LeftButton);
    QVERIFY(std::abs(share(1) - 0.3) < 1e-12);
    m_undo->undo();
    QVERIFY(std::abs(share(1) - 1.0 / 3) < 1e-12);
}

void TestMixturePage::saysWhenAPasteIsNoMixture()
{
    QString said;
    connect(m_page.get(), &Page::failed, this, [&](const QString &message) { said = message; });
    QGuiApplication::clipboard()->setText(QStringLiteral("cde = 1"));
    QTest::mouseClick(button(QStringLiteral("Paste")), Qt::LeftButton);
    QVERIFY(said.contains(QStringLiteral("cde")));
    QCOMPARE(m_undo->count(), 0);
}

void TestMixturePage::copiesWhatCanBePasted()
{
    QTest::keyClick(find<ShareSlider>(QStringLiteral("share-quotes")), Qt::Key_PageUp);
    const double before = share(2);
    QTest::mouseClick(button(QStringLiteral("Copy")), Qt::LeftButton);
    emit find<SegmentedControl>(QStringLiteral("presets"))->activated(int(MixtureDesign::Preset::Uniform));
    QTest::mouseClick(button(QStringLiteral("Paste")), Qt::LeftButton);
    QCOMPARE(share(2), before);
}

void TestMixturePage::controlsKeepTheirWidthOnASmallWindow()
{
    m_page->resize(872, 500); // what a window of 960 x 600 leaves
    QTest::qWait(20);
    for (const auto *control : m_page->findChildren<SegmentedControl *>())
        QVERIFY2(control->width() >= control->sizeHint().width(), qPrintable(control->objectName()));
    for (const auto *field : m_page->findChildren<QDoubleSpinBox *>())
        QVERIFY2(!field->isVisible() || field->width() >= field->fontMetrics().horizontalAdvance(field->text()) + 16,
                 qPrintable(field->objectName()));
    QVERIFY(find<ShareSlider>(QStringLiteral("share-code"))->width() >= 90);
    QVERIFY(m_page->findChild<QWidget *>(QStringLiteral("presets"))->geometry().right() < m_page->width());
}

void TestMixturePage::stepsAreCountedInWords()
{
    choose(find<QComboBox>(QStringLiteral("policy")), QStringLiteral("gibbs"));
    auto *interval = find<QSpinBox>(QStringLiteral("interval"));
    QVERIFY(interval);
    interval->setValue(1);
    QCOMPARE(interval->text(), QStringLiteral("1 step"));
    interval->setValue(2);
    QCOMPARE(interval->text(), QStringLiteral("2 steps"));
}

void TestMixturePage::zeroIsShownAsWhatItMeans()
{
    choose(find<QComboBox>(QStringLiteral("policy")), QStringLiteral("gibbs"));
    auto *epochs = find<QDoubleSpinBox>(QStringLiteral("max_epochs"));
    QVERIFY(epochs);
    QCOMPARE(epochs->text(), QStringLiteral("no limit"));
    QCOMPARE(find<QDoubleSpinBox>(QStringLiteral("floor"))->text(), QStringLiteral("none"));
    epochs->setFocus();
    epochs->selectAll();
    QTest::keyClicks(epochs, QStringLiteral("4"));
    QTest::keyClick(epochs, Qt::Key_Return);
    QCOMPARE(std::get<double>(m_workspace->document.experiment().mixture.parameters.at("max_epochs")), 4.0);
    QVERIFY(epochs->text().endsWith(QStringLiteral("epochs")));
    choose(find<QComboBox>(QStringLiteral("policy")), QStringLiteral("ado"));
    QCOMPARE(find<QSpinBox>(QStringLiteral("interval"))->text(), QStringLiteral("by the run"));
    choose(find<QComboBox>(QStringLiteral("policy")), QStringLiteral("unimax")); // its least number is no special one
    QVERIFY(find<QDoubleSpinBox>(QStringLiteral("max_epochs"))->text().startsWith(QLatin1Char('4')));
}

void TestMixturePage::saysWhyThereIsNoGhostMark()
{
    QVERIFY(says(QStringLiteral("not known before the corpus is scanned")));
    QTemporaryDir folder;
    QVERIFY(m_workspace->library.open(folder.filePath(QStringLiteral("runs.krater"))));
    RunWriter *writer = m_workspace->library.writer();
    const RunId run = writer->createRun(newRunRecord(m_workspace->document.experiment(), {}));
    writer->observerFor(run).onRunEvent(StateEvent{RunState::Failed, 0, "no device"});
    writer->flush();
    auto *baseline = find<QComboBox>(QStringLiteral("baseline"));
    QTRY_COMPARE(baseline->count(), 4);
    choose(baseline, QString::number(run));
    QVERIFY(says(QStringLiteral("run 1 ended before it had a mixture")));
    choose(baseline, QStringLiteral("0"));
    QVERIFY(says(QStringLiteral("the ghost mark is the baseline")));
    m_page.reset();
    m_workspace.reset(); // before the folder of its store goes
}

void TestMixturePage::onlyOneMixtureIsSetByTheBars()
{
    Experiment experiment = m_workspace->document.experiment();
    experiment.mixture.policy = "doremi";
    experiment.mixture.parameters = {{"sampling", Weights{{"code", 1}, {"manual", 2}}}, {"prior", Weights{{"code", 3}, {"quotes", 1}}}};
    m_workspace->document.setExperiment(experiment);
    QVERIFY(says(QStringLiteral("the policy's “Sampling”")));
    QCOMPARE(find<QComboBox>(QStringLiteral("sampling"))->currentText(), QStringLiteral("set by the bars"));
    const auto *prior = find<QComboBox>(QStringLiteral("prior"));
    QCOMPARE(prior->currentText(), QStringLiteral("own weights"));
    QVERIFY2(prior->toolTip().contains(QStringLiteral("code = 3")), qPrintable(prior->toolTip()));
    QTest::keyClick(find<ShareSlider>(QStringLiteral("share-quotes")), Qt::Key_PageUp);
    const ParameterValues &after = m_workspace->document.experiment().mixture.parameters;
    QVERIFY(std::get<Weights>(after.at("sampling")).at("quotes") > 0);
    QCOMPARE(std::get<Weights>(after.at("prior")).at("code"), 3.0);
}

void TestMixturePage::saysWhatIsMissing()
{
    Experiment experiment = m_workspace->document.experiment();
    experiment.mixture.policy = "natural"; // needs counted tokens
    m_workspace->document.setExperiment(experiment);
    QVERIFY(button(QStringLiteral("Go to Domains"))->isVisible());
    Page::Id requested = Page::Id::Mixture;
    connect(m_page.get(), &Page::pageRequested, this, [&](Page::Id page) { requested = page; });
    QTest::mouseClick(button(QStringLiteral("Go to Domains")), Qt::LeftButton);
    QVERIFY(requested == Page::Id::Domains);
}

QTEST_MAIN(TestMixturePage)
#include "tst_mixture_page.moc"
