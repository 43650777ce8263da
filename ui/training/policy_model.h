// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_view.h"

#include <QAbstractTableModel>
#include <QColor>

#include <memory>
#include <optional>
#include <vector>

namespace krater {

// Why the mixture moved: for each domain the terms that the policy computed at an update, its share before and after. The terms are whatever the policy
// names; nothing here knows a policy. A term that equals an earlier one in every domain ("H smoothed" without smoothing) is left out. UI thread.
class PolicyModel : public QAbstractTableModel {
    Q_OBJECT

public:
    explicit PolicyModel(QObject *parent = nullptr);

    void setRun(std::shared_ptr<RunView> run);
    void setStep(std::optional<std::uint64_t> step); // the last update at or before it; empty: the newest
    void refresh();

    bool hasUpdate() const { return m_updateStep.has_value(); }
    std::uint64_t updateStep() const { return m_updateStep.value_or(0); }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Row {
        QString name;
        QColor colour;
        std::vector<double> terms; // as in m_allTerms
        double before = 0, after = 0;
    };

    const Curve &termCurve(qsizetype term, int domain) const;
    std::optional<std::uint64_t> lastUpdate() const;
    void readUpdate(std::uint64_t step);
    void chooseTerms();
    bool isRepeated(std::size_t term) const;
    QString termName(int column) const { return m_allTerms[qsizetype(m_terms[std::size_t(column - 1)])]; }
    int numTerms() const { return int(m_terms.size()); }

    std::shared_ptr<RunView> m_run;
    std::optional<std::uint64_t> m_step;
    std::optional<std::uint64_t> m_updateStep;
    QStringList m_allTerms;
    std::vector<std::size_t> m_terms; // the shown ones, as indices of m_allTerms
    std::vector<Row> m_rows;
};

} // namespace krater
