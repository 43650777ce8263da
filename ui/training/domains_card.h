// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_view.h"
#include "ui/widgets/card.h"

#include <memory>
#include <optional>

namespace krater {

class ElidedLabel;
class LiveTableModel;
class PolicyModel;
class ValueTable;

// A run's domains in figures, now or at a step of the past, and below them why the policy moved the mixture at its last update. UI thread.
class DomainsCard : public Card {
    Q_OBJECT

public:
    explicit DomainsCard(QWidget *parent = nullptr);

    void setRun(std::shared_ptr<RunView> run);
    void setStep(std::optional<std::uint64_t> step); // empty: now
    void refresh();

private:
    void createTable();
    void createPolicyTable();
    void createLayout();
    void showPolicy();

    std::shared_ptr<RunView> m_run;
    LiveTableModel *m_tableModel;
    PolicyModel *m_policyModel;
    ValueTable *m_table;
    ValueTable *m_policyTable;
    SectionHeader *m_whyHeader;
    ElidedLabel *m_formula;
};

} // namespace krater
