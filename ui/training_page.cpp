// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training_page.h"

#include "ui/dialogs/generation_dialog.h"
#include "ui/theme/number_format.h"
#include "ui/training/plan_row.h"
#include "ui/training/preparation_card.h"
#include "ui/training/run_board.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/message_bar.h"

#include <QStackedWidget>
#include <QVBoxLayout>

namespace krater {
namespace {

constexpr int kPlanIntervalMs = 250;

} // namespace

TrainingPage::TrainingPage(Workspace &workspace, QUndoStack &undoStack, QWidget *parent)
    : Page(workspace, undoStack, parent)
    , m_stack(new QStackedWidget)
    , m_empty(new EmptyState(
          QStringLiteral("train"), tr("Nothing has been trained yet."),
          tr("Start trains a small model on this experiment and draws every domain's loss and share here as it goes.")))
    , m_plan(new PlanRow)
    , m_preparation(new PreparationCard)
    , m_board(new RunBoard)
    , m_message(new MessageBar)
{
    createStates();
    connectSession();
    updateState();
}

QString TrainingPage::title() const
{
    return tr("Train");
}

void TrainingPage::createStates()
{
    auto *emptyCard = new Card;
    emptyCard->setAccessibleName(tr("No run yet"));
    emptyCard->add(m_empty, 1);
    connect(m_empty->addButton(tr("Start"), QStringLiteral("start")), &QPushButton::clicked, this,
            &Page::startRequested);
    m_stack->addWidget(emptyCard);
    m_stack->addWidget(m_preparation);
    m_stack->addWidget(m_board);
    QVBoxLayout *column = makeColumn();
    column->addWidget(m_message);
    column->addWidget(m_plan);
    column->addWidget(m_stack, 1);
    connect(m_preparation, &PreparationCard::cancelRequested, &workspace().session, &TrainingSession::stop);
    connect(m_board, &RunBoard::failed, this, &Page::failed);
    connect(m_board, &RunBoard::tryRequested, this, &TrainingPage::tryModel);
    connect(m_plan, &PlanRow::runChosen, this, [this](qint64 run) {
        if (const std::shared_ptr<RunView> view = workspace().library.view(run))
            showRun(view);
    });
}

void TrainingPage::connectSession()
{
    TrainingSession &session = workspace().session;
    connect(&session, &TrainingSession::runStarted, this, [this] {
        if (m_showsLive) // the next stage of a plan is nothing to be called away for
            setShownRun(workspace().session.view());
    });
    connect(&session, &TrainingSession::stateChanged, this, &TrainingPage::onSessionChanged);
    connect(&session, &TrainingSession::preparationChanged, this, &TrainingPage::updateState);
    m_planTimer.setSingleShot(true);
    m_planTimer.setInterval(kPlanIntervalMs);
    connect(&m_planTimer, &QTimer::timeout, this, &TrainingPage::updatePlan);
    connect(&workspace().library, &RunLibrary::runsChanged, this, &TrainingPage::updateState);
    connect(&workspace().document, &ExperimentDocument::changed, this, &TrainingPage::updatePlan);
}

void TrainingPage::showRun(const std::shared_ptr<RunView> &run)
{
    m_showsLive = run == workspace().session.view();
    setShownRun(run);
}

void TrainingPage::setShownRun(const std::shared_ptr<RunView> &run)
{
    if (m_run != run) {
        if (m_run)
            disconnect(m_run.get(), nullptr, this, nullptr);
        m_run = run;
        m_toldRun = 0;
        m_board->setRun(run);
        if (run) {
            connect(run.get(), &RunView::recordChanged, this, &TrainingPage::updateState);
            connect(run.get(), &RunView::pointsAppended, this, [this] {
                if (!m_planTimer.isActive())
                    m_planTimer.start();
            });
        }
        emit runShown(run);
    }
    updateState();
}

void TrainingPage::onSessionChanged()
{
    const bool active = workspace().session.isActive();
    if (active && !m_wasActive)
        m_showsLive = true; // a start is what the user wants to see
    if (active != m_wasActive)
        m_toldRun = 0;
    m_wasActive = active;
    updateState();
}

void TrainingPage::updateState()
{
    const TrainingSession &session = workspace().session;
    const bool preparing = session.isActive() && session.state() == RunState::Preparing && m_showsLive;
    if (preparing) {
        m_preparation->setProgress(session.preparation(), session.message());
        m_stack->setCurrentWidget(m_preparation);
    } else if (m_run) {
        m_stack->setCurrentWidget(m_board);
    } else {
        m_stack->setCurrentIndex(0);
    }
    updatePlan();
    updateMessage();
}

// Of the run that is trained or shown; before any, that of the experiment.
std::optional<Plan> TrainingPage::shownPlan() const
{
    const TrainingSession &session = workspace().session;
    const Plan *trained = session.plan();
    if (session.isActive() && m_showsLive && trained)
        return *trained;
    if (!m_run)
        return experiment().stages.empty() ? std::nullopt : std::optional(Plan{.experiment = experiment(), .experimentFile = {}});
    const auto &place = m_run->record().plan;
    if (!place)
        return std::nullopt;
    if (trained && trained->id == place->plan && session.isActive())
        return *trained;
    std::optional<Plan> plan = workspace().library.plan(place->plan);
    if (!plan && trained && trained->id == place->plan)
        plan = *trained; // the library has yet to read it
    return plan;
}

void TrainingPage::updatePlan()
{
    std::optional<Plan> plan = shownPlan();
    if (plan) {
        // Views know more than the library.
        for (const std::shared_ptr<RunView> &view : {workspace().session.view(), m_run}) {
            if (!view || !view->record().plan || view->record().plan->plan != plan->id)
                continue;
            std::erase_if(plan->runs, [&](const RunRecord &run) { return run.id == view->record().id; });
            plan->runs.push_back(view->record());
        }
        m_plan->setPlan(plan->experiment, plan->runs, m_run ? m_run->record().id : 0);
    }
    if (m_plan->isHidden() == plan.has_value())
        m_plan->setVisible(plan.has_value());
}

void TrainingPage::updateMessage()
{
    const TrainingSession &session = workspace().session;
    if (!m_run || (session.isActive() && m_showsLive)) {
        m_message->dismiss();
        m_toldRun = 0;
        return;
    }
    const RunRecord &record = m_run->record();
    const bool planGoesOn = record.state == RunState::Done && record.plan && workspace().library.canGoOn(record);
    if (record.id == m_toldRun && record.state == m_toldState && planGoesOn == m_toldPlan)
        return; // said already, and perhaps dismissed
    m_toldRun = record.id;
    m_toldState = record.state;
    m_toldPlan = planGoesOn;
    m_message->dismiss();
    if (!isActive(record.state) && record.state != RunState::Done)
        showEnd(record);
    else if (session.isActive())
        m_message->show(MessageBar::Kind::Info, tr("This is a saved run; another one is being trained."));
    else if (planGoesOn)
        showOpenPlan();
    if (session.isActive() && !m_message->isHidden()) {
        Button *live = m_message->addAction(tr("Show the one that is trained"));
        connect(live, &QPushButton::clicked, this, [this] { showRun(workspace().session.view()); });
    }
}

void TrainingPage::showEnd(const RunRecord &record)
{
    const QString step = number::count(record.step);
    const QString why = QString::fromStdString(record.message);
    switch (record.state) {
    case RunState::Diverged:
        m_message->show(
            MessageBar::Kind::Error, why.isEmpty() ? tr("The loss became infinite at step %1.").arg(step) : why,
            tr("The last good checkpoint is kept. A longer warm-up may help too."));
        break;
    case RunState::Failed:
        m_message->show(MessageBar::Kind::Error, tr("The run failed at step %1.").arg(step), why);
        break;
    case RunState::Interrupted:
        m_message->show(MessageBar::Kind::Warning, tr("The run was interrupted at step %1.").arg(step),
                        tr("Its program ended without saying so. It can go on from its last checkpoint."));
        break;
    default:
        m_message->show(MessageBar::Kind::Info, tr("Stopped at step %1.").arg(step));
    }
    if (!workspace().session.isActive() && workspace().library.isWritable()) {
        Button *goOn = m_message->addAction(record.step > 0 ? tr("Go on from the checkpoint") : tr("Start it again"));
        connect(goOn, &QPushButton::clicked, this, &Page::resumeRequested);
    }
}

void TrainingPage::showOpenPlan()
{
    m_message->show(MessageBar::Kind::Info, tr("This stage is done, but not all those of its plan."));
    connect(m_message->addAction(tr("Go on with the plan")), &QPushButton::clicked, this, &Page::resumeRequested);
}

void TrainingPage::tryModel()
{
    if (m_run)
        (new GenerationDialog(workspace().engine, workspace().library.storeFile(), m_run->record(), this))->show();
}

void TrainingPage::saveLayout()
{
    m_board->saveLayout(workspace().settings);
}

void TrainingPage::restoreLayout()
{
    m_board->restoreLayout(workspace().settings);
}

} // namespace krater
