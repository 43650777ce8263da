// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/support/screen_taker.h"
#include "ui/compare/run_actions.h"
#include "ui/dialogs/generation_dialog.h"
#include "ui/main_actions.h"
#include "ui/main_window.h"
#include "ui/plots/crosshair_group.h"
#include "ui/theme/theme_controller.h"
#include "ui/training/run_board.h"
#include "ui/training_page.h"

#include <QCommandLineParser>
#include <QDialog>
#include <QDir>
#include <QFile>
#include <QLocale>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTabBar>
#include <QTableView>
#include <QTemporaryDir>
#include <QToolButton>

// Drives the real window through short real trainings and writes pictures of every page and main state, light and dark. scripts/screens calls it once for
// each scale; QT_SCALE_FACTOR sets that before the program starts. The model is a small one, so that there is something to see after seconds.

namespace krater {
namespace {

constexpr int kWaitSeconds = 240;

class Screens {
public:
    Screens(Workspace &workspace, MainWindow &window, ScreenTaker &taker, QString experiment, double tokenBudget)
        : m_workspace(workspace)
        , m_window(window)
        , m_taker(taker)
        , m_experiment(std::move(experiment))
        , m_tokenBudget(tokenBudget)
    {
    }

    void run();

private:
    void take(const char *name) { m_taker.take(m_window, QString::fromLatin1(name)); }
    void show(Page::Id page, const char *name);
    Experiment openExperiment(const char *name, const char *policy);
    void withoutEngine();
    void emptyAndBroken();
    void domains();
    void mixtures();
    void dialogs();
    bool start(std::uint64_t steps);
    void waitForEnd();
    void openPlan();
    void trainFirst();
    void trainStopped();
    void trainDiverged();
    void trainPlan();
    void compare();
    void tryModel();
    void small();

    TrainingSession &session() { return m_workspace.session; }
    TrainingPage *trainPage() { return qobject_cast<TrainingPage *>(m_window.page(Page::Id::Train)); }

    Workspace &m_workspace;
    MainWindow &m_window;
    ScreenTaker &m_taker;
    QString m_experiment;
    double m_tokenBudget;
};

void Screens::show(Page::Id page, const char *name)
{
    m_window.showPage(page);
    m_taker.settle();
    take(name);
}

Experiment Screens::openExperiment(const char *name, const char *policy)
{
    m_workspace.document.open(m_experiment);
    Experiment experiment = m_workspace.document.experiment();
    experiment.model.layers = 2;
    experiment.model.width = 64;
    experiment.model.context = 128;
    experiment.training.tokenBudget = std::uint64_t(m_tokenBudget);
    experiment.training.evalInterval = 10;
    experiment.training.evalTokens = 2048;
    experiment.training.sample = {.tokens = 40, .prompt = "The "}; // in the log, folded
    experiment.training.checkpointInterval = 100;
    if (policy) {
        experiment.info.name = name;
        experiment.mixture.policy = policy;
        experiment.mixture.parameters.clear();
    }
    m_workspace.document.setExperiment(experiment);
    return experiment;
}

// What a machine without LibTorch shows: the message, and everything but training.
void Screens::withoutEngine()
{
    const QByteArray chosen = qgetenv("KRATER_LIBTORCH");
    qputenv("KRATER_LIBTORCH", "/nowhere/libtorch");
    m_workspace.engine.load();
    m_taker.waitFor(QStringLiteral("the message about LibTorch"), 60,
                    [&] { return m_workspace.engine.state() == EngineLoader::State::Failed; });
    show(Page::Id::Train, "libtorch-missing");
    if (chosen.isEmpty())
        qunsetenv("KRATER_LIBTORCH");
    else
        qputenv("KRATER_LIBTORCH", chosen);
    m_window.actions().reloadEngine->trigger();
    m_taker.waitFor(QStringLiteral("the engine"), 120,
                    [&] { return m_workspace.engine.state() == EngineLoader::State::Ready; });
}

void Screens::emptyAndBroken()
{
    m_workspace.document.newExperiment();
    show(Page::Id::Domains, "empty-domains");
    show(Page::Id::Mixture, "empty-mixture");
    QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("mistakes.toml")));
    if (file.open(QIODevice::WriteOnly))
        file.write("[experiment]\nname = \"Mistakes\"\n[[domain]]\nname = \"a\"\nsource = [\"*.txt\"]\n"
                   "[training]\nlearning_rat = 1e-3\n[mixture]\npolicy = \"gibs\"\n");
    file.close();
    m_window.openPaths({file.fileName()});
    show(Page::Id::Domains, "experiment-mistakes");
    m_window.openPaths({m_experiment});
}

