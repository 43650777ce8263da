// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The composition root of the window: makes the workspace and the window, and loads what is heavy after the first paint.
#include "app/post.h"
#include "app/quit_on_signal.h"
#include "app/workspace.h"
#include "core/base/files.h"
#include "core/base/version.h"
#include "ui/main_window.h"
#include "ui/theme/theme_controller.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QLibraryInfo>
#include <QTranslator>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <utility>

namespace krater {

namespace {

// Calls once, from the event loop, after the widget has been painted for the first time.
class AfterFirstPaint : public QObject {
public:
    AfterFirstPaint(QWidget *widget, std::function<void()> call) : QObject(widget), m_call(std::move(call))
    {
        widget->installEventFilter(this);
    }

protected:
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (event->type() == QEvent::Paint) {
            watched->removeEventFilter(this);
            post(this, [this] {
                m_call();
                deleteLater();
            });
        }
        return false;
    }

private:
    std::function<void()> m_call;
};

struct Options {
    QString store;
    QStringList files;
};

void describe(QCommandLineParser &parser)
{
    parser.setApplicationDescription(QCoreApplication::translate("main", "Desktop workbench for data mixtures."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addOption({QStringLiteral("store"), QCoreApplication::translate("main", "Keep and show runs in <file>."),
                      QCoreApplication::translate("main", "file")});
    parser.addPositionalArgument(
        QStringLiteral("file"),
        QCoreApplication::translate(
            "main", "An experiment (.toml) or a store of runs (.krater); the quick start if none is given."),
        QStringLiteral("[experiment.toml | runs.krater]"));
}

void nameProgram()
{
    QCoreApplication::setApplicationName(QStringLiteral("krater"));
    QCoreApplication::setApplicationVersion(
        QString::fromUtf8(programVersion().data(), qsizetype(programVersion().size())) + QStringLiteral(" (")
        + QString::fromUtf8(gitCommit().data(), qsizetype(gitCommit().size())) + QLatin1Char(')'));
}

// --help and --version need no display, so they are answered before there is a QApplication. Ends the program then.
void answerWithoutDisplay(int &argc, char **argv)
{
    const bool asked = std::any_of(argv + 1, argv + argc, [](const char *argument) {
        const std::string_view text(argument);
        return text == "--help" || text == "-h" || text == "--help-all" || text == "--version" || text == "-v";
    });
    if (!asked)
        return;
    const QCoreApplication application(argc, argv);
    QCommandLineParser parser;
    describe(parser);
    parser.process(application);
}

Options readOptions(const QApplication &application)
{
    QCommandLineParser parser;
    describe(parser);
    parser.process(application);
    Options options{parser.value(QStringLiteral("store")), parser.positionalArguments()};
    const auto isStore = [](const QString &file) { return file.endsWith(QStringLiteral(".krater")); };
    const auto named = std::find_if(options.files.begin(), options.files.end(), isStore);
    if (named != options.files.end()) {
        options.store = *named;
        options.files.erase(std::remove_if(options.files.begin(), options.files.end(), isStore), options.files.end());
    }
    return options;
}

// Ours where they are shipped for the language, and Qt's own with them: never half a window in another language.
void loadTranslations(QApplication &application)
{
    auto own = std::make_unique<QTranslator>();
    if (!own->load(QLocale(), QStringLiteral("krater"), QStringLiteral("_"), QStringLiteral(":/translations")))
        return;
    auto *qt = new QTranslator(&application);
    if (qt->load(QLocale(), QStringLiteral("qtbase"), QStringLiteral("_"),
                 QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
        QCoreApplication::installTranslator(qt);
    own->setParent(&application);
    QCoreApplication::installTranslator(own.release());
}

void openExperiments(MainWindow &window, Workspace &workspace, const QStringList &files)
{
    if (!files.isEmpty()) {
        window.openPaths(files);
        return;
    }
    const std::filesystem::path examples = experimentsFolder();
    if (!examples.empty())
        workspace.document.open(QString::fromStdString((examples / "quickstart.toml").string()));
}

int run(int argc, char **argv)
{
    nameProgram();
    answerWithoutDisplay(argc, argv);
    QApplication application(argc, argv);
    QGuiApplication::setDesktopFileName(QStringLiteral("org.krater.Krater"));
    loadTranslations(application);
    const Options options = readOptions(application);

    Workspace workspace;
    const ThemeController theme(workspace.settings);
    MainWindow window(workspace);
    openExperiments(window, workspace, options.files);
    const QString store = options.store.isEmpty() ? QString::fromStdString(defaultStoreFile().string()) : options.store;
    new AfterFirstPaint(&window, [&workspace, store] {
        workspace.library.openLater(store);
        workspace.engine.load();
    });
    const QuitOnSignal quitOnSignal;
    QObject::connect(&quitOnSignal, &QuitOnSignal::quitRequested, &application, [] { QCoreApplication::quit(); });
    window.show();
    return QApplication::exec();
}

} // namespace
} // namespace krater

int main(int argc, char **argv)
{
    // Before any thread is there. libgomp's spinning would take the cores from the window while it trains.
    if (!qEnvironmentVariableIsSet("OMP_WAIT_POLICY"))
        qputenv("OMP_WAIT_POLICY", "passive");
    return krater::run(argc, argv);
}
