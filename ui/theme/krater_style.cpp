// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/krater_style.h"

#include "ui/theme/style_painter.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractScrollArea>
#include <QComboBox>
#include <QFrame>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QPointer>
#include <QScrollBar>
#include <QSlider>
#include <QSpinBox>
#include <QTabBar>

#include <algorithm>

namespace krater {
namespace {

constexpr const char *kKindProperty = "kraterButtonKind";

template<typename Option>
const Option *as(const QStyleOption *option)
{
    return qstyleoption_cast<const Option *>(option);
}

} // namespace

void setButtonKind(QAbstractButton *button, ButtonKind kind)
{
    if (buttonKind(button) == kind)
        return;
    button->setProperty(kKindProperty, int(kind));
    button->update();
}

ButtonKind buttonKind(const QWidget *button)
{
    return button ? ButtonKind(button->property(kKindProperty).toInt()) : ButtonKind::Normal;
}

KraterStyle::KraterStyle() : QProxyStyle(QStringLiteral("Fusion")) { }

void KraterStyle::drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter,
                                const QWidget *widget) const
{
    const Theme &theme = Theme::of(option->palette);
    const QRectF rect = option->rect;
    switch (element) {
    case PE_PanelButtonCommand:
    case PE_PanelButtonTool:
    case PE_PanelButtonBevel:
        return style::drawButtonPanel(painter, option, widget);
    case PE_FrameDefaultButton:
    case PE_PanelToolBar:
    case PE_PanelMenuBar:
    case PE_FrameMenu:
    case PE_PanelStatusBar:
    case PE_FrameStatusBarItem:
    case PE_FrameTabBarBase:
    case PE_FrameTabWidget:
    case PE_IndicatorHeaderArrow: // drawn with the label
    case PE_FrameButtonTool:
        return;
    case PE_FrameFocusRect:
        if (style::hasKeyboardFocus(option))
            style::drawFocusRing(painter, rect, theme, look::kControlRadius - 2);
        return;
    case PE_PanelLineEdit:
        if (const auto *frame = as<QStyleOptionFrame>(option); frame && frame->lineWidth > 0)
            style::drawInputFrame(painter, option, option->rect);
        return;
    case PE_FrameLineEdit:
        return; // drawn with the panel
    case PE_IndicatorCheckBox:
    case PE_IndicatorItemViewItemCheck:
        return style::drawCheckIndicator(painter, option, false);
    case PE_IndicatorRadioButton:
        return style::drawCheckIndicator(painter, option, true);
    case PE_Frame:
        return style::drawInputFrame(painter, option, option->rect);
    case PE_FrameGroupBox:
        return style::drawBox(painter, rect, Qt::transparent, theme.line, look::kCardRadius);
    case PE_PanelMenu:
        return style::drawBox(painter, rect, theme.surface, theme.line, 0);
    case PE_PanelTipLabel:
        return style::drawBox(painter, rect, option->palette.color(QPalette::ToolTipBase),
                              option->palette.color(QPalette::ToolTipBase), 0);
    case PE_PanelItemViewRow:
        return; // the items paint their own background
    case PE_PanelItemViewItem:
        if (const auto *item = as<QStyleOptionViewItem>(option))
            return style::drawItemPanel(painter, item, widget);
        break;
    case PE_IndicatorArrowDown:
        return style::drawChevron(painter, rect, Qt::DownArrow, theme.muted);
    case PE_IndicatorArrowUp:
        return style::drawChevron(painter, rect, Qt::UpArrow, theme.muted);
    case PE_IndicatorArrowLeft:
        return style::drawChevron(painter, rect, Qt::LeftArrow, theme.muted);
    case PE_IndicatorArrowRight:
        return style::drawChevron(painter, rect, Qt::RightArrow, theme.muted);
    default:
        break;
    }
    QProxyStyle::drawPrimitive(element, option, painter, widget);
}

void KraterStyle::drawControl(ControlElement element, const QStyleOption *option, QPainter *painter,
                              const QWidget *widget) const
{
    switch (element) {
    case CE_PushButtonBevel:
        return style::drawButtonPanel(painter, option, widget);
    case CE_PushButtonLabel:
        if (const auto *button = as<QStyleOptionButton>(option))
            return style::drawButtonLabel(painter, button, widget, this);
        break;
    case CE_HeaderSection:
        if (const auto *header = as<QStyleOptionHeader>(option))
            return style::drawHeaderSection(painter, header);
        break;
    case CE_HeaderEmptyArea:
        painter->fillRect(option->rect, Theme::of(option->palette).surface);
        return;
    case CE_HeaderLabel:
        if (const auto *header = as<QStyleOptionHeader>(option))
            return style::drawHeaderLabel(painter, header);
        break;
    case CE_ProgressBar:
        if (const auto *bar = as<QStyleOptionProgressBar>(option))
            return style::drawProgress(painter, bar);
        break;
    case CE_TabBarTab:
        if (const auto *tab = as<QStyleOptionTab>(option))
            return style::drawTab(painter, tab, this);
        break;
    case CE_MenuItem:
        if (const auto *item = as<QStyleOptionMenuItem>(option))
            return style::drawMenuItem(painter, item);
        break;
    case CE_MenuBarItem:
        if (const auto *item = as<QStyleOptionMenuItem>(option))
            return style::drawMenuBarItem(painter, item, this);
        break;
    case CE_MenuBarEmptyArea:
        painter->fillRect(option->rect, Theme::of(option->palette).window);
        return;
    case CE_Splitter:
    case CE_ToolBar:
        return; // the gap between cards is its own sign
    default:
        break;
    }
    QProxyStyle::drawControl(element, option, painter, widget);
}

void KraterStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex *option, QPainter *painter,
                                     const QWidget *widget) const
{
    const auto part = [&](SubControl subControl) { return subControlRect(control, option, subControl, widget); };
    switch (control) {
    case CC_ComboBox:
        if (const auto *combo = as<QStyleOptionComboBox>(option))
            return style::drawComboBox(painter, combo, part(SC_ComboBoxArrow));
        break;
    case CC_SpinBox:
        if (const auto *spin = as<QStyleOptionSpinBox>(option))
            return style::drawSpinBox(painter, spin, part(SC_SpinBoxUp), part(SC_SpinBoxDown));
        break;
    case CC_ScrollBar:
        if (const auto *bar = as<QStyleOptionSlider>(option))
            return style::drawScrollBar(painter, bar, part(SC_ScrollBarSlider));
        break;
    case CC_Slider:
        if (const auto *slider = as<QStyleOptionSlider>(option))
            return style::drawSlider(painter, slider, part(SC_SliderGroove), part(SC_SliderHandle));
        break;
    default:
        break;
    }
    QProxyStyle::drawComplexControl(control, option, painter, widget);
}

QRect KraterStyle::subControlRect(ComplexControl control, const QStyleOptionComplex *option, SubControl subControl,
                                  const QWidget *widget) const
{
    if (control == CC_ScrollBar) {
        if (const auto *bar = as<QStyleOptionSlider>(option))
            return style::scrollBarPart(bar, subControl);
    }
    if (control == CC_ComboBox) {
        const QRect rect = option->rect;
        constexpr int kArrow = 24;
        const bool framed = !as<QStyleOptionComboBox>(option) || as<QStyleOptionComboBox>(option)->frame;
        if (subControl == SC_ComboBoxArrow)
            return visualRect(option->direction, rect,
                              QRect(rect.right() - kArrow + 1, rect.top(), kArrow, rect.height()));
        if (subControl == SC_ComboBoxEditField && framed)
            return visualRect(option->direction, rect, rect.adjusted(10, 2, -kArrow, -2));
    }
    if (control == CC_SpinBox && subControl != SC_SpinBoxFrame) {
        const QRect rect = option->rect;
        const auto *spin = as<QStyleOptionSpinBox>(option);
        const int buttons = spin && spin->buttonSymbols == QAbstractSpinBox::NoButtons ? 0 : 18;
        const int half = rect.height() / 2;
        QRect part;
        if (subControl == SC_SpinBoxUp && buttons)
            part = QRect(rect.right() - buttons, rect.top() + 2, buttons, half - 2);
        else if (subControl == SC_SpinBoxDown && buttons)
            part = QRect(rect.right() - buttons, rect.top() + half, buttons, rect.height() - half - 2);
        else if (subControl == SC_SpinBoxEditField)
            part = rect.adjusted(7, 2, -buttons - 5, -2);
        return visualRect(option->direction, rect, part);
    }
    return QProxyStyle::subControlRect(control, option, subControl, widget);
}

QRect KraterStyle::subElementRect(SubElement element, const QStyleOption *option, const QWidget *widget) const
{
    if (element == SE_LineEditContents) {
        const auto *frame = as<QStyleOptionFrame>(option);
        return frame && frame->lineWidth > 0 ? option->rect.adjusted(7, 1, -7, -1) : option->rect;
    }
    if (element == SE_ProgressBarContents || element == SE_ProgressBarGroove)
        return option->rect;
    return QProxyStyle::subElementRect(element, option, widget);
}

QPixmap KraterStyle::generatedIconPixmap(QIcon::Mode mode, const QPixmap &pixmap, const QStyleOption *option) const
{
    // Icons know their disabled colour; a selected or active one stays as it is.
    return mode == QIcon::Disabled ? QProxyStyle::generatedIconPixmap(mode, pixmap, option) : pixmap;
}

void KraterStyle::polish(QWidget *widget)
{
    if (qobject_cast<QAbstractButton *>(widget) || qobject_cast<QComboBox *>(widget)
        || qobject_cast<QAbstractSpinBox *>(widget) || qobject_cast<QLineEdit *>(widget)
        || qobject_cast<QScrollBar *>(widget) || qobject_cast<QSlider *>(widget) || qobject_cast<QTabBar *>(widget)
        || qobject_cast<QHeaderView *>(widget))
        widget->setAttribute(Qt::WA_Hover);
    QProxyStyle::polish(widget);
}

} // namespace krater
