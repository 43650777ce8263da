// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/elided_label.h"

#include <QEvent>
#include <QPainter>

#include <algorithm>

namespace krater {

ElidedLabel::ElidedLabel(const QString &text, TextRole role, Tone tone, QWidget *parent)
    : QWidget(parent)
    , m_role(role)
    , m_tone(tone)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setText(text);
}

void ElidedLabel::setText(const QString &text)
{
    if (text == m_text && !accessibleName().isNull())
        return;
    const int before = sizeHint().width();
    m_text = text;
    setAccessibleName(text.isNull() ? QStringLiteral("") : text);
    if (sizeHint().width() != before)
        updateGeometry();
    update();
}

void ElidedLabel::setHelp(const QString &help)
{
    m_help = help;
    setAccessibleDescription(help);
    update();
}

void ElidedLabel::setTone(Tone tone)
{
    m_tone = tone;
    update();
}

void ElidedLabel::setTextAlignment(Qt::Alignment alignment)
{
    m_alignment = alignment;
    update();
}

void ElidedLabel::setElideMode(Qt::TextElideMode mode)
{
    m_elide = mode;
    update();
}

void ElidedLabel::setReservedText(const QString &widest)
{
    m_reserved = widest;
    updateGeometry();
}

void ElidedLabel::setShrinks(bool shrinks)
{
    m_shrinks = shrinks;
    updateGeometry();
}

int ElidedLabel::widthOf(const QString &text) const
{
    return text.isEmpty() ? 0 : QFontMetrics(textFont(m_role, this)).horizontalAdvance(text) + 2;
}

QSize ElidedLabel::sizeHint() const
{
    const QFontMetrics metrics(textFont(m_role, this));
    const QMargins margins = contentsMargins();
    return {std::max(widthOf(m_text), widthOf(m_reserved)) + margins.left() + margins.right(),
            metrics.height() + 2 + margins.top() + margins.bottom()};
}

QSize ElidedLabel::minimumSizeHint() const
{
    const QSize hint = sizeHint();
    return m_shrinks ? QSize(std::min(hint.width(), 24), hint.height()) : hint;
}

void ElidedLabel::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const QFont font = textFont(m_role, this);
    const QString shown = QFontMetrics(font).elidedText(m_text, m_elide, contentsRect().width());
    setToolTip(shown == m_text      ? m_help
                   : m_help.isEmpty() ? m_text
                                      : m_text + QLatin1Char('\n') + m_help);
    painter.setFont(font);
    const Theme &theme = Theme::of(this);
    painter.setPen(isEnabled() ? theme.tone(m_tone) : theme.faint);
    painter.drawText(contentsRect(), int(m_alignment) | Qt::TextSingleLine, shown);
}

void ElidedLabel::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::FontChange)
        updateGeometry();
    QWidget::changeEvent(event);
}

} // namespace krater
