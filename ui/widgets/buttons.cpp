// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/buttons.h"

#include "ui/theme/icons.h"
#include "ui/theme/style_painter.h"

#include <QAction>
#include <QFocusEvent>
#include <QPainter>

namespace krater {

Button::Button(const QString &text, const QString &iconName, ButtonKind kind, QWidget *parent)
    : QPushButton(text, parent)
{
    if (!iconName.isEmpty())
        setIcon(krater::icon(iconName));
    setButtonKind(this, kind);
    setAutoDefault(false);
}

Button::Button(QAction *action, const QString &shortText, QWidget *parent) : QPushButton(parent)
{
    setAutoDefault(false);
    follow(action, shortText);
    connect(action, &QAction::changed, this, [this, action, shortText] { follow(action, shortText); });
    connect(this, &QPushButton::clicked, action, &QAction::trigger);
}

void Button::follow(QAction *action, const QString &shortText)
{
    QString plain = action->text();
    plain.remove(QLatin1Char('&')).remove(QStringLiteral("\u2026"));
    setText(shortText.isEmpty() ? plain : shortText);
    setAccessibleName(plain);
    setIcon(action->icon());
    setEnabled(action->isEnabled());
    setCheckable(action->isCheckable());
    if (action->isCheckable())
        setChecked(action->isChecked());
    const QString shortcut = action->shortcut().toString(QKeySequence::NativeText);
    const QString tip = action->statusTip().isEmpty() ? plain : action->statusTip();
    setToolTip(shortcut.isEmpty() ? tip : QStringLiteral("%1 (%2)").arg(tip, shortcut));
}

IconButton::IconButton(const QString &iconName, const QString &name, QWidget *parent) : QToolButton(parent)
{
    setIcon(krater::icon(iconName));
    setAutoRaise(true);
    setToolTip(name);
    setAccessibleName(name);
    setFocusPolicy(Qt::TabFocus);
}

RailButton::RailButton(const QString &iconName, const QString &text, QWidget *parent)
    : QAbstractButton(parent)
    , m_icon(iconName)
{
    setText(text);
    setAccessibleName(text);
    setCheckable(true);
    setAutoExclusive(true);
    setFocusPolicy(Qt::TabFocus);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

QSize RailButton::sizeHint() const
{
    return {look::kRailWidth - 16, 60};
}

void RailButton::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Theme &theme = Theme::of(this);
    if (isChecked())
        style::drawBox(&painter, rect(), theme.accentSoft, Qt::transparent, look::kCardRadius);
    else if (underMouse() || isDown())
        style::drawBox(&painter, rect(), theme.lineSoft, Qt::transparent, look::kCardRadius);
    const QColor ink = isChecked() ? theme.accent : underMouse() ? theme.text : theme.muted;
    constexpr int kIcon = 20;
    painter.drawPixmap(QRect((width() - kIcon) / 2, 11, kIcon, kIcon),
                       iconPixmap(m_icon, ink, kIcon, devicePixelRatioF()));
    QFont font = textFont(TextRole::Small, this);
    font.setPixelSize(std::max(11, font.pixelSize() - 1));
    if (isChecked())
        font.setWeight(QFont::DemiBold);
    painter.setFont(font);
    painter.setPen(ink);
    painter.drawText(QRect(0, 34, width(), 18), Qt::AlignCenter, text());
    if (hasFocus() && m_showFocus)
        style::drawFocusRing(&painter, rect(), theme, look::kCardRadius);
}

void RailButton::focusInEvent(QFocusEvent *event)
{
    const Qt::FocusReason reason = event->reason();
    m_showFocus = reason == Qt::TabFocusReason || reason == Qt::BacktabFocusReason || reason == Qt::ShortcutFocusReason;
    QAbstractButton::focusInEvent(event);
}

void RailButton::focusOutEvent(QFocusEvent *event)
{
    m_showFocus = false;
    QAbstractButton::focusOutEvent(event);
}

} // namespace krater
