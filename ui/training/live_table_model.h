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

// One row for each domain of a run: share, tokens drawn, epochs, held-out loss and its change, now or at a step of the past. Reads the run when it is
// refreshed; figures are then kept, so that painting costs nothing. UI thread.
class LiveTableModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Domain, Share, Tokens, Epochs, Loss, Change, NumColumns };

    explicit LiveTableModel(QObject *parent = nullptr);

    void setRun(std::shared_ptr<RunView> run);
    void setStep(std::optional<std::uint64_t> step); // empty: now
    void refresh();

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Row {
        QString name;
        QColor colour;
        double share = 0, tokens = 0, epochs = 0, loss = 0, change = 0;
        bool isHeldOut = true; // the loss is of held-out text; of training text until the first evaluation
    };

    void readRow(Row &row, int domain, std::uint64_t step);
    QString text(const Row &row, int column) const;
    QVariant tone(const Row &row, int column) const;

    std::shared_ptr<RunView> m_run;
    std::optional<std::uint64_t> m_step;
    std::uint64_t m_changeSteps = 0; // that the change spans
    double m_largestShare = 0;       // fills the bar
    std::vector<Row> m_rows;
};

} // namespace krater
