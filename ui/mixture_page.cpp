// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/mixture_page.h"

#include "core/base/error.h"
#include "core/mixture/mixture_design.h"
#include "core/mixture/policy_registry.h"
#include "ui/edit_command.h"
#include "ui/mixture/baseline_choice.h"
#include "ui/mixture/meaning_card.h"
#include "ui/mixture/policy_card.h"
#include "ui/mixture/policy_preview.h"
#include "ui/theme/domain_colours.h"
#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/card.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/segmented_control.h"
#include "ui/widgets/wrap_layout.h"

#include <QAction>
#include <QClipboard>
#include <QDoubleSpinBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QMenu>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QStackedWidget>

#include <algorithm>
#include <cmath>
#include <limits>

namespace krater {

namespace {

constexpr int kRightWidth = 372;
constexpr int kLeastRightWidth = 324;
constexpr double kMaxTemperature = 100;

QScrollArea *scrolling(QWidget *content)
{
    auto *area = new QScrollArea;
    area->setWidget(content);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFocusPolicy(Qt::NoFocus);
    area->viewport()->setAutoFillBackground(false);
    content->setAutoFillBackground(false);
    return area;
}

// Cards below each other, of which one takes the height to spare.
QWidget *columnOf(std::initializer_list<QWidget *> cards, int stretched)
{
    auto *widget = new QWidget;
    auto *column = new QVBoxLayout(widget);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(look::kGap);
    for (QWidget *card : cards)
        column->addWidget(card);
    column->setStretch(stretched, 1);
    return widget;
}

QString asText(const Mixture &mixture, const std::vector<std::string> &domains)
{
    QString text;
    for (std::size_t k = 0; k < domains.size(); ++k)
        text += QStringLiteral("\"%1\" = %2\n").arg(QString::fromStdString(domains[k])).arg(mixture[k], 0, 'g', 17);
    return text;
}

} // namespace

MixturePage::MixturePage(Workspace &workspace, QUndoStack &undoStack, QWidget *parent)
    : Page(workspace, undoStack, parent)
{
    QVBoxLayout *column = makeColumn();
    m_runStrip = new MessageBar;
    m_runStrip->hide();
    createToolRow(column);
    column->addWidget(m_runStrip);
    createCards(column);
    connectWorkspace();
    refresh();
    showRunStrip();
}

QString MixturePage::title() const
{
    return tr("Mixture");
}

void MixturePage::createToolRow(QVBoxLayout *column)
{
    createPresets();
    m_fromRun = new Button(tr("From run…"));
    auto *pasteButton = new Button(tr("Paste"), QStringLiteral("paste"));
    pasteButton->setToolTip(tr("A mixture as JSON, TOML or CSV from the clipboard"));
    auto *copyButton = new Button(tr("Copy"), QStringLiteral("copy"));
    copyButton->setToolTip(tr("The mixture as TOML to the clipboard"));
    m_units = new SegmentedControl({tr("%"), tr("tokens"), tr("epochs")});
    m_units->setCurrent(0);
    m_baseline = new BaselineChoice(workspace().library);

    auto *row = new WrapLayout;
    for (QWidget *widget :
         std::initializer_list<QWidget *>{m_presets, m_temperature, m_fromRun, pasteButton, copyButton})
        row->addWidget(widget);
    row->beginEndGroup();
    row->addCaptioned(tr("sho&wn as"), m_units);
    row->addCaptioned(tr("&baseline"), m_baseline);
    column->addLayout(row);

    connect(m_fromRun, &Button::clicked, this, &MixturePage::showRunMenu);
    connect(pasteButton, &Button::clicked, this, &MixturePage::paste);
    connect(copyButton, &Button::clicked, this, &MixturePage::copy);
    connect(m_units, &SegmentedControl::activated, this,
            [this](int unit) { m_editor->setUnit(MixtureEditor::Unit(unit)); });
    connect(m_baseline, &BaselineChoice::mixtureChanged, this, &MixturePage::refresh);
}

void MixturePage::createPresets()
{
    m_presets = new SegmentedControl({tr("Natural"), tr("Uniform"), tr("Temperature")});
    m_presets->setObjectName(QStringLiteral("presets"));
    m_temperature = new QDoubleSpinBox;
    m_temperature->setObjectName(QStringLiteral("temperaturePreset"));
    m_temperature->setAccessibleName(tr("Temperature of the preset"));
    m_temperature->setToolTip(tr("p ∝ n^(1/T): 1 is natural, large is uniform"));
    m_temperature->setRange(0.1, kMaxTemperature);
    m_temperature->setSingleStep(0.25);
    m_temperature->setValue(2);
    m_temperature->setKeyboardTracking(false);
    connect(m_presets, &SegmentedControl::activated, this, &MixturePage::choosePreset);
    connect(m_temperature, &QDoubleSpinBox::valueChanged, this,
            [this] { choosePreset(int(MixtureDesign::Preset::Temperature)); });
}

void MixturePage::createCards(QVBoxLayout *column)
{
    auto *cards = new QWidget;
    auto *row = new QHBoxLayout(cards);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(look::kGap);
    row->addWidget(createLeftColumn(), 1);
    row->addWidget(createRightColumn());
    // On a low window the page scrolls; no card gives up what it shows.
    column->addWidget(scrolling(cards), 1);

    connect(m_editor, &MixtureEditor::mixtureEdited, this, [this](const Mixture &mixture, int gesture) {
        edit(tr("change the mixture"), MixtureDesign(experiment(), tokens()).withMixture(mixture), gesture);
    });
    connect(m_policy, &PolicyCard::experimentEdited, this,
            [this](const Experiment &changed, const QString &what) { edit(what, changed); });
}

QWidget *MixturePage::createLeftColumn()
{
    m_editor = new MixtureEditor;
    m_noMixture = new EmptyState(QStringLiteral("mixture"), tr("No mixture yet."));
    connect(m_noMixture->addButton(tr("Go to Domains"), QStringLiteral("domains")), &Button::clicked, this,
            [this] { emit pageRequested(Id::Domains); });
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_editor);
    m_stack->addWidget(m_noMixture);
    m_editorCard = new Card(tr("Mixture"), tr("sums to 100 %; the ghost mark is the baseline"));
    m_editorCard->setValue(tr("drag, arrow keys, or type"));
    m_editorCard->add(m_stack, 1);
    m_preview = new PolicyPreview(workspace().library);
    return columnOf({m_editorCard, m_preview}, 0);
}

