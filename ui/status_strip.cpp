// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/status_strip.h"

#include "app/process_memory.h"
#include "ui/run_state_text.h"
#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/training/preparation_card.h"
#include "ui/widgets/elided_label.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QPainter>
#include <QProgressBar>

#include <algorithm>
#include <cmath>

namespace krater {
namespace {

ElidedLabel *makeFigure()
{
    auto *label = new ElidedLabel({}, TextRole::Small, Tone::Muted);
    label->setShrinks(false);
    return label;
}

// An empty figure takes no room.
void setFigure(ElidedLabel *label, const QString &text)
{
    label->setText(text);
    if (label->isHidden() != text.isEmpty())
        label->setVisible(!text.isEmpty());
}

} // namespace

StatusStrip::StatusStrip(Workspace &workspace, QWidget *parent)
    : QWidget(parent)
    , m_workspace(workspace)
    , m_state(new ElidedLabel({}, TextRole::Strong))
    , m_progress(new QProgressBar)
    , m_stage(makeFigure())
    , m_step(makeFigure())
    , m_tokens(makeFigure())
    , m_speed(makeFigure())
    , m_left(makeFigure())
    , m_memory(makeFigure())
    , m_runs(makeFigure())
    , m_store(makeFigure())
{
    setFixedHeight(look::kStatusBarHeight);
    setAccessibleName(tr("Status"));
    m_state->setShrinks(false);
    m_progress->setTextVisible(false);
    m_progress->setFixedWidth(150);
    m_progress->setRange(0, 1000);
    m_progress->setAccessibleName(tr("Progress of the run"));
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(look::kPageMargin, 1, look::kPageMargin, 0);
    row->setSpacing(20);
    for (QWidget *widget : std::initializer_list<QWidget *>{m_state, m_stage, m_progress, m_step, m_tokens, m_speed, m_left})
        row->addWidget(widget);
    row->addStretch(1);
    for (QWidget *widget : {m_memory, m_runs, m_store})
        row->addWidget(widget);
    connect(&m_timer, &QTimer::timeout, this, &StatusStrip::refresh);
    m_timer.start(250);
    connect(&workspace.session, &TrainingSession::stateChanged, this, &StatusStrip::refresh);
    connect(&workspace.library, &RunLibrary::storeChanged, this, &StatusStrip::refresh);
    connect(&workspace.scanner, &CorpusScanner::finished, this, &StatusStrip::refresh);
    refresh();
}

void StatusStrip::refresh()
{
    const TrainingSession &session = m_workspace.session;
    if (session.isActive() && session.preparation())
        showPreparation();
    else if (session.isActive() && session.view() && !session.isLaunching())
        showRun(session.view()->record());
    else
        showIdle();
    showStage();
    setFigure(m_memory, number::bytes(double(residentBytes())));
    m_memory->setToolTip(tr("Memory of this process"));
    const std::size_t numRuns = m_workspace.library.runs().size();
    setFigure(m_runs, numRuns == 1 ? tr("1 run") : tr("%1 runs").arg(number::count(numRuns)));
    const QString store = m_workspace.library.storeFile();
    setFigure(m_store, store.isEmpty() ? tr("no store") : QFileInfo(store).fileName());
    m_store->setToolTip(store);
}

void StatusStrip::showRun(const RunRecord &record)
{
    const TrainingSession &session = m_workspace.session;
    m_state->setText(stateText(session.state()));
    m_progress->show();
    m_progress->setRange(0, 1000);
    m_progress->setValue(record.numSteps ? int(1000 * record.step / record.numSteps) : 0);
    setFigure(m_step, tr("step %1 of %2").arg(number::count(record.step), number::count(record.numSteps)));
    setFigure(m_tokens, tr("%1 tokens").arg(number::compact(double(record.tokens))));
    const double speed = session.tokensPerSecond();
    setFigure(m_speed, std::isfinite(speed) && speed > 0 ? tr("%1 tokens/s").arg(number::compact(speed)) : QString());
    const double left = session.secondsLeft();
    setFigure(m_left, std::isfinite(left) ? tr("%1 left").arg(number::duration(left)) : QString());
}

void StatusStrip::showStage()
{
    const TrainingSession &session = m_workspace.session;
    const Plan *plan = session.isActive() ? session.plan() : nullptr;
    setFigure(m_stage, plan && !plan->isDone() ? tr("stage %1 of %2").arg(plan->next() + 1).arg(plan->experiment.stages.size()) : QString());
}

void StatusStrip::showPreparation()
{
    const CorpusProgress &progress = *m_workspace.session.preparation();
    m_state->setText(stateText(RunState::Preparing));
    m_progress->show();
    m_progress->setRange(0, progress.bytesTotal ? 1000 : 0);
    if (progress.bytesTotal)
        m_progress->setValue(int(1000 * double(progress.bytesDone) / double(progress.bytesTotal)));
    setFigure(m_step, phaseText(progress));
    setFigure(
        m_tokens,
        progress.bytesTotal
            ? tr("%1 of %2").arg(number::bytes(double(progress.bytesDone)), number::bytes(double(progress.bytesTotal)))
            : QString());
    setFigure(m_speed, {});
    setFigure(m_left, {});
}

void StatusStrip::showIdle()
{
    const bool active = m_workspace.session.isActive();
    m_state->setText(active                                 ? stateText(m_workspace.session.state())
                         : m_workspace.scanner.isScanning() ? tr("Reading the corpus")
                                                            : tr("Ready"));
    m_progress->hide();
    const Experiment &experiment = m_workspace.document.experiment();
    const std::size_t numDomains = experiment.domains.size();
    setFigure(m_step, numDomains == 1 ? tr("1 domain") : tr("%1 domains").arg(number::count(numDomains)));
    QString tokens;
    if (const auto report = m_workspace.scanner.report(); report && m_workspace.scanner.isCurrent(experiment)) {
        double sum = 0;
        for (const DomainReport &domain : report->domains)
            sum += domain.tokens;
        const bool exact = std::all_of(report->domains.begin(), report->domains.end(),
                                       [](const DomainReport &domain) { return domain.exact; });
        tokens = tr("%1 tokens").arg(number::tokens(sum, exact));
    }
    setFigure(m_tokens, tokens);
    setFigure(m_speed, active ? m_workspace.session.message() : QString());
    setFigure(m_left, {});
}

void StatusStrip::paintEvent(QPaintEvent *)
{
    QPainter(this).fillRect(QRect(0, 0, width(), 1), Theme::of(this).line);
}

} // namespace krater
