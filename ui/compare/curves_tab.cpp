// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/curves_tab.h"

#include "app/run_table_model.h"
#include "app/settings.h"
#include "app/weighted_curve.h"
#include "ui/compare/run_list_model.h"
#include "ui/compare/run_selection.h"
#include "ui/plots/crosshair_group.h"
#include "ui/plots/curve_plot.h"
#include "ui/plots/smoothed_curve.h"
#include "ui/theme/number_format.h"
#include "ui/widgets/card.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/segmented_control.h"
#include "ui/widgets/wrap_layout.h"

#include <QComboBox>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace krater {
namespace {

constexpr int kLeastHeightWithHeading = 232;
const QString kAxisKey = QStringLiteral("compare/axis");
const QString kOnMixture =
    QStringLiteral(":mixture"); // no domain can have this name in the list: names have no colon in front

struct MetricChoice {
    const char *key;
    const char *title;
    bool perDomain;
    bool isLoss; // can be averaged on the fixed mixture
};
constexpr std::array<MetricChoice, 13> kMetrics{{
    {metric::kHeldOutLoss, QT_TRANSLATE_NOOP("krater::CurvesTab", "held-out loss"), true, true},
    {metric::kTrainingLoss, QT_TRANSLATE_NOOP("krater::CurvesTab", "training loss"), true, true},
    {metric::kImputedLoss, QT_TRANSLATE_NOOP("krater::CurvesTab", "imputed loss"), true, false},
    {metric::kLossGap, QT_TRANSLATE_NOOP("krater::CurvesTab", "held-out less training loss"), true, false},
    {metric::kTarget, QT_TRANSLATE_NOOP("krater::CurvesTab", "target share"), true, false},
    {metric::kObjective, QT_TRANSLATE_NOOP("krater::CurvesTab", "share in the loss"), true, false},
    {metric::kEffectiveDomains, QT_TRANSLATE_NOOP("krater::CurvesTab", "effective domains"), false, false},
    {metric::kRealised, QT_TRANSLATE_NOOP("krater::CurvesTab", "realised share"), true, false},
    {metric::kEpochs, QT_TRANSLATE_NOOP("krater::CurvesTab", "epochs"), true, false},
    {metric::kEpochWorth, QT_TRANSLATE_NOOP("krater::CurvesTab", "worth of its epochs"), true, false},
    {metric::kGradientNorm, QT_TRANSLATE_NOOP("krater::CurvesTab", "gradient norm"), false, false},
    {metric::kLearningRate, QT_TRANSLATE_NOOP("krater::CurvesTab", "learning rate"), false, false},
    {metric::kTokensPerSecond, QT_TRANSLATE_NOOP("krater::CurvesTab", "tokens per second"), false, false},
}};

const MetricChoice *choiceOf(const QString &key)
{
    const auto found = std::find_if(kMetrics.begin(), kMetrics.end(),
                                    [&](const MetricChoice &choice) { return key == QLatin1String(choice.key); });
    return found == kMetrics.end() ? nullptr : &*found;
}

bool isPerDomain(const QString &key)
{
    const MetricChoice *choice = choiceOf(key);
    return !choice || choice->perDomain; // policy terms are
}

int domainIndex(const RunView &run, const QString &name)
{
    const auto &domains = run.record().domains;
    const auto found = std::find(domains.begin(), domains.end(), name.toStdString());
    return found == domains.end() ? -1 : int(found - domains.begin());
}

} // namespace

// A run's curve with what is made of it.
struct CurvesTab::Line {
    std::shared_ptr<RunView> view;
    WeightedCurve weighted;
    DisplaySeries raw;
    SmoothedCurve smoothed;

    void update()
    {
        weighted.update();
        raw.update();
        smoothed.update();
    }
};

CurvesTab::CurvesTab(RunSelection &selection, RunTableModel &model, Settings &settings, QWidget *parent)
    : ComparisonTab(selection, parent)
    , m_model(model)
    , m_settings(settings)
    , m_header(new SectionHeader(tr("Held-out loss")))
    , m_metric(new QComboBox)
    , m_domain(new QComboBox)
    , m_smoothing(new QSpinBox)
    , m_axis(new SegmentedControl({tr("step"), tr("tokens"), tr("time")}))
    , m_stack(new QStackedWidget)
    , m_empty(new EmptyState(QStringLiteral("curves"), tr("No run is selected."),
                             tr("Select runs in the table above to lay their curves over each other.")))
    , m_plot(new CurvePlot(tr("Curves of the selected runs")))
    , m_group(new CrosshairGroup(this))
{
    createControls();
    m_group->add(m_plot);
    auto *frame = new QWidget;
    auto *inside = new QVBoxLayout(frame);
    inside->setContentsMargins(look::kGrid, 0, look::kGap, 0);
    inside->addWidget(m_plot);
    m_stack->addWidget(frame);
    m_stack->addWidget(m_empty);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(look::kGrid);
    column->addWidget(m_header);
    column->addWidget(makeControlRow());
    column->addWidget(m_stack, 1);
    connect(m_plot, &TimePlot::failed, this, &ComparisonTab::failed);
    connect(m_group, &CrosshairGroup::cursorChanged, this, &CurvesTab::showHeading);
    connect(&model, &RunTableModel::scoringChanged, this, [this] {
        if (isVisible())
            rebuildCurves();
    });
}