QWidget *MixturePage::createRightColumn()
{
    m_policy = new PolicyCard;
    m_meaning = new MeaningCard;
    QWidget *right = columnOf({m_policy, m_meaning}, 0);
    right->setMinimumWidth(kLeastRightWidth);
    right->setMaximumWidth(kRightWidth);
    right->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    return right;
}

void MixturePage::connectWorkspace()
{
    connect(&workspace().document, &ExperimentDocument::changed, this, &MixturePage::refresh);
    connect(&workspace().scanner, &CorpusScanner::finished, this, &MixturePage::refresh);
    connect(&workspace().library, &RunLibrary::runsChanged, this, &MixturePage::offerRuns);
    connect(&workspace().session, &TrainingSession::stateChanged, this, &MixturePage::showRunStrip);
    connect(m_runStrip, &MessageBar::dismissed, m_runStrip, &QWidget::hide);
}

std::vector<double> MixturePage::tokens() const
{
    std::vector<double> tokens(experiment().domains.size(), 0.0);
    const auto report = workspace().scanner.report();
    for (std::size_t k = 0; report && k < tokens.size(); ++k) {
        const auto found = std::ranges::find(report->domains, experiment().domains[k].name, &DomainReport::name);
        if (found != report->domains.end())
            tokens[k] = found->tokens;
    }
    return tokens;
}

void MixturePage::refresh()
{
    const MixtureDesign design(experiment(), tokens());
    m_presets->setCurrent(design.preset() ? int(*design.preset()) : -1);
    const QString uncounted = tr("Needs the tokens of every domain: scan the corpus on the Domains page.");
    for (const auto preset : {MixtureDesign::Preset::Natural, MixtureDesign::Preset::Temperature})
        m_presets->setSegmentEnabled(int(preset), design.tokensKnown(), design.tokensKnown() ? QString() : uncounted);
    m_temperature->setEnabled(design.tokensKnown());
    if (design.preset() == MixtureDesign::Preset::Temperature && !m_temperature->hasFocus()) {
        const QSignalBlocker blocker(m_temperature);
        m_temperature->setValue(design.temperature());
    }
    m_baseline->setDomains(experiment().domainNames(), tokens());
    offerRuns();
    describeEditor(design);
    showDesign(design);
    m_meaning->setDesign(design, experiment(), tokens());
    m_policy->setExperiment(experiment(), tokens());
    const PolicyInfo *policy = findPolicy(experiment().mixture.policy);
    m_preview->setVisible(policy && policy->adaptive);
    if (policy && policy->adaptive)
        m_preview->setExperiment(experiment(), tokens(), domainColours(experiment()));
}

// What the bars set, and what the ghost marks are.
void MixturePage::describeEditor(const MixtureDesign &design)
{
    const bool isPrior = design.priorParameter() == "prior";
    QString what = isPrior ? tr("the prior that the policy starts from") : tr("sums to 100 %");
    if (design.editsPrior() && !isPrior) {
        const PolicyInfo &policy = *findPolicy(experiment().mixture.policy);
        const auto spec = std::ranges::find(policy.parameters, design.priorParameter(), &ParamSpec::name);
        what = tr("the policy's “%1”").arg(QString::fromStdString(spec->label));
    }
    const QString problem = m_baseline->problem();
    m_baseline->setToolTip(problem);
    m_editorCard->setHeading(isPrior ? tr("Starting mixture") : tr("Mixture"));
    m_editorCard->setHint(problem.isEmpty() ? tr("%1; the ghost mark is the baseline").arg(what)
                                            : tr("%1; %2").arg(problem, what));
}

