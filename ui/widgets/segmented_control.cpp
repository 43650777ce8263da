// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/segmented_control.h"

#include "ui/theme/style_painter.h"
#include "ui/theme/theme.h"

#include <QAbstractButton>
#include <QButtonGroup>
#include <QHBoxLayout>
#include <QPainter>
#include <QPainterPath>
#include <QStyleOption>

namespace krater {
namespace {

class Segment : public QAbstractButton {
public:
    Segment(const QString &text, bool first, bool last) : m_first(first), m_last(last)
    {
        setText(text);
        setAccessibleName(text);
        setCheckable(true);
        setFocusPolicy(Qt::TabFocus);
        setAttribute(Qt::WA_Hover);
    }

    QSize sizeHint() const override
    {
        // Bold is the widest that the text becomes, so that choosing moves nothing.
        const QFontMetrics metrics(textFont(TextRole::Strong, this));
        return {metrics.horizontalAdvance(text()) + 22, std::max(look::kControlHeight, metrics.height() + 10)};
    }
    QSize minimumSizeHint() const override { return sizeHint(); } // half a word is none

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        const Theme &theme = Theme::of(this);
        painter.setRenderHint(QPainter::Antialiasing);
        // The outline reaches past the sides that touch a neighbour, so that corners are round at the ends only.
        const QRectF box = QRectF(rect()).adjusted(m_first ? 0.5 : -8.5, 0.5, m_last ? -0.5 : 8.5, -0.5);
        QColor fill = theme.surface;
        if (isChecked() || isDown())
            fill = theme.isDark ? theme.line : theme.rowSelected;
        else if (underMouse() && isEnabled())
            fill = theme.rowHover;
        painter.setPen(theme.line);
        painter.setBrush(fill);
        painter.drawRoundedRect(box, look::kControlRadius - 0.5, look::kControlRadius - 0.5);
        if (!m_first)
            painter.drawLine(QPointF(0.5, 1), QPointF(0.5, height() - 1));
        painter.setFont(textFont(isChecked() ? TextRole::Strong : TextRole::Body, this));
        painter.setPen(isEnabled() ? theme.text : theme.faint);
        painter.drawText(rect(), Qt::AlignCenter, text());
        if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange))
            style::drawFocusRing(&painter, rect(), theme, look::kControlRadius);
    }

private:
    bool m_first;
    bool m_last;
};

} // namespace

SegmentedControl::SegmentedControl(const QStringList &texts, QWidget *parent)
    : QWidget(parent)
    , m_group(new QButtonGroup(this))
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    for (int i = 0; i < texts.size(); ++i) {
        auto *segment = new Segment(texts[i], i == 0, i == texts.size() - 1);
        m_group->addButton(segment, i);
        row->addWidget(segment);
    }
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(m_group, &QButtonGroup::idClicked, this, &SegmentedControl::activated);
}

int SegmentedControl::current() const
{
    return m_group->checkedId();
}

void SegmentedControl::setCurrent(int index)
{
    if (index == current())
        return;
    if (QAbstractButton *segment = m_group->button(index)) {
        segment->setChecked(true);
    } else if (QAbstractButton *checked = m_group->checkedButton()) {
        m_group->setExclusive(false);
        checked->setChecked(false);
        m_group->setExclusive(true);
    }
}

void SegmentedControl::setText(int index, const QString &text)
{
    QAbstractButton *segment = m_group->button(index);
    if (!segment || segment->text() == text)
        return;
    segment->setText(text);
    segment->setAccessibleName(text);
    segment->updateGeometry();
}

void SegmentedControl::setSegmentEnabled(int index, bool enabled, const QString &why)
{
    if (QAbstractButton *segment = m_group->button(index)) {
        segment->setEnabled(enabled);
        segment->setToolTip(why);
    }
}

void SegmentedControl::setExclusive(bool exclusive)
{
    m_group->setExclusive(exclusive);
    for (QAbstractButton *segment : m_group->buttons())
        segment->setCheckable(exclusive);
}

int SegmentedControl::numSegments() const
{
    return int(m_group->buttons().size());
}

} // namespace krater
