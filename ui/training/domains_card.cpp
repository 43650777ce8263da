// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/domains_card.h"

#include "core/mixture/policy_registry.h"
#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/training/live_table_model.h"
#include "ui/training/policy_model.h"
#include "ui/widgets/column_fit.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/value_table.h"

#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace krater {
namespace {

constexpr int kShareBarWidth = 26;

} // namespace

DomainsCard::DomainsCard(QWidget *parent)
    : Card(tr("Domains"), {}, parent)
    , m_tableModel(new LiveTableModel(this))
    , m_policyModel(new PolicyModel(this))
    , m_table(new ValueTable(tr("Domains")))
    , m_policyTable(new ValueTable(tr("Why did p change?")))
    , m_whyHeader(new SectionHeader(tr("Why did p change?")))
    , m_formula(new ElidedLabel({}, TextRole::Body, Tone::Muted))
{
    createTable();
    createPolicyTable();
    createLayout();
}

void DomainsCard::createTable()
{
    m_table->setModel(m_tableModel);
    m_table->setItemDelegateForColumn(LiveTableModel::Domain, new ColourDelegate(m_table));
    m_table->setItemDelegateForColumn(LiveTableModel::Share,
                                      new ShareBarDelegate(ShareBarDelegate::Form::Compact, m_table));
    m_table->setFitsRows(true);
    m_table->setHeaderHeight(look::kDenseRowHeight + 2);
    m_table->setRowHeight(std::max(look::kDenseRowHeight, fontMetrics().height() + 8));
    auto *columns = new ColumnFit(m_table, LiveTableModel::Domain);
    columns->setExtra(LiveTableModel::Share, kShareBarWidth);
    columns->setLeastWanted({LiveTableModel::Tokens, LiveTableModel::Change, LiveTableModel::Epochs});
}

void DomainsCard::createPolicyTable()
{
    m_policyTable->setModel(m_policyModel);
    m_policyTable->setItemDelegateForColumn(0, new ColourDelegate(m_policyTable));
    m_policyTable->setFitsRows(true);
    m_policyTable->setRowHeight(std::max(look::kDenseRowHeight, fontMetrics().height() + 8));
    m_policyTable->setHeaderHeight(look::kDenseRowHeight + 2);
    // The share before goes first, then the terms from the last on: the first is what the policy listens to.
    (new ColumnFit(m_policyTable, 0))->setLeastWanted({-2, -3, -4, -5});
    m_formula->setObjectName(QStringLiteral("formula"));
    m_formula->setContentsMargins(look::kGap - 1, 0, look::kGap - 1, 4);
}

void DomainsCard::createLayout()
{
    auto *content = new QWidget;
    auto *sections = new QVBoxLayout(content);
    sections->setContentsMargins(0, 0, 0, 0);
    sections->setSpacing(0);
    sections->addWidget(m_table);
    sections->addWidget(new Divider);
    sections->addWidget(m_whyHeader);
    sections->addWidget(m_formula);
    sections->addWidget(m_policyTable);
    sections->addStretch(1);
    // Many domains or a low window: the tables keep their rows, and the card scrolls.
    auto *scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(content);
    scroll->viewport()->setAutoFillBackground(false);
    content->setAutoFillBackground(false);
    scroll->setMinimumHeight(4 * look::kRowHeight);
    addFlush(scroll, 1);
}

void DomainsCard::setRun(std::shared_ptr<RunView> run)
{
    m_run = run;
    m_tableModel->setRun(run);
    m_policyModel->setRun(std::move(run));
    m_table->updateGeometry();
    setValue(tr("now"));
    showPolicy();
}

void DomainsCard::setStep(std::optional<std::uint64_t> step)
{
    m_tableModel->setStep(step);
    m_policyModel->setStep(step);
    setValue(step ? tr("step %1").arg(number::count(*step)) : tr("now"));
    showPolicy();
}

void DomainsCard::refresh()
{
    m_tableModel->refresh();
    m_policyModel->refresh();
    showPolicy();
}

void DomainsCard::showPolicy()
{
    const PolicyInfo *policy = m_run ? findPolicy(m_run->record().policy) : nullptr;
    const bool hasUpdate = m_policyModel->hasUpdate();
    m_whyHeader->setValue(hasUpdate ? tr("step %1").arg(number::count(m_policyModel->updateStep())) : QString());
    // The rule itself; what it minimises is in the tool tip and on the Mixture page.
    const QString formula = policy ? QString::fromStdString(policy->formula) : QString();
    QString text = formula.section(QStringLiteral(": "), 0, 0);
    if (policy && !policy->adaptive)
        text = tr("The policy “%1” does not move the mixture.").arg(QString::fromStdString(policy->label));
    else if (!hasUpdate)
        text = text.isEmpty() ? tr("No update yet.") : tr("%1; no update yet").arg(text);
    m_formula->setText(text);
    m_formula->setHelp(formula);
    if (m_policyTable->isHidden() == hasUpdate)
        m_policyTable->setVisible(hasUpdate);
}

} // namespace krater
