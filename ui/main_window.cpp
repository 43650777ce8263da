// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window.h"

#include "ui/compare_page.h"
#include "ui/dialogs/help_dialog.h"
#include "ui/dialogs/preferences_dialog.h"
#include "ui/dialogs/shortcuts_dialog.h"
#include "ui/domains_page.h"
#include "ui/file_commands.h"
#include "ui/main_actions.h"
#include "ui/mixture_page.h"
#include "ui/rail.h"
#include "ui/run_commands.h"
#include "ui/status_strip.h"
#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/tool_strip.h"
#include "ui/training_page.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/message_bar.h"

#include <QCloseEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMenuBar>
#include <QMimeData>
#include <QStackedWidget>

namespace krater {
namespace {

constexpr QSize kDefaultSize(1280, 800);

} // namespace

MainWindow::MainWindow(Workspace &workspace, QWidget *parent)
    : QMainWindow(parent)
    , m_workspace(workspace)
    , m_actions(new MainActions(this, &m_undoStack))
    , m_rail(new Rail)
    , m_messages(new MessageBar)
    , m_stack(new QStackedWidget)
    , m_files(new FileCommands(workspace, m_undoStack, *m_actions, this))
    , m_runs(new RunCommands(workspace, *m_actions, this))
{
    setAcceptDrops(true);
    setMinimumSize(960, 600);
    m_actions->fillMenuBar(menuBar());
    createPages();
    createBars();
    connectActions();
    connectWorkspace();
    restoreLayout();
    showPage(Page::Id::Domains);
    m_stack->setFocus();
    updateTitle();
    showEngineState();
    showStoreState();
}

void MainWindow::createPages()
{
    m_training = new TrainingPage(m_workspace, m_undoStack);
    const auto add = [this](Page::Id id, const QString &iconName, Page *page) {
        m_pages[id] = page;
        m_stack->addWidget(page);
        m_rail->addPage(id, iconName, page->title());
        connect(page, &Page::pageRequested, this, &MainWindow::showPage);
        connect(page, &Page::failed, this,
                [this](const QString &message, const QString &advice) { showProblem(message, advice); });
        connect(page, &Page::startRequested, m_runs, &RunCommands::start);
        connect(page, &Page::resumeRequested, m_actions->resumeRun, &QAction::trigger);
        connect(page, &Page::runRequested, this, [this](const std::shared_ptr<RunView> &run) {
            m_training->showRun(run);
            showPage(Page::Id::Train);
        });
    };
    add(Page::Id::Domains, QStringLiteral("domains"), new DomainsPage(m_workspace, m_undoStack));
    add(Page::Id::Mixture, QStringLiteral("mixture"), new MixturePage(m_workspace, m_undoStack));
    add(Page::Id::Train, QStringLiteral("train"), m_training);
    auto *compare = new ComparePage(m_workspace, m_undoStack);
    add(Page::Id::Compare, QStringLiteral("compare"), compare);
    connect(compare, &ComparePage::openRequested, this, [this](const QString &file) { openPaths({file}); });
    connect(m_rail, &Rail::pageChosen, this, &MainWindow::showPage);
    connect(m_training, &TrainingPage::runShown, m_runs, &RunCommands::setShownRun);
}

void MainWindow::createBars()
{
    auto *column = new QVBoxLayout;
    column->setSpacing(0);
    column->addWidget(new ToolStrip(m_workspace, m_undoStack, *m_actions));
    m_messages->setContentsMargins(look::kPageMargin, look::kGap, look::kPageMargin, 0);
    column->addWidget(m_messages);
    column->addWidget(m_stack, 1);
    auto *row = new QHBoxLayout;
    row->setSpacing(0);
    row->addWidget(m_rail);
    row->addLayout(column, 1);
    auto *central = new QWidget;
    auto *all = new QVBoxLayout(central);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(0);
    all->addLayout(row, 1);
    all->addWidget(new StatusStrip(m_workspace));
    setCentralWidget(central);
}

void MainWindow::connectActions()
{
    for (auto it = m_actions->pages.cbegin(); it != m_actions->pages.cend(); ++it)
        connect(it.value(), &QAction::triggered, this, [this, id = it.key()] { showPage(id); });
    for (auto it = m_actions->appearances.cbegin(); it != m_actions->appearances.cend(); ++it)
        connect(it.value(), &QAction::triggered, this,
                [this, id = it.key()] { m_workspace.settings.setAppearance(id); });
    setAppearanceChecked();
    connect(m_actions->quit, &QAction::triggered, this, &QWidget::close);
    connect(m_actions->fullScreen, &QAction::triggered, this, &MainWindow::toggleFullScreen);
    connect(m_actions->resetLayout, &QAction::triggered, this, &MainWindow::resetLayout);
    connect(m_actions->preferences, &QAction::triggered, this, &MainWindow::showPreferences);
    connect(m_actions->help, &QAction::triggered, this, &MainWindow::showHelp);
    connect(m_actions->shortcuts, &QAction::triggered, this, &MainWindow::showShortcuts);
    connect(m_actions->about, &QAction::triggered, this, [this] { showAbout(this); });
    connect(m_actions->reloadEngine, &QAction::triggered, &m_workspace.engine, &EngineLoader::load);
    connect(m_actions->scan, &QAction::triggered, this,
            [this] { m_workspace.scanner.scan(m_workspace.document.experiment()); });
}

void MainWindow::connectWorkspace()
{
    connect(m_files, &FileCommands::problem, this, &MainWindow::showProblem);
    connect(m_files, &FileCommands::notice, this,
            [this](const QString &message, const QString &advice, const QString &details) {
                m_messages->show(MessageBar::Kind::Info, message, advice, details);
            });
    connect(m_files, &FileCommands::experimentReplaced, m_messages, &MessageBar::dismiss);
    connect(m_runs, &RunCommands::problem, this, &MainWindow::showProblem);
    connect(m_runs, &RunCommands::aboutToStart, this, [this] {
        m_messages->dismiss();
        showPage(Page::Id::Train);
    });
    connect(m_runs, &RunCommands::stopped, this, &QWidget::close, Qt::QueuedConnection);
    connect(&m_workspace.session, &TrainingSession::failed, this,
            [this](const QString &message, const QString &advice) { showProblem(message, advice); });
    connect(&m_workspace.library, &RunLibrary::failed, this,
            [this](const QString &message, const QString &advice) { showProblem(message, advice); });
    connect(&m_workspace.library, &RunLibrary::storeChanged, this, &MainWindow::showStoreState);
    connect(&m_workspace.library, &RunLibrary::runsChanged, this, &MainWindow::offerInterruptedRun);
    connect(&m_workspace.engine, &EngineLoader::stateChanged, this, &MainWindow::showEngineState);
    connect(&m_workspace.document, &ExperimentDocument::changed, this, &MainWindow::updateTitle);
    connect(&m_workspace.document, &ExperimentDocument::fileChanged, this, &MainWindow::updateTitle);
    connect(&m_workspace.settings, &Settings::appearanceChanged, this, &MainWindow::setAppearanceChecked);
}

Page::Id MainWindow::currentPage() const
{
    return m_pages.key(static_cast<Page *>(m_stack->currentWidget()));
}

void MainWindow::showPage(Page::Id id)
{
    m_stack->setCurrentWidget(m_pages.value(id));
    m_rail->setCurrent(id);
    m_actions->pages.value(id)->setChecked(true);
}

void MainWindow::updateTitle()
{
    const ExperimentDocument &document = m_workspace.document;
    const QString name = QString::fromStdString(document.experiment().info.name);
    setWindowTitle(tr("%1[*] – Krater").arg(name.isEmpty() ? tr("Untitled experiment") : name));
    setWindowFilePath(document.filePath());
    setWindowModified(document.isModified());
}

void MainWindow::showProblem(const QString &message, const QString &advice, const QString &details)
{
    m_messages->show(MessageBar::Kind::Error, message, advice, details);
}

void MainWindow::showEngineState()
{
    const EngineLoader &engine = m_workspace.engine;
    m_actions->reloadEngine->setEnabled(engine.state() == EngineLoader::State::Failed);
    if (engine.state() != EngineLoader::State::Failed)
        return;
    m_messages->show(MessageBar::Kind::Warning, engine.message(), engine.advice());
    Button *again = m_messages->addAction(tr("Try again"));
    connect(again, &QPushButton::clicked, m_messages, &MessageBar::dismiss);
    connect(again, &QPushButton::clicked, &m_workspace.engine, &EngineLoader::load);
}

void MainWindow::showStoreState()
{
    const RunLibrary &library = m_workspace.library;
    m_offeredInterrupted = false;
    if (!library.message().isEmpty())
        m_messages->show(MessageBar::Kind::Warning, library.message(), library.advice());
    else
        offerInterruptedRun();
}

// Once per store: the newest run that was being trained when its program went away, or after which its plan did not go on.
void MainWindow::offerInterruptedRun()
{
    const RunLibrary &library = m_workspace.library;
    if (m_offeredInterrupted || library.runs().empty())
        return;
    m_offeredInterrupted = true;
    const RunRecord newest = library.runs().front();
    const QString name = QString::fromStdString(newest.name);
    if (m_workspace.session.isActive() || !library.canGoOn(newest))
        return;
    if (newest.state == RunState::Interrupted && (newest.step > 0 || newest.plan))
        m_messages->show(MessageBar::Kind::Info, tr("“%1” was interrupted at step %2.").arg(name, number::count(newest.step)),
                         tr("It can go on from its last checkpoint as if nothing had happened."));
    else if (newest.state == RunState::Done)
        m_messages->show(MessageBar::Kind::Info,
                         tr("“%1” is done, and its plan did not go on with stage %2 of %3.")
                             .arg(name)
                             .arg(newest.plan->stage + 2)
                             .arg(newest.plan->numStages),
                         tr("It can go on as if nothing had happened."));
    else
        return;
    const RunId id = newest.id;
    connect(m_messages->addAction(tr("Show it")), &QPushButton::clicked, this, [this, id] {
        m_messages->dismiss();
        if (auto run = m_workspace.library.view(id))
            emit m_training->runRequested(run);
    });
    connect(m_messages->addAction(tr("Go on")), &QPushButton::clicked, this, [this, id] {
        m_messages->dismiss();
        showPage(Page::Id::Train);
        m_workspace.session.resumeRun(id);
    });
}

void MainWindow::setAppearanceChecked()
{
    m_actions->appearances.value(m_workspace.settings.appearance())->setChecked(true);
}

void MainWindow::toggleFullScreen(bool on)
{
    setWindowState(on ? windowState() | Qt::WindowFullScreen : windowState() & ~Qt::WindowFullScreen);
}

void MainWindow::showHelp()
{
    if (!m_help)
        m_help = new HelpDialog(this);
    m_help->show();
    m_help->raise();
    m_help->showSection(m_pages.value(currentPage())->title());
}

void MainWindow::showPreferences()
{
    auto *dialog = new PreferencesDialog(m_workspace.settings, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &PreferencesDialog::layoutResetRequested, this, &MainWindow::resetLayout);
    dialog->show();
}

void MainWindow::showShortcuts()
{
    auto *dialog = new ShortcutsDialog(m_actions->withShortcuts(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->show();
}

void MainWindow::restoreLayout()
{
    const QByteArray geometry = m_workspace.settings.layout(QStringLiteral("main/geometry")).toByteArray();
    if (geometry.isEmpty() || !restoreGeometry(geometry))
        resize(kDefaultSize);
    for (Page *page : std::as_const(m_pages))
        page->restoreLayout();
}

void MainWindow::saveLayout()
{
    m_workspace.settings.setLayout(QStringLiteral("main/geometry"), saveGeometry());
    for (Page *page : std::as_const(m_pages))
        page->saveLayout();
}

void MainWindow::resetLayout()
{
    m_workspace.settings.resetLayout();
    if (isMaximized() || isFullScreen())
        showNormal();
    restoreLayout();
}

void MainWindow::openPaths(const QStringList &paths)
{
    QStringList texts;
    for (const QString &path : paths) {
        if (path.endsWith(QStringLiteral(".toml")))
            m_files->openExperiment(path);
        else if (path.endsWith(QStringLiteral(".krater")))
            m_files->openStore(path);
        else
            texts << path;
    }
    if (!texts.isEmpty() && m_pages.value(Page::Id::Domains)->takeFiles(texts))
        showPage(Page::Id::Domains);
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    if (!m_files->mayDiscard() || !m_runs->mayQuit()) {
        event->ignore();
        return;
    }
    saveLayout();
    event->accept();
}

// Mnemonics are underlined while Alt is held.
void MainWindow::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Alt)
        menuBar()->update();
    QMainWindow::keyPressEvent(event);
}

void MainWindow::keyReleaseEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Alt)
        menuBar()->update();
    QMainWindow::keyReleaseEvent(event);
}

void MainWindow::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::WindowStateChange)
        m_actions->fullScreen->setChecked(isFullScreen());
    QMainWindow::changeEvent(event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent *event)
{
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent *event)
{
    QStringList paths;
    for (const QUrl &url : event->mimeData()->urls()) {
        if (url.isLocalFile())
            paths << url.toLocalFile();
    }
    if (!paths.isEmpty()) {
        event->acceptProposedAction();
        openPaths(paths);
    }
}

} // namespace krater
