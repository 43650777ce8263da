// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/run_board.h"

#include "app/settings.h"
#include "ui/dialogs/generation_dialog.h"
#include "ui/plots/crosshair_group.h"
#include "ui/plots/plot_axes.h"
#include "ui/plots/share_plot.h"
#include "ui/run_state_text.h"
#include "ui/theme/number_format.h"
#include "ui/training/domains_card.h"
#include "ui/training/event_log.h"
#include "ui/training/event_model.h"
#include "ui/training/plot_controls.h"
#include "ui/widgets/card.h"

#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace krater {
namespace {

constexpr std::uint64_t kRealisedWindow = 50; // steps
constexpr int kTableIntervalMs = 200;         // figures that change faster cannot be read
constexpr double kFirstSteps = 20;            // of the axis that are there from the start, so that it does not jump

} // namespace

RunBoard::RunBoard(QWidget *parent)
    : QWidget(parent)
    , m_controls(new PlotControls)
    , m_plots(new CrosshairGroup(this))
    , m_lossPlot(new CurvePlot(tr("Loss per domain")))
    , m_sharePlot(new SharePlot(tr("Sampling probabilities")))
    , m_lossCard(new Card(tr("Loss per domain")))
    , m_shareCard(new Card(tr("Sampling probabilities")))
    , m_domainsCard(new DomainsCard)
    , m_eventCard(new Card(tr("Events")))
    , m_eventModel(new EventModel(this))
    , m_eventTable(new EventLog(*m_eventModel))
    , m_columns(new QSplitter(Qt::Horizontal))
    , m_left(new QSplitter(Qt::Vertical))
    , m_right(new QSplitter(Qt::Vertical))
{
    createPlots();
    createLayout();
    connectControls();
}

RunBoard::~RunBoard() = default;

void RunBoard::createPlots()
{
    m_plots->add(m_lossPlot);
    m_plots->add(m_sharePlot);
    m_sharePlot->setWindow(kRealisedWindow);
    m_shareCard->setHint(tr("target filled; realised dashed, over %1 steps").arg(kRealisedWindow));
    connect(m_lossPlot, &TimePlot::failed, this, &RunBoard::failed);
    connect(m_sharePlot, &TimePlot::failed, this, &RunBoard::failed);
}

void RunBoard::createLayout()
{
    m_lossCard->addFlush(m_lossPlot, 1);
    m_shareCard->addFlush(m_sharePlot, 1);
    m_eventCard->addFlush(m_eventTable, 1);

    m_left->addWidget(m_lossCard);
    m_left->addWidget(m_shareCard);
    m_right->addWidget(m_domainsCard);
    m_right->addWidget(m_eventCard);
    m_columns->addWidget(m_left);
    m_columns->addWidget(m_right);
    for (QSplitter *splitter : {m_columns, m_left, m_right})
        splitter->setChildrenCollapsible(false);
    m_columns->setStretchFactor(0, 1);
    m_left->setStretchFactor(0, 2);
    m_left->setStretchFactor(1, 1);
    m_right->setStretchFactor(1, 1);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(look::kGap);
    column->addWidget(m_controls);
    column->addWidget(m_columns, 1);
}

void RunBoard::connectControls()
{
    m_tableTimer.setSingleShot(true);
    m_tableTimer.setInterval(kTableIntervalMs);
    connect(&m_tableTimer, &QTimer::timeout, m_domainsCard, &DomainsCard::refresh);
    connect(m_controls, &PlotControls::changed, this, &RunBoard::rebuildCurves);
    connect(m_controls, &PlotControls::followRequested, m_plots, &CrosshairGroup::follow);
    connect(m_controls, &PlotControls::tryRequested, this, &RunBoard::tryRequested);
    connect(m_plots, &CrosshairGroup::followingChanged, m_controls, &PlotControls::setFollowing);
    connect(m_plots, &CrosshairGroup::cursorChanged, this, &RunBoard::onCursorChanged);
    connect(m_plots, &CrosshairGroup::redrawn, this, &RunBoard::onRedrawn);
}

void RunBoard::setRun(std::shared_ptr<RunView> run)
{
    if (m_run)
        disconnect(m_run.get(), nullptr, this, nullptr);
    m_plots->setCursor(std::nullopt);
    // The plots let go of the old run's curves before these go.
    m_lossPlot->setCurves({});
    m_sharePlot->setSeries(nullptr, {}, {}, {});
    m_run = std::move(run);
    m_curves = m_run ? std::make_unique<RunCurves>(m_run) : nullptr;
    m_shares.setRun(m_run.get());
    m_domainsCard->setRun(m_run);
    m_eventModel->setRun(m_run);
    if (m_run)
        connectRun();
    rebuildCurves();
    updateRunText();
    onCursorChanged(std::nullopt);
    m_plots->follow();
}

void RunBoard::connectRun()
{
    RunView *run = m_run.get();
    connect(run, &RunView::pointsAppended, this, &RunBoard::takeNewPoints);
    connect(run, &RunView::eventsAppended, this, &RunBoard::updateMarks);
    connect(run, &RunView::recordChanged, this, &RunBoard::updateRunText);
    connect(run, &RunView::recordChanged, this, [this, known = run->record().bytesPerToken]() mutable {
        if (std::exchange(known, m_run->record().bytesPerToken) != m_run->record().bytesPerToken)
            rebuildCurves(); // they can be drawn in bits per byte from now on
    });
    connect(run, &RunView::reset, this, [this] { setRun(m_run); });
}