void Screens::domains()
{
    Experiment experiment = openExperiment(nullptr, nullptr);
    show(Page::Id::Train, "train-empty");
    openPlan();
    show(Page::Id::Train, "plan-waiting");
    experiment = openExperiment(nullptr, nullptr);
    m_window.showPage(Page::Id::Domains);
    m_workspace.scanner.scan(experiment);
    m_taker.settle(60);
    take("domains-scanning");
    const auto scanned = [&] { return !m_workspace.scanner.isScanning(); };
    m_taker.waitFor(QStringLiteral("the scan"), 120, scanned);
    show(Page::Id::Domains, "domains");
    experiment.domains[1].sources.emplace_back("/nowhere/*.txt");
    experiment.domains[1].where.minLength = 40;
    m_workspace.document.setExperiment(experiment);
    m_workspace.scanner.scan(experiment);
    m_taker.waitFor(QStringLiteral("the scan with issues"), 120, scanned);
    if (auto *table = m_window.findChild<QTableView *>(QStringLiteral("domainsTable")))
        table->selectRow(1);
    show(Page::Id::Domains, "domains-issues");
    m_workspace.scanner.scan(openExperiment(nullptr, nullptr));
    m_taker.waitFor(QStringLiteral("the last scan"), 120, scanned);
}

void Screens::mixtures()
{
    show(Page::Id::Mixture, "mixture");
    Experiment experiment = openExperiment("By hand", "manual");
    experiment.training.tokenBudget = 6'000'000; // small domains are repeated: amber and red
    experiment.mixture.parameters["weights"] = std::map<std::string, double>{
        {"quotes", 0.22}, {"encyclopedia", 0.18}, {"manual", 0.40}, {"manual-zh", 0.14}, {"code", 0.04}, {"perl", 0.02}};
    m_workspace.document.setExperiment(experiment);
    for (auto *lock : m_window.page(Page::Id::Mixture)->findChildren<QToolButton *>())
        if (lock->isCheckable() && lock->accessibleName().endsWith(QStringLiteral("manual")))
            lock->click();
    show(Page::Id::Mixture, "mixture-manual-locked");
    openExperiment("Temperature", "temperature");
    show(Page::Id::Mixture, "mixture-temperature");
}

void Screens::dialogs()
{
    const MainActions &actions = m_window.actions();
    for (const auto &[action, name] : {std::pair(actions.preferences, "dialog-preferences"),
                                       std::pair(actions.shortcuts, "dialog-shortcuts"), std::pair(actions.help, "dialog-help")}) {
        action->trigger();
        m_taker.settle();
        for (auto *dialog : m_window.findChildren<QDialog *>()) {
            if (!dialog->isVisible())
                continue;
            m_taker.take(*dialog, QString::fromLatin1(name));
            dialog->close();
        }
        m_taker.settle(50);
    }
}

bool Screens::start(std::uint64_t steps)
{
    const std::shared_ptr<RunView> before = session().view();
    m_window.actions().start->trigger();
    return m_taker.waitFor(QStringLiteral("the first steps"), kWaitSeconds, [&] {
        return session().view() != before && (session().view()->record().step >= steps || !session().isActive());
    });
}

void Screens::waitForEnd()
{
    m_taker.waitFor(QStringLiteral("the end of the run"), kWaitSeconds, [&] { return !session().isActive(); });
}

