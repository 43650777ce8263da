// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/empty_state.h"

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace krater {

EmptyState::EmptyState(const QString &iconName, const QString &sentence, const QString &detail, QWidget *parent)
    : QWidget(parent)
    , m_iconName(iconName)
    , m_icon(new QLabel)
    , m_sentence(new QLabel)
    , m_detail(new QLabel)
    , m_buttons(new QHBoxLayout)
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(24, 24, 24, 24);
    column->setSpacing(8);
    m_icon->setAlignment(Qt::AlignCenter);
    m_sentence->setFont(textFont(TextRole::Title, this));
    m_sentence->setAlignment(Qt::AlignCenter);
    m_sentence->setWordWrap(true);
    m_detail->setForegroundRole(QPalette::PlaceholderText);
    m_detail->setAlignment(Qt::AlignCenter);
    m_detail->setWordWrap(true);
    m_buttons->setSpacing(8);
    m_buttons->addStretch();
    m_buttons->addStretch();
    column->addStretch(2);
    column->addWidget(m_icon);
    column->addWidget(m_sentence);
    column->addWidget(m_detail);
    column->addSpacing(4);
    column->addLayout(m_buttons);
    column->addStretch(3);
    setSentence(sentence);
    setDetail(detail);
}

void EmptyState::setSentence(const QString &sentence)
{
    m_sentence->setText(sentence);
    setAccessibleName(sentence);
}

void EmptyState::setDetail(const QString &detail)
{
    m_detail->setText(detail);
    m_detail->setVisible(!detail.isEmpty());
    setAccessibleDescription(detail);
}

Button *EmptyState::addButton(QAction *action)
{
    auto *button = new Button(action);
    m_buttons->insertWidget(m_buttons->count() - 1, button);
    return button;
}

Button *EmptyState::addButton(const QString &text, const QString &iconName)
{
    auto *button = new Button(text, iconName);
    m_buttons->insertWidget(m_buttons->count() - 1, button);
    return button;
}

void EmptyState::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        drawIcon();
    QWidget::changeEvent(event);
}

void EmptyState::showEvent(QShowEvent *event)
{
    drawIcon();
    QWidget::showEvent(event);
}

void EmptyState::drawIcon()
{
    m_icon->setPixmap(iconPixmap(m_iconName, Theme::of(this).faint, 40, devicePixelRatioF()));
}

} // namespace krater
