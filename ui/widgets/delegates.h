// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace krater {

// Text in the tone of ToneRole; the base of the others, which draw something before it. Qt::FontRole is respected.
class ToneDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;

protected:
    // Background, selection, row rule and focus; then what the sub-class draws inside the margins.
    virtual void paintContent(QPainter *painter, const QStyleOptionViewItem &option, const QRect &inside,
                              const QModelIndex &index) const;
};

// A domain's or run's colour (ColourRole) before its name, a muted second line (DetailRole) and a badge (BadgeRole) if there are any.
class ColourDelegate : public ToneDelegate {
    Q_OBJECT

public:
    using ToneDelegate::ToneDelegate;

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

protected:
    void paintContent(QPainter *painter, const QStyleOptionViewItem &option, const QRect &inside,
                      const QModelIndex &index) const override;
};

// A share (ShareRole) as a bar in ColourRole, with the number (DisplayRole). Compact: the bar ends at the number, right-aligned, as in the
// live table; otherwise it starts on the left and the number follows it.
class ShareBarDelegate : public ToneDelegate {
    Q_OBJECT

public:
    enum class Form { BarFirst, Compact };

    explicit ShareBarDelegate(Form form, QObject *parent = nullptr);
    void setFullScale(double share); // the share that fills the bar; 1 unless set

protected:
    void paintContent(QPainter *painter, const QStyleOptionViewItem &option, const QRect &inside,
                      const QModelIndex &index) const override;

private:
    Form m_form;
    double m_fullScale = 1.0;
};

// A mixture (MixtureRole, MixtureColoursRole) as a stacked bar.
class MixtureBarDelegate : public ToneDelegate {
    Q_OBJECT

public:
    using ToneDelegate::ToneDelegate;

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

protected:
    void paintContent(QPainter *painter, const QStyleOptionViewItem &option, const QRect &inside,
                      const QModelIndex &index) const override;
};

} // namespace krater
