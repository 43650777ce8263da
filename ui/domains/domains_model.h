// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"
#include "core/corpus/corpus_scan.h"

#include <QAbstractTableModel>
#include <QColor>

#include <memory>
#include <optional>
#include <vector>

namespace krater {

// The experiment's domains as a table: what is configured, and what the last scan counted. Renaming is an edit of the first column; it, and dragging a row to
// another place, are reported and change nothing here.
class DomainsModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Name, Documents, Bytes, Tokens, Share, HeldOut, State, NumColumns };

    explicit DomainsModel(QObject *parent = nullptr);

    void setExperiment(const Experiment &experiment);
    // `current`: the report belongs to the experiment as it is now; else its figures are shown as old.
    void setReport(std::shared_ptr<const CorpusReport> report, bool current);
    void setProgress(std::optional<CorpusProgress> progress); // while a scan runs

    const DomainReport *reportOf(int row) const; // null: not scanned

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role) override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    Qt::DropActions supportedDropActions() const override { return Qt::MoveAction | Qt::CopyAction; }
    QStringList mimeTypes() const override;
    QMimeData *mimeData(const QModelIndexList &indexes) const override;
    bool canDropMimeData(const QMimeData *data, Qt::DropAction action, int row, int column,
                         const QModelIndex &parent) const override;
    bool dropMimeData(const QMimeData *data, Qt::DropAction action, int row, int column,
                      const QModelIndex &parent) override;

signals:
    void renamed(int row, const QString &name);
    void moved(int from, int to);
    void filesDropped(int row, const QStringList &paths); // row -1: beside the rows

private:
    QString text(int row, int column) const;
    QString stateText(int row) const;
    QString toolTip(int row) const;
    double shareOf(int row) const;

    Experiment m_experiment;
    std::vector<QColor> m_colours;
    std::shared_ptr<const CorpusReport> m_report;
    bool m_current = false;
    std::optional<CorpusProgress> m_progress;
};

} // namespace krater
