// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/card.h"

#include "ui/theme/style_painter.h"
#include "ui/theme/theme.h"
#include "ui/widgets/elided_label.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QVBoxLayout>

namespace krater {

Card::Card(const QString &heading, const QString &hint, QWidget *parent)
    : QFrame(parent)
    , m_all(new QVBoxLayout(this))
    , m_header(new QWidget(this))
    , m_headerRow(new QHBoxLayout(m_header))
    , m_heading(new ElidedLabel({}, TextRole::Heading))
    , m_hint(new ElidedLabel({}, TextRole::Body, Tone::Muted))
    , m_body(new QVBoxLayout)
{
    m_all->setContentsMargins(1, 1, 1, 1);
    m_all->setSpacing(0);
    m_headerRow->setContentsMargins(look::kGap - 1, 6, look::kGap - 1, 2);
    m_headerRow->setSpacing(8);
    m_heading->setShrinks(false);
    m_hint->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_headerRow->addWidget(m_heading);
    m_headerRow->addWidget(m_hint, 1);
    m_header->setMinimumHeight(look::kControlHeight + 8);
    m_all->addWidget(m_header);
    m_body->setContentsMargins(look::kGap - 1, 0, look::kGap - 1, look::kGap - 1);
    m_body->setSpacing(8);
    m_all->addLayout(m_body, 1);
    setHeading(heading);
    setHint(hint);
    m_header->setVisible(!heading.isEmpty());
}

void Card::setHeading(const QString &heading)
{
    m_heading->setText(heading);
    setAccessibleName(heading);
    m_header->setVisible(true);
}

void Card::setHint(const QString &hint)
{
    m_hint->setText(hint);
}

void Card::setValue(const QString &text)
{
    if (!m_value) {
        m_value = new ElidedLabel({}, TextRole::Body, Tone::Muted);
        m_value->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
        m_headerRow->addWidget(m_value);
    }
    m_value->setText(text);
}

void Card::addToHeader(QWidget *widget)
{
    m_headerRow->addWidget(widget);
    m_header->setVisible(true);
}

void Card::add(QWidget *widget, int stretch)
{
    m_body->addWidget(widget, stretch);
}

void Card::addFlush(QWidget *widget, int stretch)
{
    m_body->setContentsMargins(0, 0, 0, look::kCardRadius - 2);
    m_body->setSpacing(0);
    m_body->addWidget(widget, stretch);
}

void Card::addDivider()
{
    m_body->addWidget(new Divider);
}

void Card::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Theme &theme = Theme::of(this);
    style::drawBox(&painter, rect(), theme.surface, theme.line, look::kCardRadius);
}

SectionHeader::SectionHeader(const QString &heading, const QString &hint, QWidget *parent)
    : QWidget(parent)
    , m_row(new QHBoxLayout(this))
    , m_heading(new ElidedLabel(heading, TextRole::Heading))
    , m_hint(new ElidedLabel(hint, TextRole::Body, Tone::Muted))
    , m_value(new ElidedLabel({}, TextRole::Body, Tone::Muted))
{
    m_row->setContentsMargins(look::kGap - 1, 6, look::kGap - 1, 2);
    m_row->setSpacing(8);
    m_heading->setShrinks(false);
    m_hint->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_row->addWidget(m_heading);
    m_row->addWidget(m_hint, 1);
    m_row->addWidget(m_value);
    setMinimumHeight(look::kControlHeight + 8);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void SectionHeader::setHeading(const QString &heading)
{
    m_heading->setText(heading);
}

void SectionHeader::setHint(const QString &hint)
{
    m_hint->setText(hint);
}

void SectionHeader::setValue(const QString &text)
{
    m_value->setText(text);
}

void SectionHeader::add(QWidget *widget)
{
    m_row->addWidget(widget);
}

Divider::Divider(QWidget *parent, Qt::Orientation orientation) : QWidget(parent)
{
    if (orientation == Qt::Horizontal)
        setFixedHeight(1);
    else
        setFixedWidth(1);
}

void Divider::paintEvent(QPaintEvent *)
{
    QPainter(this).fillRect(rect(), Theme::of(this).line);
}

} // namespace krater
