// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"

#include <QWidget>

namespace krater {

// One line of text in a role and a tone that ends in "…" when there is no room, and then shows the whole in its tool tip. Read out in full.
class ElidedLabel : public QWidget {
    Q_OBJECT

public:
    explicit ElidedLabel(const QString &text = {}, TextRole role = TextRole::Body, Tone tone = Tone::Text,
                         QWidget *parent = nullptr);

    QString text() const { return m_text; }
    void setText(const QString &text);
    void setHelp(const QString &help); // a tool tip, after the whole text where that is cut
    void setTone(Tone tone);
    void setTextAlignment(Qt::Alignment alignment);
    void setElideMode(Qt::TextElideMode mode); // right unless set: a path wants the middle
    // Room that is kept even when the text is shorter, so that live figures do not move their neighbours.
    void setReservedText(const QString &widest);
    void setShrinks(bool shrinks); // may become narrower than its text; true unless set

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    int widthOf(const QString &text) const;

    QString m_text;
    QString m_reserved;
    QString m_help;
    TextRole m_role;
    Tone m_tone;
    Qt::Alignment m_alignment = Qt::AlignLeft | Qt::AlignVCenter;
    Qt::TextElideMode m_elide = Qt::ElideRight;
    bool m_shrinks = true;
};

} // namespace krater
