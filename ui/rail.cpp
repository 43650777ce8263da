// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/rail.h"

#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"

#include <QPainter>
#include <QVBoxLayout>

namespace krater {

Rail::Rail(QWidget *parent) : QWidget(parent), m_column(new QVBoxLayout(this))
{
    setFixedWidth(look::kRailWidth);
    setAccessibleName(tr("Pages"));
    m_column->setContentsMargins(8, 8, 8, 8);
    m_column->setSpacing(4);
    m_column->addStretch(1);
}

void Rail::addPage(Page::Id page, const QString &iconName, const QString &text)
{
    auto *button = new RailButton(iconName, text);
    m_column->insertWidget(int(m_buttons.size()), button);
    m_buttons[page] = button;
    connect(button, &QAbstractButton::clicked, this, [this, page] { emit pageChosen(page); });
}

void Rail::setCurrent(Page::Id page)
{
    if (RailButton *button = m_buttons.value(page))
        button->setChecked(true);
}

void Rail::paintEvent(QPaintEvent *)
{
    QPainter(this).fillRect(QRect(width() - 1, 0, 1, height()), Theme::of(this).line);
}

} // namespace krater
