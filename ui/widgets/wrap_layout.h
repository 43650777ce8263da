// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLayout>

#include <vector>

namespace krater {

// A row of controls in two groups, the second one at the right edge. Where both do not fit into one line, the second group goes below, and a group that
// does not fit is broken as well: no control gets narrower than it wants to be. A control that wants to grow takes what its line leaves.
class WrapLayout : public QLayout {
    Q_OBJECT

public:
    explicit WrapLayout(QWidget *parent = nullptr);
    ~WrapLayout() override;

    void beginEndGroup(); // what is added later stands at the right
    // A muted word before a control, kept with it; also its accessible buddy.
    void addCaptioned(const QString &caption, QWidget *control);

    // Shown only where all fits into one line.
    void addOptional(QWidget *widget);

    void addItem(QLayoutItem *item) override;
    int count() const override { return int(m_items.size()); }
    QLayoutItem *itemAt(int index) const override;
    QLayoutItem *takeAt(int index) override;
    Qt::Orientations expandingDirections() const override { return Qt::Horizontal; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSize() const override;
    void setGeometry(const QRect &rect) override;

private:
    struct Line {
        std::vector<QLayoutItem *> start, end;
    };

    std::vector<Line> linesFor(int width) const;
    std::vector<Line> linesFor(int width, bool withOptional) const;
    std::vector<QLayoutItem *> group(bool end, bool withOptional) const;
    int widthOf(const std::vector<QLayoutItem *> &items) const;
    void place(const Line &line, const QRect &rect) const;
    void place(const std::vector<QLayoutItem *> &items, int x, int room, const QRect &rect) const;

    std::vector<QLayoutItem *> m_items;
    std::vector<const QLayoutItem *> m_optional;
    int m_numStart = -1; // -1: all
};

} // namespace krater
