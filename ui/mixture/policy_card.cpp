// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/mixture/policy_card.h"

#include "core/mixture/mixture_design.h"
#include "core/mixture/policy_registry.h"
#include "core/train/policy_cost.h"
#include "ui/param_form.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>

namespace krater {

namespace {

QLabel *wrappedLabel(QPalette::ColorRole role)
{
    auto *label = new QLabel;
    label->setWordWrap(true);
    label->setForegroundRole(role);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

} // namespace

PolicyCard::PolicyCard(QWidget *parent)
    : Card(tr("Policy"), {}, parent)
    , m_policy(new QComboBox)
    , m_summary(wrappedLabel(QPalette::PlaceholderText))
    , m_formula(wrappedLabel(QPalette::WindowText))
    , m_cost(wrappedLabel(QPalette::PlaceholderText))
    , m_form(new ParamForm)
    , m_batching(new QComboBox)

{
    createControls();
    connect(m_policy, &QComboBox::activated, this, &PolicyCard::choosePolicy);
    connect(m_batching, &QComboBox::activated, this, &PolicyCard::chooseBatching);
    connect(m_form, &ParamForm::valueEdited, this, [this](const std::string &name, const ParameterValue &value) {
        Experiment changed = m_experiment;
        changed.mixture.parameters[name] = value;
        emit experimentEdited(changed, tr("change %1").arg(QString::fromStdString(name)));
    });
}

void PolicyCard::createControls()
{
    m_policy->setObjectName(QStringLiteral("policy"));
    m_policy->setAccessibleName(tr("Policy"));
    for (const PolicyInfo &info : policies()) {
        m_policy->addItem(QString::fromStdString(info.label), QString::fromStdString(info.name));
        m_policy->setItemData(m_policy->count() - 1, QString::fromStdString(info.summary), Qt::ToolTipRole);
    }
    addToHeader(m_policy);

    m_batching->setObjectName(QStringLiteral("batching"));
    m_batching->setAccessibleName(tr("Batching"));
    m_batching->addItem(tr("random"), int(MixtureConfig::Batching::Random));
    m_batching->setItemData(0, tr("Each sequence's domain is drawn by the mixture; shares hold on average."),
                            Qt::ToolTipRole);
    m_batching->addItem(tr("stratified"), int(MixtureConfig::Batching::Stratified));
    m_batching->setItemData(1, tr("Every step holds the mixture as exactly as whole sequences allow."),
                            Qt::ToolTipRole);
    m_batching->setFixedWidth(132);
    auto *batchingRow = new QHBoxLayout;
    auto *batchingLabel = new QLabel(tr("&Batching"));
    batchingLabel->setBuddy(m_batching);
    batchingRow->addWidget(batchingLabel);
    batchingRow->addStretch();
    batchingRow->addWidget(m_batching);

    add(m_summary);
    add(m_formula);
    m_cost->setObjectName(QStringLiteral("cost"));
    add(m_cost);
    body()->addSpacing(look::kGrid);
    add(m_form);
    body()->addLayout(batchingRow);
    body()->addStretch(1);
}

void PolicyCard::setExperiment(const Experiment &experiment, const std::vector<double> &tokens)
{
    m_experiment = experiment;
    m_tokens = tokens;
    const PolicyInfo *info = findPolicy(experiment.mixture.policy);
    m_policy->setCurrentIndex(m_policy->findData(QString::fromStdString(experiment.mixture.policy)));
    m_batching->setCurrentIndex(m_batching->findData(int(experiment.mixture.batching)));
    m_form->setVisible(info);
    m_cost->setText(QString::fromStdString(extraTimeInWords(experiment)));
    m_cost->setVisible(!m_cost->text().isEmpty());
    if (!info) {
        m_summary->setText(tr("The experiment names the policy \"%1\", which Krater does not have. Choose one.")
                               .arg(QString::fromStdString(experiment.mixture.policy)));
        m_formula->clear();
        return;
    }
    m_summary->setText(QString::fromStdString(info->summary));
    m_formula->setText(QString::fromStdString(info->formula));
    m_formula->setToolTip(QString::fromStdString(info->reference));
    if (m_shownPolicy != info->name) {
        m_form->setSpecs(info->parameters);
        m_batching->setFixedWidth(m_form->controlWidth());
        m_shownPolicy = info->name;
    }
    m_form->setValues(experiment.mixture.parameters, MixtureDesign(experiment, tokens).priorParameter());
}

void PolicyCard::choosePolicy()
{
    const QString name = m_policy->currentData().toString();
    if (name.toStdString() == m_experiment.mixture.policy)
        return;
    const MixtureDesign design(m_experiment, m_tokens);
    emit experimentEdited(design.withPolicy(name.toStdString()),
                          tr("choose the policy %1").arg(m_policy->currentText()));
}

void PolicyCard::chooseBatching()
{
    Experiment changed = m_experiment;
    changed.mixture.batching = MixtureConfig::Batching(m_batching->currentData().toInt());
    if (!(changed == m_experiment))
        emit experimentEdited(changed, tr("change the batching"));
}

} // namespace krater
