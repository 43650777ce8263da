// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "ui/main_actions.h"
#include "ui/main_window.h"
#include "ui/plots/crosshair_group.h"
#include "ui/theme/theme_controller.h"
#include "ui/training/run_board.h"
#include "ui/training_page.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDeadlineTimer>
#include <QDir>
#include <QLocale>
#include <QTextStream>

#include <functional>

// Drives the real window through a short real training and writes pictures of every page and state, light and dark. scripts/screens calls it once for each
// scale; QT_SCALE_FACTOR sets that before the program starts.

namespace krater {
namespace {

class Screens {
public:
    Screens(Workspace &workspace, MainWindow &window, const QString &folder, const QString &suffix)
        : m_workspace(workspace)
        , m_window(window)
        , m_folder(folder)
        , m_suffix(suffix)
    {
    }

    bool waitFor(const QString &what, const std::function<bool()> &done, int seconds)
    {
        QDeadlineTimer deadline(seconds * 1000);
        while (!done() && !deadline.hasExpired())
            QApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 50);
        if (done())
            return true;
        QTextStream(stderr) << "screens: waited " << seconds << " s in vain for " << what << Qt::endl;
        ++m_failures;
        return false;
    }

    void settle(int ms = 400)
    {
        QDeadlineTimer deadline(ms);
        while (!deadline.hasExpired())
            QApplication::processEvents(QEventLoop::AllEvents, 20);
    }

    // Light and dark.
    void take(const QString &name)
    {
        for (const bool dark : {false, true}) {
            m_workspace.settings.setAppearance(dark ? Settings::Appearance::Dark : Settings::Appearance::Light);
            settle(150);
            const QString file = m_folder + QLatin1Char('/') + name + (dark ? QStringLiteral("-dark") : QString())
                + m_suffix + QStringLiteral(".png");
            if (!m_window.grab().save(file)) {
                QTextStream(stderr) << "screens: cannot write " << file << Qt::endl;
                ++m_failures;
            }
        }
        m_workspace.settings.setAppearance(Settings::Appearance::Light);
    }

    int run(const QString &experiment, double tokenBudget);

private:
    void openExperiment(const QString &path, double tokenBudget, const char *policy);
    void trainFirst();
    void trainSecond();

    Workspace &m_workspace;
    MainWindow &m_window;
    QString m_folder;
    QString m_suffix;
    int m_failures = 0;
};

void Screens::openExperiment(const QString &path, double tokenBudget, const char *policy)
{
    m_workspace.document.open(path);
    Experiment experiment = m_workspace.document.experiment();
    experiment.training.tokenBudget = std::uint64_t(tokenBudget);
    experiment.training.evalInterval = 5;
    experiment.training.evalTokens = 4096;
    experiment.training.checkpointInterval = 25;
    if (policy) {
        experiment.mixture.policy = policy;
        experiment.mixture.parameters.clear();
        experiment.info.name = "Uniform";
    }
    m_workspace.document.setExperiment(experiment);
}

void Screens::trainFirst()
{
    TrainingSession &session = m_workspace.session;
    auto *page = qobject_cast<TrainingPage *>(m_window.page(Page::Id::Train));
    m_window.actions().start->trigger();
    settle(60);
    if (session.isActive() && session.state() == RunState::Preparing)
        take(QStringLiteral("train-preparing"));
    if (!waitFor(
            QStringLiteral("the first steps"), [&] { return session.view() && session.view()->record().step >= 30; },
            300))
        return;
    take(QStringLiteral("train-running"));
    page->board()->plots()->setCursor(page->board()->plots()->upper() * 0.6);
    take(QStringLiteral("train-cursor"));
    page->board()->plots()->showRange(page->board()->plots()->upper() * 0.2, page->board()->plots()->upper() * 0.5);
    page->board()->plots()->setCursor(std::nullopt);
    take(QStringLiteral("train-zoomed"));
    page->board()->plots()->follow();
    m_window.actions().pause->trigger();
    waitFor(
        QStringLiteral("the pause"), [&] { return session.state() == RunState::Paused; }, 60);
    take(QStringLiteral("train-paused"));
    m_window.actions().pause->trigger();
    waitFor(
        QStringLiteral("the end of the first run"), [&] { return !session.isActive(); }, 600);
    take(QStringLiteral("train-done"));
}

void Screens::trainSecond()
{
    TrainingSession &session = m_workspace.session;
    m_window.actions().start->trigger();
    if (waitFor(
            QStringLiteral("steps of the second run"),
            [&] {
                return session.view() && session.state() == RunState::Running && session.view()->record().step >= 20;
            },
            300))
        m_window.actions().stop->trigger();
    waitFor(
        QStringLiteral("the second run to stop"), [&] { return !session.isActive(); }, 300);
    take(QStringLiteral("train-stopped"));
}

int Screens::run(const QString &experiment, double tokenBudget)
{
    openExperiment(experiment, tokenBudget, nullptr);
    m_window.showPage(Page::Id::Train);
    take(QStringLiteral("train-empty"));
    m_window.showPage(Page::Id::Domains);
    m_workspace.scanner.scan(m_workspace.document.experiment());
    settle(100);
    take(QStringLiteral("domains-scanning"));
    waitFor(
        QStringLiteral("the scan"), [&] { return !m_workspace.scanner.isScanning(); }, 120);
    settle();
    take(QStringLiteral("domains"));
    m_window.showPage(Page::Id::Mixture);
    settle();
    take(QStringLiteral("mixture"));
    m_window.showPage(Page::Id::Compare);
    settle();
    take(QStringLiteral("compare-before"));
    m_workspace.engine.load();
    if (!waitFor(
            QStringLiteral("the engine"), [&] { return m_workspace.engine.state() == EngineLoader::State::Ready; }, 60))
        return m_failures;
    trainFirst();
    openExperiment(experiment, tokenBudget, "uniform");
    trainSecond();
    m_window.showPage(Page::Id::Compare);
    settle(800);
    take(QStringLiteral("compare"));
    m_window.resize(960, 600);
    for (const auto &[id, name] : {std::pair(Page::Id::Domains, "domains"), std::pair(Page::Id::Mixture, "mixture"),
                                   std::pair(Page::Id::Train, "train"), std::pair(Page::Id::Compare, "compare")}) {
        m_window.showPage(id);
        settle();
        take(QStringLiteral("small-") + QLatin1String(name));
    }
    return m_failures;
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
                      QStringLiteral("250000")});
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
    krater::Screens screens(workspace, window, folder, parser.value(QStringLiteral("suffix")));
    screens.settle();
    return screens.run(parser.value(QStringLiteral("experiment")), parser.value(QStringLiteral("tokens")).toDouble());
}