void RunBoard::rebuildCurves()
{
    if (!m_run)
        return;
    const XAxis axis = m_controls->axis();
    for (TimePlot *plot : std::initializer_list<TimePlot *>{m_lossPlot, m_sharePlot}) {
        plot->setXAxis(axis);
        plot->setFileName(
            QStringLiteral("%1 - %2").arg(QString::fromStdString(m_run->record().name), plot->accessibleName()));
    }
    m_curves->setSmoothing(m_controls->smoothing());
    m_curves->update();
    m_lossPlot->setUnit(m_controls->unit());
    m_lossPlot->setLogarithmic(m_controls->isLogarithmic());
    m_lossPlot->setCurves(m_curves->curves(axis));
    m_sharePlot->setSeries(&m_shares, domainNames(m_run->record()), domainColours(m_run->record()),
                           [run = m_run.get(), axis](std::uint64_t step) { return run->position(step, axis); });
    m_plots->setCursor(std::nullopt);
    updateMarks();
    takeNewPoints();
    m_plots->follow();
}

void RunBoard::takeNewPoints()
{
    m_curves->update();
    m_shares.update();
    const XAxis axis = m_controls->axis();
    const RunRecord &record = m_run->record();
    double least = 1;
    if (axis == XAxis::Step)
        least = kFirstSteps;
    else if (axis == XAxis::Tokens && record.numSteps > 0)
        least = kFirstSteps * double(record.tokenBudget) / double(record.numSteps);
    m_plots->setExtent(0, std::max(m_run->position(record.step, axis), least));
    m_plots->markDirty();
    if (!m_tableTimer.isActive())
        m_tableTimer.start();
}

void RunBoard::updateMarks()
{
    m_eventModel->refresh();
    const std::vector<PlotMark> marks = marksOf(*m_run, m_controls->axis());
    m_lossPlot->setMarks(marks);
    m_sharePlot->setMarks(marks);
    m_plots->markDirty();
}

void RunBoard::updateRunText()
{
    if (!m_run)
        return;
    const RunRecord &record = m_run->record();
    m_controls->setRunText(
        tr("run %1, %2, %3")
            .arg(QString::number(record.id), QString::fromStdString(record.policy), stateText(record.state).toLower()));
    m_controls->setTryObstacle(GenerationDialog::obstacle(record));
}

void RunBoard::onCursorChanged(std::optional<double> x)
{
    if (!m_run)
        return;
    const XAxis axis = m_controls->axis();
    std::optional<std::uint64_t> step;
    if (x)
        step = stepAt(*m_run, axis, *x);
    m_domainsCard->setStep(step);
    const QString where = step ? tr("step %1").arg(number::count(*step)) : QString();
    QString place = step ? tr("at %1").arg(where) : QString();
    if (step && axis == XAxis::Tokens)
        place = tr("at %1 tokens, %2").arg(axisText(*x, formatOf(axis)), where);
    else if (step && axis == XAxis::Seconds)
        place = tr("at %1, %2").arg(axisText(*x, formatOf(axis)), where);
    m_lossCard->setValue(place);
}

void RunBoard::onRedrawn()
{
    QString hint = tr("held-out solid, training faint");
    if (m_lossPlot->reduction() > 1)
        hint += tr(" (least and largest of %1 points)").arg(number::count(m_lossPlot->reduction()));
    if (m_lossPlot->clippedForLog())
        hint += tr(", values of 0 left out");
    m_lossCard->setHint(hint);
}

void RunBoard::saveLayout(Settings &settings) const
{
    settings.setLayout(QStringLiteral("train/columns"), m_columns->saveState());
    settings.setLayout(QStringLiteral("train/left"), m_left->saveState());
    settings.setLayout(QStringLiteral("train/right"), m_right->saveState());
    settings.setLayout(QStringLiteral("train/axis"), int(m_controls->axis()));
    settings.setLayout(QStringLiteral("train/unit"), int(m_controls->unit()));
    settings.setLayout(QStringLiteral("train/logarithmic"), m_controls->isLogarithmic());
    settings.setLayout(QStringLiteral("train/smoothing"), m_controls->smoothing());
}

void RunBoard::restoreLayout(const Settings &settings)
{
    const auto restore = [&](QSplitter *splitter, const QString &key, const QList<int> &sizes) {
        const QByteArray state = settings.layout(key).toByteArray();
        if (state.isEmpty() || !splitter->restoreState(state))
            splitter->setSizes(sizes);
    };
    restore(m_columns, QStringLiteral("train/columns"), {732, 416});
    restore(m_left, QStringLiteral("train/left"), {430, 190});
    restore(m_right, QStringLiteral("train/right"), {460, 172});
    const auto value = [&](const char *key, const QVariant &fallback) {
        return settings.layout(QLatin1String(key), fallback);
    };
    m_controls->setAxis(XAxis(value("train/axis", int(XAxis::Tokens)).toInt()));
    m_controls->setUnit(LossUnit(value("train/unit", int(LossUnit::Nats)).toInt()));
    m_controls->setLogarithmic(value("train/logarithmic", false).toBool());
    m_controls->setSmoothing(value("train/smoothing", 20.0).toDouble());
    rebuildCurves();
}

} // namespace krater
