// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_row.h"

#include <QAbstractTableModel>
#include <QCollator>
#include <QStringList>

#include <optional>
#include <vector>

namespace krater {

class RunLibrary;

// All saved runs as a table: a row for each run, newest first; columns for what is known of every run and one for each domain's held-out loss. Follows
// the library row by row, so that selections survive. Values are raw (numbers as double, times as Unix ms); the window formats them. UI thread only.
class RunTableModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum class Kind {
        Name,
        Mixture,
        State,
        Score,
        Difference,
        Loss,
        Distance,
        Policy,
        Tokens,
        Duration,
        Seed,
        Device,
        Tags,
        Run,
        Started
    };
    struct Column {
        Kind kind = Kind::Name;
        QString domain; // Kind::Loss

        QString key() const; // "score", "loss.code": for settings
        bool operator==(const Column &) const = default;
    };

    explicit RunTableModel(RunLibrary *library, QObject *parent = nullptr);

    const RunRow &row(int row) const { return m_rows[std::size_t(row)]; }
    int rowOf(RunId run) const; // -1: not there
    const std::vector<Column> &columns() const { return m_columns; }
    int columnOf(const Column &column) const;
    QStringList domains() const; // that have a column

    void setScoreMixture(const ScoreMixture &mixture);
    const ScoreMixture &scoreMixture() const { return m_mixture; }
    const ScoreWeights &weights() const { return m_weights; } // what the scores are on; empty if there is no run
    void setBaseline(std::optional<RunId> run);
    std::optional<RunId> baseline() const; // nothing while the pinned run is not there

    // Ascending order of a column. Runs without a value belong last in both directions: ask isMissing() first.
    bool isLess(int left, int right, int column) const;
    bool isMissing(int row, int column) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role = Qt::EditRole) override; // renames

signals:
    void scoringChanged(); // the fixed mixture, its weights or the baseline
    void renameRequested(qint64 run, const QString &name);

private:
    void refresh();
    void forget();
    void removeGone(const std::vector<RunRecord> &runs);
    void insertNew(const std::vector<RunRecord> &runs);
    void updateChanged(const std::vector<RunRecord> &runs);
    void addDomains(const std::vector<RunRecord> &runs);
    void rescore();
    ScoreWeights findWeights() const;
    const RunRow *baselineRow() const;
    double number(const RunRow &row, const Column &column) const;
    QString text(const RunRow &row, const Column &column) const;

    RunLibrary *m_library;
    QString m_storeFile; // that the rows are from
    std::vector<RunRow> m_rows;
    std::vector<Column> m_columns;
    ScoreMixture m_mixture;
    ScoreWeights m_weights;
    std::optional<RunId> m_baseline;
    QCollator m_collator;
};

} // namespace krater
