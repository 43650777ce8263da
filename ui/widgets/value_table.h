// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTableView>

namespace krater {

// A table in Krater's look: whole rows are selected, faint rules between rows, no grid, no row numbers, no frame, headers as quiet as text.
// Ctrl+C copies the selected rows with their headers, tab-separated, for spreadsheets.
class ValueTable : public QTableView {
    Q_OBJECT

public:
    explicit ValueTable(const QString &accessibleName, QWidget *parent = nullptr);

    void setRowHeight(int pixels);
    void setHeaderHeight(int pixels); // from two lines on, names of columns are broken
    // Shows all rows and no scroll bar: for short tables inside a card.
    void setFitsRows(bool fits);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

public slots:
    void copySelection() const;

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    int contentHeight() const;

    bool m_fitsRows = false;
};

// The selected rows of a view (all rows if none is), with headers, as tab-separated text.
QString rowsAsText(const QAbstractItemView &view);

} // namespace krater
