// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/corpus_scan.h"

#include <QAbstractTableModel>

#include <memory>

namespace krater {

// Which text stands in more than one place, by hash of whole documents: share of the row's documents that also stand in the column's domain, that stand
// twice in their own domain, and training documents that are also held-out text somewhere.
class OverlapModel : public QAbstractTableModel {
    Q_OBJECT

public:
    explicit OverlapModel(QObject *parent = nullptr);

    void setReport(std::shared_ptr<const CorpusReport> report);
    bool hasOverlap() const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override; // name, one per domain, held-out
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::uint64_t count(int row, int column) const;

    std::shared_ptr<const CorpusReport> m_report;
};

} // namespace krater