CurvesTab::~CurvesTab() = default;

QString CurvesTab::title() const
{
    return tr("Curves");
}

QWidget *CurvesTab::chart()
{
    return m_lines.empty() ? nullptr : m_plot;
}

QImage CurvesTab::picture(double scale)
{
    return m_plot->picture(scale);
}

bool CurvesTab::saveSvg(const QString &file)
{
    return m_plot->saveSvg(file);
}

void CurvesTab::createControls()
{
    for (const MetricChoice &choice : kMetrics)
        m_metric->addItem(tr(choice.title), QString::fromLatin1(choice.key));
    m_metric->setAccessibleName(tr("Metric"));
    m_domain->setAccessibleName(tr("Domain"));
    m_domain->addItem(tr("fixed mixture"), kOnMixture);
    m_smoothing->setAccessibleName(tr("Smoothing in points"));
    m_smoothing->setToolTip(tr("Moving average over this many points; the points themselves stay visible behind it."));
    m_smoothing->setRange(1, 1000);
    m_smoothing->setSpecialValueText(tr("off"));
    m_axis->setAccessibleName(tr("Horizontal axis"));
    m_axis->setCurrent(std::clamp(m_settings.layout(kAxisKey, 1).toInt(), 0, 2));
    connect(m_metric, &QComboBox::currentIndexChanged, this, [this] {
        listDomains();
        rebuildCurves();
    });
    connect(m_domain, &QComboBox::currentIndexChanged, this, &CurvesTab::rebuildCurves);
    connect(m_smoothing, &QSpinBox::valueChanged, this, &CurvesTab::rebuildCurves);
    connect(m_axis, &SegmentedControl::activated, this, [this](int axis) {
        m_settings.setLayout(kAxisKey, axis);
        m_group->follow();
        rebuildCurves();
    });
}

QWidget *CurvesTab::makeControlRow()
{
    auto *controls = new QWidget;
    auto *row = new WrapLayout(controls);
    row->setContentsMargins(look::kGap, 0, look::kGap, 0);
    row->addCaptioned(tr("&metric"), m_metric);
    row->addCaptioned(tr("of &domain"), m_domain);
    row->addCaptioned(tr("smoot&hing"), m_smoothing);
    row->beginEndGroup();
    row->addCaptioned(tr("&x"), m_axis);
    return controls;
}

// The controls say what the heading does: on a low window the plot gets its room.
void CurvesTab::resizeEvent(QResizeEvent *event)
{
    ComparisonTab::resizeEvent(event);
    const bool room = height() >= kLeastHeightWithHeading;
    m_header->setVisible(room);
    layout()->setContentsMargins(0, room ? 0 : look::kGap - look::kGrid, 0, 0);
}

QString CurvesTab::metricKey() const
{
    return m_metric->currentData().toString();
}

XAxis CurvesTab::axis() const
{
    return std::array{XAxis::Step, XAxis::Tokens, XAxis::Seconds}[std::size_t(std::max(0, m_axis->current()))];
}

void CurvesTab::showRuns()
{
    listMetrics();
    listDomains();
    rebuildCurves();
}

// The policies' terms of the selected runs follow the fixed list.
void CurvesTab::listMetrics()
{
    QStringList terms;
    for (const ShownRun &run : selection().runs())
        terms << run.view->policyTerms();
    terms.removeDuplicates();
    QStringList listed;
    for (int item = int(kMetrics.size()); item < m_metric->count(); ++item)
        listed << m_metric->itemText(item);
    if (listed == terms)
        return;
    const QSignalBlocker blocker(m_metric);
    const QString current = metricKey();
    while (m_metric->count() > int(kMetrics.size()))
        m_metric->removeItem(int(kMetrics.size()));
    for (const QString &term : std::as_const(terms))
        m_metric->addItem(term, QString::fromLatin1(metric::kPolicyPrefix) + term);
    m_metric->setCurrentIndex(std::max(0, m_metric->findData(current)));
}

