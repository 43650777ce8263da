// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/domains_card.h"

#include "core/mixture/policy_registry.h"
#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/training/live_table_model.h"
#include "ui/training/policy_model.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/value_table.h"

#include <QHeaderView>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace krater {

DomainsCard::DomainsCard(QWidget *parent)
    : Card(tr("Domains"), {}, parent)
    , m_tableModel(new LiveTableModel(this))
    , m_policyModel(new PolicyModel(this))
    , m_table(new ValueTable(tr("Domains")))
    , m_policyTable(new ValueTable(tr("Why did p change?")))
    , m_whyHeader(new SectionHeader(tr("Why did p change?")))
    , m_formula(new QLabel)
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
    QHeaderView *header = m_table->horizontalHeader();
    header->setSectionResizeMode(QHeaderView::Fixed);
    header->setSectionResizeMode(LiveTableModel::Domain, QHeaderView::Stretch);
    const auto width = [this](const char *widest) {
        return fontMetrics().horizontalAdvance(QString::fromUtf8(widest)) + 2 * look::kCellMargin + 2;
    };
    m_table->setColumnWidth(LiveTableModel::Share, width("00.0") + 26);
    m_table->setColumnWidth(LiveTableModel::Tokens, width("00.0 k"));
    m_table->setColumnWidth(LiveTableModel::Epochs, width("epochs"));
    m_table->setColumnWidth(LiveTableModel::Loss, width("0.000"));
    m_table->setColumnWidth(LiveTableModel::Change, width("−0.000") + look::kCellEdge);
}

void DomainsCard::createPolicyTable()
{
    m_policyTable->setModel(m_policyModel);
    m_policyTable->setItemDelegateForColumn(0, new ColourDelegate(m_policyTable));
    m_policyTable->setFitsRows(true);
    m_policyTable->setRowHeight(std::max(look::kDenseRowHeight, fontMetrics().height() + 8));
    connect(m_policyModel, &QAbstractItemModel::modelReset, this, &DomainsCard::fitPolicyColumns);
    m_formula->setForegroundRole(QPalette::PlaceholderText);
    m_formula->setWordWrap(true);
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

// The terms are the policy's: the longest word of a name tells how wide its column is.
void DomainsCard::fitPolicyColumns()
{
    QHeaderView *header = m_policyTable->horizontalHeader();
    bool hasPhrase = false;
    for (int column = 1; column < m_policyModel->columnCount(); ++column) {
        int widest = fontMetrics().horizontalAdvance(QStringLiteral("−0.000"));
        const QString name = m_policyModel->headerData(column, Qt::Horizontal).toString();
        const QStringList words = name.split(QLatin1Char(' '));
        for (const QString &word : words)
            widest = std::max(widest, fontMetrics().horizontalAdvance(word));
        const bool isLast = column == m_policyModel->columnCount() - 1;
        hasPhrase = hasPhrase || (words.size() > 1 && !isLast);
        header->setSectionResizeMode(column, QHeaderView::Fixed);
        m_policyTable->setColumnWidth(column, widest + 2 * look::kCellMargin + (isLast ? look::kCellEdge : 0));
    }
    header->setSectionResizeMode(0, QHeaderView::Stretch);
    const int line = fontMetrics().height();
    m_policyTable->setHeaderHeight(hasPhrase ? 2 * line + 12 : std::max(look::kRowHeight, line + 12));
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
    QString text = policy ? QString::fromStdString(policy->formula) : QString();
    if (policy && !policy->adaptive)
        text = tr("The policy “%1” does not move the mixture.").arg(QString::fromStdString(policy->label));
    else if (!hasUpdate)
        text = tr("%1\nNo update yet.").arg(text).trimmed();
    m_formula->setText(text);
    if (m_policyTable->isHidden() == hasUpdate)
        m_policyTable->setVisible(hasUpdate);
}

} // namespace krater
