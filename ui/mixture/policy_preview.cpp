// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/mixture/policy_preview.h"

#include "app/run_library.h"
#include "core/base/error.h"
#include "core/config/graph_file.h"
#include "core/mixture/policy_registry.h"
#include "ui/mixture/share_shift.h"
#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/widgets/colour_swatch.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/mixture_bar.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QLabel>
#include <QSignalBlocker>

#include <algorithm>
#include <cmath>
#include <limits>

namespace krater {

namespace {

enum Column { kSwatch, kName, kLoss, kBar, kShare, kChange };

constexpr double kRoom = 1.15; // of a bar, beyond the largest share
constexpr double kMaxLoss = 100; // nats/token
constexpr double kFirstLoss = 2; // of rows that nobody has typed into

PolicyContext contextOf(const Experiment &experiment, const std::vector<double> &tokens)
{
    PolicyContext context;
    context.domains = experiment.domainNames();
    context.tokens = tokens;
    context.tokenBudget = experiment.training.tokenBudget;
    context.numSteps = experiment.numSteps();
    return context;
}

// One update on either signal: whichever the policy listens to.
std::optional<Mixture> updated(MixturePolicy &policy, PolicyInput input)
{
    for (const auto signal : {PolicyInput::Signal::HeldOut, PolicyInput::Signal::Training}) {
        input.signal = signal;
        if (auto mixture = policy.update(input))
            return mixture;
    }
    return std::nullopt;
}

} // namespace

PolicyPreview::PolicyPreview(RunLibrary &library, QWidget *parent)
    : Card(tr("What would it do?"), tr("one update on these losses; the mark is the share before"), parent)
    , m_library(library)
    , m_source(new QComboBox)
    , m_bar(new MixtureBar)
    , m_grid(new QGridLayout)
    , m_problem(new QLabel)
{
    m_source->setObjectName(QStringLiteral("previewSource"));
    m_source->setAccessibleName(tr("Losses from"));
    m_source->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_source->setMinimumContentsLength(12);
    addToHeader(m_source);
    m_problem->setWordWrap(true);
    m_problem->hide();
    m_grid->setVerticalSpacing(look::kGrid);
    m_grid->setHorizontalSpacing(8);
    add(m_bar);
    add(m_problem);
    body()->addLayout(m_grid);
    body()->addStretch(1);
    connect(m_source, &QComboBox::activated, this, &PolicyPreview::takeLosses);
    connect(&m_library, &RunLibrary::runsChanged, this, &PolicyPreview::listRuns);
}

void PolicyPreview::setExperiment(const Experiment &experiment, const std::vector<double> &tokens,
                                  const std::vector<QColor> &colours)
{
    const bool sameDomains = experiment.domainNames() == m_experiment.domainNames();
    m_experiment = experiment;
    m_tokens = tokens;
    m_colours = colours;
    if (!sameDomains) {
        rebuildRows();
        listRuns();
    }
    compute();
}

void PolicyPreview::rebuildRows()
{
    while (QLayoutItem *item = m_grid->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_rows.clear();
    for (const std::string &name : m_experiment.domainNames()) {
        m_rows.push_back(createRow(QString::fromStdString(name)));
        addRow(m_rows.back());
    }
    m_grid->setColumnStretch(kBar, 1);
}

PolicyPreview::Row PolicyPreview::createRow(const QString &domain)
{
    Row row;
    row.swatch = new ColourSwatch;
    row.name = new ElidedLabel(domain);
    row.loss = new QDoubleSpinBox;
    row.loss->setObjectName(QStringLiteral("loss-") + domain);
    row.loss->setAccessibleName(tr("Loss of %1, nats per token").arg(domain));
    row.loss->setToolTip(tr("nats per token"));
    row.loss->setRange(0, kMaxLoss);
    row.loss->setDecimals(3);
    row.loss->setSingleStep(0.1);
    row.loss->setValue(kFirstLoss);
    row.loss->setButtonSymbols(QAbstractSpinBox::NoButtons);
    row.loss->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    row.loss->setFixedWidth(fontMetrics().horizontalAdvance(QStringLiteral("00.000")) + 24);
    row.bar = new ShareShift;
    for (ElidedLabel **figure : {&row.share, &row.change}) {
        *figure = new ElidedLabel;
        (*figure)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
        (*figure)->setShrinks(false);
    }
    row.share->setReservedText(QStringLiteral("100.0 %"));
    row.change->setReservedText(QStringLiteral("−100.0"));
    row.change->setHelp(tr("Change of the share in percentage points"));
    return row;
}

void PolicyPreview::addRow(const Row &row)
{
    const int line = m_grid->rowCount();
    m_grid->addWidget(row.swatch, line, kSwatch, Qt::AlignVCenter);
    m_grid->addWidget(row.name, line, kName);
    m_grid->addWidget(row.loss, line, kLoss);
    m_grid->addWidget(row.bar, line, kBar);
    m_grid->addWidget(row.share, line, kShare);
    m_grid->addWidget(row.change, line, kChange);
    connect(row.loss, &QDoubleSpinBox::valueChanged, this, [this] {
        m_source->setCurrentIndex(0);
        compute();
    });
}

void PolicyPreview::listRuns()
{
    const QVariant chosen = m_source->currentData();
    m_source->clear();
    m_source->addItem(tr("typed losses"), qint64(0));
    constexpr int kMostRuns = 50;
    for (const RunRecord &run : m_library.runs())
        if (run.domains == m_experiment.domainNames() && m_source->count() <= kMostRuns)
            m_source->addItem(tr("run %1, %2").arg(run.id).arg(QString::fromStdString(run.name)), qint64(run.id));
    m_source->setCurrentIndex(std::max(0, m_source->findData(chosen)));
}

void PolicyPreview::takeLosses()
{
    const RunId run = m_source->currentData().toLongLong();
    if (run == 0)
        return;
    const std::vector<double> losses = m_library.lastValues(run, QString::fromLatin1(metric::kHeldOutLoss));
    for (std::size_t k = 0; k < m_rows.size() && k < losses.size(); ++k) {
        const QSignalBlocker blocker(m_rows[k].loss);
        if (std::isfinite(losses[k]))
            m_rows[k].loss->setValue(losses[k]);
    }
    compute();
}

void PolicyPreview::compute()
{
    m_shares.clear();
    std::vector<double> before;
    m_problem->hide();
    try {
        const auto policy = createPolicy(m_experiment.mixture.policy, contextOf(m_experiment, m_tokens),
                                         withGraphsRead(m_experiment).mixture.parameters);
        PolicyInput input;
        input.step = 0; // a multiple of any interval
        input.tokensDone = m_experiment.training.tokenBudget;
        for (const Row &row : m_rows)
            input.losses.push_back(row.loss->value());
        input.present.assign(m_rows.size(), true);
        input.tokens.assign(m_rows.size(), double(m_experiment.tokensPerStep()));
        const Mixture initial = policy->initial();
        before.assign(initial.weights().begin(), initial.weights().end());
        const Mixture weights = updated(*policy, input).value_or(initial);
        m_shares.assign(weights.weights().begin(), weights.weights().end());
        showNotes(*policy);
    } catch (const Error &error) {
        m_problem->setText(QString::fromStdString(error.what()));
        m_problem->show();
    }
    showShares(before);
}

// What the policy warns of, and what losses alone cannot show.
void PolicyPreview::showNotes(const MixturePolicy &policy)
{
    QStringList notes;
    const bool tokensKnown = std::ranges::all_of(m_tokens, [](double tokens) { return tokens > 0; });
    if (tokensKnown && m_tokens.size() == m_rows.size())
        for (const std::string &warning : policy.warnings())
            notes << QString::fromStdString(warning);
    if (const PolicyInfo *info = findPolicy(m_experiment.mixture.policy); info->needs != PolicyNeeds::Losses)
        notes << tr("%1 weighs the loss of every batch instead of drawing by another mixture: what it finds shows in the run alone.")
                     .arg(QString::fromStdString(info->label));
    m_problem->setText(notes.join(QLatin1Char('\n')));
    m_problem->setVisible(!notes.isEmpty());
}

void PolicyPreview::showShares(const std::vector<double> &before)
{
    constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
    double largest = 0;
    for (const std::vector<double> &shares : {before, m_shares})
        for (const double share : shares)
            largest = std::max(largest, share);
    QStringList names;
    for (std::size_t k = 0; k < m_rows.size(); ++k) {
        const Row &row = m_rows[k];
        const double was = k < before.size() ? before[k] : kUnknown;
        const double is = k < m_shares.size() ? m_shares[k] : kUnknown;
        names << QString::fromStdString(m_experiment.domains[k].name);
        row.swatch->setColour(m_colours[k]);
        row.bar->setShares(was, is, kRoom * largest, m_colours[k]);
        row.share->setText(number::percent(is));
        row.change->setText(number::change(100 * (is - was), 1));
        row.change->setTone(Tone::Muted);
    }
    m_bar->setVisible(!m_shares.empty());
    if (!m_shares.empty())
        m_bar->setMixture(m_shares, m_colours, names);
}

} // namespace krater
