// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/mixture/policy_preview.h"

#include "app/run_library.h"
#include "core/base/error.h"
#include "core/mixture/policy_registry.h"
#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/mixture_bar.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QLabel>
#include <QSignalBlocker>

#include <cmath>

namespace krater {

namespace {

constexpr int kDomainsPerRow = 2;
constexpr int kColumnsPerDomain = 4; // name, loss, share, gap
constexpr double kMaxLoss = 100;     // nats/token
constexpr double kFirstLoss = 2;     // of rows that nobody has typed into

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
    : Card(tr("What would it do?"), {}, parent)
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
        Row row;
        row.name = new ElidedLabel(QString::fromStdString(name));
        row.loss = new QDoubleSpinBox;
        row.loss->setObjectName(QStringLiteral("loss-") + QString::fromStdString(name));
        row.loss->setAccessibleName(tr("Loss of %1, nats per token").arg(QString::fromStdString(name)));
        row.loss->setToolTip(tr("nats per token"));
        row.loss->setRange(0, kMaxLoss);
        row.loss->setDecimals(3);
        row.loss->setSingleStep(0.1);
        row.loss->setValue(kFirstLoss);
        row.loss->setButtonSymbols(QAbstractSpinBox::NoButtons);
        row.loss->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        row.loss->setFixedWidth(64);
        row.share = new ElidedLabel;
        row.share->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
        row.share->setReservedText(QStringLiteral("100.0 %"));
        const int index = int(m_rows.size());
        const int column = index % kDomainsPerRow * kColumnsPerDomain;
        m_grid->addWidget(row.name, index / kDomainsPerRow, column);
        m_grid->addWidget(row.loss, index / kDomainsPerRow, column + 1);
        m_grid->addWidget(row.share, index / kDomainsPerRow, column + 2);
        m_grid->setColumnStretch(column, 1);
        m_grid->setColumnMinimumWidth(column + 3, column == 0 ? look::kGap : 0);
        connect(row.loss, &QDoubleSpinBox::valueChanged, this, [this] {
            m_source->setCurrentIndex(0);
            compute();
        });
        m_rows.push_back(row);
    }
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
    m_problem->hide();
    try {
        const auto policy = createPolicy(m_experiment.mixture.policy, contextOf(m_experiment, m_tokens),
                                         m_experiment.mixture.parameters);
        PolicyInput input;
        input.step = 0; // a multiple of any interval
        input.tokensDone = m_experiment.training.tokenBudget;
        for (const Row &row : m_rows)
            input.losses.push_back(row.loss->value());
        input.present.assign(m_rows.size(), true);
        input.tokens.assign(m_rows.size(), double(m_experiment.tokensPerStep()));
        const auto mixture = updated(*policy, input);
        const auto weights = mixture ? *mixture : policy->initial();
        m_shares.assign(weights.weights().begin(), weights.weights().end());
    } catch (const Error &error) {
        m_problem->setText(QString::fromStdString(error.what()));
        m_problem->show();
    }
    QStringList names;
    for (std::size_t k = 0; k < m_rows.size(); ++k) {
        names << QString::fromStdString(m_experiment.domains[k].name);
        m_rows[k].share->setText(k < m_shares.size() ? number::percent(m_shares[k]) : QStringLiteral("–"));
    }
    m_bar->setVisible(!m_shares.empty());
    if (!m_shares.empty())
        m_bar->setMixture(m_shares, m_colours, names);
}

} // namespace krater