void MixturePage::showDesign(const MixtureDesign &design)
{
    m_stack->setCurrentIndex(design.mixture() ? 0 : 1);
    if (!design.mixture()) {
        m_noMixture->setSentence(experiment().domains.empty() ? tr("No domains, no mixture.")
                                                              : tr("This mixture cannot be shown yet."));
        m_noMixture->setDetail(QString::fromStdString(design.problem()));
        return;
    }
    m_editor->setMixture(*design.mixture(), rowsOf(design), double(experiment().training.tokenBudget));
}

std::vector<MixtureEditor::Row> MixturePage::rowsOf(const MixtureDesign &design) const
{
    const std::vector<QColor> colours = domainColours(experiment());
    const std::vector<double> available = tokens();
    const std::vector<double> epochs = design.epochs();
    const std::optional<Mixture> ghost = m_baseline->mixture();
    std::vector<MixtureEditor::Row> rows;
    for (std::size_t k = 0; k < colours.size(); ++k)
        rows.push_back({QString::fromStdString(experiment().domains[k].name), colours[k], available[k], epochs[k],
                        ghost ? (*ghost)[k] : std::numeric_limits<double>::quiet_NaN()});
    return rows;
}

void MixturePage::offerRuns()
{
    m_fromRun->setEnabled(!m_baseline->runs().empty());
    m_fromRun->setToolTip(m_fromRun->isEnabled() ? tr("The final or mean mixture of a saved run")
                                                 : tr("No saved run has these domains yet"));
}

void MixturePage::choosePreset(int segment)
{
    const auto preset = MixtureDesign::Preset(segment);
    const MixtureDesign design(experiment(), tokens());
    if (preset == MixtureDesign::Preset::Temperature && !design.tokensKnown())
        return;
    edit(tr("choose a preset"), design.withPreset(preset, m_temperature->value()));
    refresh();
}

void MixturePage::showRunMenu()
{
    QMenu menu(this);
    for (const BaselineChoice::Run &choice : m_baseline->runs()) {
        QMenu *sub = menu.addMenu(choice.text);
        connect(sub->addAction(tr("Final mixture")), &QAction::triggered, this,
                [this, run = choice.id] { setFromRun(run, false); });
        connect(sub->addAction(tr("Mean mixture")), &QAction::triggered, this,
                [this, run = choice.id] { setFromRun(run, true); });
    }
    menu.exec(m_fromRun->mapToGlobal(QPoint(0, m_fromRun->height())));
}

void MixturePage::setFromRun(RunId run, bool mean)
{
    const StageResult mixtures = workspace().library.mixtures(run);
    const std::vector<double> &shares = mean ? mixtures.averageMixture : mixtures.finalMixture;
    try {
        edit(tr("use the mixture of run %1").arg(run),
             MixtureDesign(experiment(), tokens()).withMixture(Mixture::fromWeights(shares)));
    } catch (const Error &) {
        emit failed(tr("Run %1 has no mixture yet.").arg(run), tr("Its first evaluation has not been stored."));
    }
}

void MixturePage::paste()
{
    try {
        const Mixture mixture =
            parseMixture(QGuiApplication::clipboard()->text().toStdString(), experiment().domainNames());
        edit(tr("paste a mixture"), MixtureDesign(experiment(), tokens()).withMixture(mixture));
    } catch (const Error &error) {
        emit failed(tr("The clipboard holds no mixture: %1").arg(QString::fromStdString(error.what())),
                    QString::fromStdString(error.advice()));
    }
}

void MixturePage::copy()
{
    const MixtureDesign design(experiment(), tokens());
    if (design.mixture())
        QGuiApplication::clipboard()->setText(asText(*design.mixture(), experiment().domainNames()));
}

// While a run is trained the page still designs the next one; the mixture can be given to the running one too.
void MixturePage::showRunStrip()
{
    const TrainingSession &session = workspace().session;
    const bool canEdit =
        session.isActive() && (session.state() == RunState::Running || session.state() == RunState::Paused);
    if (!canEdit) {
        m_runStrip->hide();
        return;
    }
    if (m_runStrip->isVisible())
        return;
    m_runStrip->show(MessageBar::Kind::Info, tr("A run is being trained; what you change here is for the next one."));
    connect(m_runStrip->addAction(tr("Apply the mixture to the running one")), &Button::clicked, this,
            &MixturePage::applyToRun);
}

void MixturePage::applyToRun()
{
    const MixtureDesign design(experiment(), tokens());
    const auto view = workspace().session.view();
    if (!design.mixture() || !view)
        return;
    if (view->record().domains != experiment().domainNames())
        emit failed(tr("The running experiment has other domains."), tr("Open its experiment to edit its mixture."));
    else
        workspace().session.editMixture(*design.mixture());
}

} // namespace krater