void Screens::trainFirst()
{
    openExperiment(nullptr, nullptr);
    m_window.actions().start->trigger();
    m_taker.settle(60);
    if (session().isActive() && session().state() == RunState::Preparing)
        take("train-preparing");
    const std::uint64_t steps = m_workspace.document.experiment().numSteps();
    if (!m_taker.waitFor(QStringLiteral("a third of the run"), kWaitSeconds, [&] {
            return session().view() && (3 * session().view()->record().step >= steps || !session().isActive());
        }))
        return;
    take("train-running");
    CrosshairGroup *plots = trainPage()->board()->plots();
    plots->setCursor(plots->upper() * 0.6);
    take("train-cursor");
    plots->showRange(plots->upper() * 0.2, plots->upper() * 0.5);
    plots->setCursor(std::nullopt);
    take("train-zoomed");
    plots->follow();
    if (session().isActive()) {
        m_window.actions().pause->trigger();
        m_taker.waitFor(QStringLiteral("the pause"), 60, [&] { return session().state() == RunState::Paused || !session().isActive(); });
        take("train-paused");
        show(Page::Id::Mixture, "mixture-while-training");
        m_window.showPage(Page::Id::Train);
        m_window.actions().pause->trigger();
    }
    waitForEnd();
    take("train-done");
}

void Screens::trainStopped()
{
    const Experiment experiment = openExperiment("Natural", "natural");
    if (start(experiment.numSteps() * 2 / 3))
        m_window.actions().stop->trigger();
    waitForEnd();
    take("train-stopped");
}

void Screens::trainDiverged()
{
    Experiment experiment = openExperiment("Far too fast", "uniform");
    experiment.training.learningRate = 10;
    experiment.training.weightDecay = 1; // turns every weight around, ten times as large
    experiment.training.clip = 0;
    experiment.training.evalInterval = 4;
    experiment.training.checkpointInterval = 4;
    experiment.training.warmup = 0.3;
    m_workspace.document.setExperiment(experiment);
    start(experiment.numSteps());
    waitForEnd();
    take("train-diverged");
}

// DoReMi's three stages and a fine-tune.
void Screens::openPlan()
{
    Experiment plan = openExperiment("Plan", "natural");
    plan.training.tokenBudget /= 3;
    const auto add = [&plan](const char *name, RunRole role) -> StageConfig & {
        plan.stages.emplace_back().name = name;
        plan.stages.back().role = role;
        return plan.stages.back();
    };
    add("reference", RunRole::Reference);
    StageConfig &proxy = add("find the mixture", RunRole::Proxy);
    proxy.mixture.policy = "doremi";
    proxy.reference.from = "reference";
    add("main", RunRole::Main).mixture.from = "find the mixture";
    StageConfig &tune = add("quotes only", RunRole::FineTune);
    tune.weights.from = "main";
    tune.mixture.policy = "manual";
    tune.mixture.parameters["weights"] = std::map<std::string, double>{{"quotes", 1}};
    m_workspace.document.setExperiment(plan);
}

void Screens::trainPlan()
{
    openPlan();
    m_window.actions().start->trigger();
    const auto isAt = [this](std::size_t stage, double share) {
        const auto &run = session().view()->record();
        return !session().isActive() || (run.plan && run.plan->stage == stage && double(run.step) >= share * double(run.numSteps));
    };
    if (!m_taker.waitFor(QStringLiteral("the second stage"), kWaitSeconds, [&] { return isAt(1, 0.5); }))
        return;
    take("plan-running");
    if (!m_taker.waitFor(QStringLiteral("the third stage"), kWaitSeconds, [&] { return isAt(2, 0.6); }))
        return;
    m_window.actions().stop->trigger();
    waitForEnd();
    m_taker.settle(600);
    take("plan-stopped");
    m_window.actions().resumeRun->trigger();
    waitForEnd();
    m_taker.settle(600);
    take("plan-done");
}

