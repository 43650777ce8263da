// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_actions.h"
#include "ui/main_window.h"
#include "ui/plots/crosshair_group.h"
#include "ui/theme/theme_controller.h"
#include "ui/training/run_board.h"
#include "ui/training_page.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDeadlineTimer>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTextStream>
#include <QTimer>

#include <algorithm>
#include <vector>

// How long the window's thread is ever held up while a run trains on all cores: a timer that should come every 5 ms measures by how much it is late. The
// cursor moves all the while, as under a hand. Prints the longest stall and fails when it is over the promised 100 ms.

namespace krater {
namespace {

constexpr int kBeatMs = 5;
constexpr double kPromisedMs = 100;

class StallMeter : public QObject {
public:
    StallMeter()
    {
        m_timer.setTimerType(Qt::PreciseTimer);
        connect(&m_timer, &QTimer::timeout, this, [this] {
            const double late = double(m_clock.nsecsElapsed()) / 1e6 - kBeatMs;
            m_clock.restart();
            m_late.push_back(late);
        });
    }

    void start()
    {
        m_late.clear();
        m_clock.start();
        m_timer.start(kBeatMs);
    }
    void stop() { m_timer.stop(); }

    double quantile(double share)
    {
        std::sort(m_late.begin(), m_late.end());
        return m_late.empty() ? 0 : m_late[std::min(m_late.size() - 1, std::size_t(share * double(m_late.size())))];
    }

private:
    QTimer m_timer;
    QElapsedTimer m_clock;
    std::vector<double> m_late; // ms
};

void waitUntil(const std::function<bool()> &done, int seconds)
{
    QDeadlineTimer deadline(seconds * 1000);
    while (!done() && !deadline.hasExpired())
        QApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 20);
}

int measure(const QString &experimentFile, int seconds)
{
    QTemporaryDir folder;
    Workspace workspace;
    workspace.library.open(folder.filePath(QStringLiteral("runs.krater")));
    ThemeController theme(workspace.settings);
    MainWindow window(workspace);
    window.show();
    workspace.engine.load();
    workspace.document.open(experimentFile);
    window.actions().start->trigger();
    waitUntil([&] { return workspace.session.hasRun() && workspace.session.view()->record().step >= 2; }, 300);
    if (!workspace.session.isActive())
        return 2;
    auto *page = qobject_cast<TrainingPage *>(window.page(Page::Id::Train));
    CrosshairGroup *plots = page->board()->plots();
    StallMeter meter;
    QTimer hand; // moves the cursor 60 times a second
    double place = 0;
    QObject::connect(&hand, &QTimer::timeout, plots, [&] {
        place = place > 1 ? 0 : place + 0.01;
        plots->setCursor(plots->lower() + place * (plots->upper() - plots->lower()));
    });
    hand.start(16);
    meter.start();
    QDeadlineTimer deadline(seconds * 1000);
    waitUntil([&] { return deadline.hasExpired() || !workspace.session.isActive(); }, seconds + 1);
    meter.stop();
    hand.stop();
    const double longest = meter.quantile(1);
    QTextStream(stdout) << "steps " << workspace.session.view()->record().step << ", speed "
                        << int(workspace.session.tokensPerSecond()) << " tokens/s\n"
                        << "late by: median " << meter.quantile(0.5) << " ms, 99 % " << meter.quantile(0.99)
                        << " ms, longest " << longest << " ms (promised: under " << kPromisedMs << " ms)\n"
                        << "a replot takes " << page->board()->lossPlot()->replotMs() << " ms\n";
    workspace.session.stop();
    waitUntil([&] { return !workspace.session.isActive(); }, 60);
    return longest < kPromisedMs ? 0 : 1;
}

} // namespace
} // namespace krater

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("Measures the longest stall of the window's thread while a run trains."));
    parser.addPositionalArgument(QStringLiteral("experiment"), QStringLiteral("experiment file"));
    parser.addOption({QStringLiteral("seconds"), QStringLiteral("how long to measure"), QStringLiteral("number"), QStringLiteral("20")});
    parser.addHelpOption();
    parser.process(application);
    if (parser.positionalArguments().size() != 1)
        parser.showHelp(2);
    return krater::measure(parser.positionalArguments().first(), parser.value(QStringLiteral("seconds")).toInt());
}