void CurvesTab::listDomains()
{
    const QSignalBlocker blocker(m_domain);
    const QString current = m_domain->currentData().toString();
    const MetricChoice *choice = choiceOf(metricKey());
    m_domain->clear();
    if (choice && choice->isLoss)
        m_domain->addItem(tr("%1 mixture").arg(scoreMixtureName(m_model.scoreMixture())), kOnMixture);
    QStringList domains;
    for (const ShownRun &run : selection().runs())
        for (const std::string &domain : run.view->record().domains)
            domains << QString::fromStdString(domain);
    domains.removeDuplicates();
    if (isPerDomain(metricKey()))
        for (const QString &domain : std::as_const(domains))
            m_domain->addItem(domain, domain);
    m_domain->setCurrentIndex(std::max(0, m_domain->findData(current)));
    m_domain->setEnabled(m_domain->count() > 0);
}

std::unique_ptr<CurvesTab::Line> CurvesTab::makeLine(std::size_t run) const
{
    auto line = std::make_unique<Line>();
    line->view = selection().runs()[run].view;
    const QString domain = m_domain->currentData().toString();
    const Curve *source = nullptr;
    if (domain == kOnMixture) {
        line->weighted.setSource(line->view.get(), metricKey(), m_model.weights());
        source = &line->weighted.curve();
    } else {
        const int index = isPerDomain(metricKey()) ? domainIndex(*line->view, domain) : -1;
        if (index >= 0 || !isPerDomain(metricKey()))
            source = &line->view->curve(metricKey(), index);
    }
    line->raw.setSource(source);
    line->smoothed.setSource(source);
    line->smoothed.setSpan(m_smoothing->value());
    line->update();
    return line;
}

void CurvesTab::rebuildCurves()
{
    for (const auto &line : m_lines)
        line->view->disconnect(this);
    std::vector<std::unique_ptr<Line>> lines;
    std::vector<PlotCurve> curves;
    const XAxis along = axis();
    const bool smooth = m_smoothing->value() > 1;
    for (std::size_t run = 0; run < selection().runs().size(); ++run) {
        const ShownRun &shown = selection().runs()[run];
        lines.push_back(makeLine(run));
        Line *line = lines.back().get();
        const auto position = [view = line->view, along](std::uint64_t step) { return view->position(step, along); };
        const QColor colour = shown.colour(Theme::of(this));
        if (smooth)
            curves.push_back({shown.name(), colour, CurveRole::Raw, &line->raw, position});
        curves.push_back(
            {shown.name(), colour, CurveRole::Main, smooth ? &line->smoothed.series() : &line->raw, position});
        connect(line->view.get(), &RunView::pointsAppended, this, &CurvesTab::extend);
        connect(line->view.get(), &RunView::reset, this, &CurvesTab::rebuildCurves, Qt::QueuedConnection);
    }
    m_plot->setXAxis(along);
    m_plot->setDecimals(3);
    m_plot->setCurves(std::move(curves));
    m_plot->setFileName(m_metric->currentText()
                        + (m_domain->count() > 0 ? QLatin1Char(' ') + m_domain->currentText() : QString()));
    m_lines = std::move(lines); // what the old curves pointed to
    m_stack->setCurrentIndex(m_lines.empty() ? 1 : 0);
    showHeading();
    updateExtent();
    m_group->redrawNow();
}

void CurvesTab::extend()
{
    for (const auto &line : m_lines)
        line->update();
    listMetrics();
    updateExtent();
    m_group->markDirty();
}

void CurvesTab::updateExtent()
{
    double end = 0;
    for (const auto &line : m_lines)
        end = std::max(end, line->view->position(line->view->record().step, axis()));
    m_group->setExtent(0, end > 0 ? end : 1);
}

void CurvesTab::showHeading()
{
    const MetricChoice *choice = choiceOf(metricKey());
    const bool isLoss = choice && choice->isLoss;
    QString heading = m_metric->currentText();
    if (m_domain->count() > 0)
        heading = m_domain->currentData() == kOnMixture ? tr("%1 on the %2").arg(heading, m_domain->currentText())
                                                        : tr("%1 of %2").arg(heading, m_domain->currentText());
    if (!heading.isEmpty())
        heading[0] = heading[0].toUpper();
    m_header->setHeading(heading);
    const std::size_t numLeftOut =
        selection().numSelected() > RunSelection::kMaxShown ? selection().numSelected() - RunSelection::kMaxShown : 0;
    QString hint = isLoss ? tr("nats per token; lower is better") : QString();
    if (numLeftOut > 0)
        hint = tr("the first %1 of %2 selected runs are drawn")
                   .arg(RunSelection::kMaxShown)
                   .arg(selection().numSelected());
    m_header->setHint(hint);
    const std::optional<double> cursor = m_group->cursor();
    m_header->setValue(cursor ? m_plot->tickText(*cursor) : QString());
}

} // namespace krater