void Screens::compare()
{
    m_window.showPage(Page::Id::Compare);
    m_taker.settle(600);
    take("compare");
    auto *runs = m_window.findChild<QTableView *>(QStringLiteral("runs"));
    auto *tabs = m_window.findChild<QTabBar *>(QStringLiteral("tabs"));
    if (!runs || !tabs)
        return;
    runs->selectAll();
    runs->selectionModel()->setCurrentIndex(runs->model()->index(runs->model()->rowCount() - 1, 0),
                                            QItemSelectionModel::NoUpdate);
    m_taker.settle(100);
    for (QAction *action : runs->actions())
        if (action->isCheckable())
            action->trigger(); // pins the current run as baseline
    m_taker.settle();
    const char *names[] = {"compare-curves", "compare-differences", "compare-mixtures", "compare-configuration", "compare-details"};
    for (int tab = 0; tab < tabs->count() && tab < int(std::size(names)); ++tab) {
        tabs->setCurrentIndex(tab);
        m_taker.settle();
        take(names[tab]);
    }
    tryModel();
    tabs->setCurrentIndex(0);
}

// Of the run that is current in the table.
void Screens::tryModel()
{
    m_window.findChild<RunActions *>()->tryModel->trigger();
    auto *dialog = m_window.findChild<GenerationDialog *>();
    const auto buttons = dialog->findChildren<QPushButton *>();
    const auto generate = std::find_if(buttons.begin(), buttons.end(), [](const QPushButton *button) { return button->isDefault(); });
    m_taker.settle();
    m_taker.take(*dialog, QStringLiteral("try-before"));
    dialog->findChild<QPlainTextEdit *>()->setPlainText(QStringLiteral("The system"));
    (*generate)->click();
    m_taker.waitFor(QStringLiteral("the text"), 60, [&] { return (*generate)->isEnabled(); });
    m_taker.take(*dialog, QStringLiteral("try"));
    dialog->close();
    m_taker.settle(50);
}

void Screens::small()
{
    m_window.resize(960, 600);
    show(Page::Id::Compare, "small-compare");
    show(Page::Id::Domains, "small-domains");
    m_window.showPage(Page::Id::Train);
    if (const auto &runs = m_workspace.library.runs(); !runs.empty()) {
        trainPage()->showRun(m_workspace.library.view(runs.front().id));
        show(Page::Id::Train, "small-plan");
        trainPage()->showRun(m_workspace.library.view(runs.back().id));
    }
    show(Page::Id::Train, "small-train");
    openExperiment(nullptr, nullptr);
    show(Page::Id::Mixture, "small-mixture");
}

void Screens::run()
{
    show(Page::Id::Compare, "compare-before");
    emptyAndBroken();
    domains();
    mixtures();
    dialogs();
    withoutEngine();
    if (m_workspace.engine.state() != EngineLoader::State::Ready)
        return;
    trainFirst();
    trainStopped();
    trainDiverged();
    trainPlan();
    compare();
    small();
}

} // namespace
} // namespace krater

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    QCommandLineParser parser;
    parser.addPositionalArgument(QStringLiteral("folder"), QStringLiteral("where the pictures go"));
    parser.addOption({QStringLiteral("experiment"), QStringLiteral("experiment file"), QStringLiteral("file")});
    parser.addOption({QStringLiteral("store"), QStringLiteral("store of runs"), QStringLiteral("file")});
    parser.addOption(
        {QStringLiteral("suffix"), QStringLiteral("added to file names"), QStringLiteral("text"), QString()});
    parser.addOption({QStringLiteral("tokens"), QStringLiteral("token budget of the runs"), QStringLiteral("number"),
                      QStringLiteral("600000")});
    parser.addHelpOption();
    parser.process(application);
    if (parser.positionalArguments().size() != 1)
        parser.showHelp(2);
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
    const QString folder = parser.positionalArguments().first();
    QDir().mkpath(folder);
    krater::Workspace workspace;
    workspace.settings.setAppearance(krater::Settings::Appearance::Light);
    krater::ThemeController theme(workspace.settings);
    workspace.library.open(parser.value(QStringLiteral("store")));
    krater::MainWindow window(workspace);
    window.show();
    krater::ScreenTaker taker(workspace.settings, folder, parser.value(QStringLiteral("suffix")));
    taker.settle();
    krater::Screens screens(workspace, window, taker, parser.value(QStringLiteral("experiment")),
                            parser.value(QStringLiteral("tokens")).toDouble());
    screens.run();
    return taker.failures();
}
