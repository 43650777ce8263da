// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QBoxLayout;
class QHBoxLayout;
class QVBoxLayout;

namespace krater {

class ElidedLabel;

// A card shows one thing: a bold heading (what), a muted half line (how to read it), a slot on the right of the heading (a value, a control) and
// the content below. Several sections in one card are divided by addDivider().
class Card : public QFrame {
    Q_OBJECT

public:
    explicit Card(const QString &heading = {}, const QString &hint = {}, QWidget *parent = nullptr);

    void setHeading(const QString &heading); // also the accessible name
    void setHint(const QString &hint);
    void setValue(const QString &text); // muted text in the right slot, made on first use
    void addToHeader(QWidget *widget);  // a control in the right slot

    QVBoxLayout *body() const { return m_body; } // 12 px inside the border
    void add(QWidget *widget, int stretch = 0);
    void addFlush(QWidget *widget, int stretch = 0); // from border to border: tables
    void addDivider();

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QVBoxLayout *m_all;
    QWidget *m_header;
    QHBoxLayout *m_headerRow;
    ElidedLabel *m_heading;
    ElidedLabel *m_hint;
    ElidedLabel *m_value = nullptr;
    QVBoxLayout *m_body;
};

// A row like a card's heading for a second section in the same card.
class SectionHeader : public QWidget {
    Q_OBJECT

public:
    explicit SectionHeader(const QString &heading, const QString &hint = {}, QWidget *parent = nullptr);

    void setHeading(const QString &heading);
    void setHint(const QString &hint);
    void setValue(const QString &text);
    void add(QWidget *widget);

private:
    QHBoxLayout *m_row;
    ElidedLabel *m_heading;
    ElidedLabel *m_hint;
    ElidedLabel *m_value;
};

// One line, 1 px, in the colour of borders.
class Divider : public QWidget {
    Q_OBJECT

public:
    explicit Divider(QWidget *parent = nullptr, Qt::Orientation orientation = Qt::Horizontal);

protected:
    void paintEvent(QPaintEvent *event) override;
};

} // namespace krater
