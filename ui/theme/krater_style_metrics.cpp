// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/krater_style.h"

#include "ui/theme/style_painter.h"

#include <QAbstractScrollArea>
#include <QGuiApplication>

#include <algorithm>

// Sizes and habits of KraterStyle.

namespace krater {
namespace {

template <typename Option>
const Option *as(const QStyleOption *option)
{
    return qstyleoption_cast<const Option *>(option);
}

} // namespace

QSize KraterStyle::sizeFromContents(ContentsType type, const QStyleOption *option, const QSize &size,
                                    const QWidget *widget) const
{
    const int control = std::max(look::kControlHeight, option ? option->fontMetrics.height() + 10 : 0);
    switch (type) {
    case CT_PushButton:
        return {std::max(control, size.width() + 24), control};
    case CT_ToolButton:
        return {std::max(control, size.width() + 12), control};
    case CT_ComboBox:
        return {size.width() + 40, control};
    case CT_SpinBox:
        return {size.width() + 34, control};
    case CT_LineEdit:
        return {size.width() + 16, control};
    case CT_MenuItem:
        if (const auto *item = as<QStyleOptionMenuItem>(option))
            return style::menuItemSize(item, size);
        break;
    case CT_MenuBarItem:
        return {size.width() + 20, size.height() + 12};
    case CT_TabBarTab:
        return {size.width() + 2, 36};
    case CT_HeaderSection: {
        const QSize base = QProxyStyle::sizeFromContents(type, option, size, widget);
        return {base.width() + 8, std::max(look::kRowHeight, base.height())};
    }
    case CT_ItemViewItem: {
        const QSize base = QProxyStyle::sizeFromContents(type, option, size, widget);
        return {base.width(), std::max(control - 2, base.height())};
    }
    default:
        break;
    }
    return QProxyStyle::sizeFromContents(type, option, size, widget);
}

int KraterStyle::pixelMetric(PixelMetric metric, const QStyleOption *option, const QWidget *widget) const
{
    switch (metric) {
    case PM_DefaultFrameWidth:
        // The square viewport of a text field must not cover the round corners.
        return qobject_cast<const QAbstractScrollArea *>(widget) ? 2 : 1;
    case PM_ButtonShiftHorizontal:
    case PM_ButtonShiftVertical:
        return 0;
    case PM_ScrollBarExtent:
        return 10;
    case PM_ScrollBarSliderMin:
        return 32;
    case PM_SliderThickness:
        return 20;
    case PM_SliderLength:
    case PM_SliderControlThickness:
        return 14;
    case PM_SplitterWidth:
        return look::kGap;
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
    case PM_ExclusiveIndicatorWidth:
    case PM_ExclusiveIndicatorHeight:
        return 16;
    case PM_SmallIconSize:
    case PM_ButtonIconSize:
    case PM_ListViewIconSize:
        return look::kIconSize;
    case PM_LayoutLeftMargin:
    case PM_LayoutRightMargin:
    case PM_LayoutTopMargin:
    case PM_LayoutBottomMargin:
        return look::kGap;
    case PM_LayoutHorizontalSpacing:
    case PM_LayoutVerticalSpacing:
        return 8;
    case PM_MenuPanelWidth:
        return 1;
    case PM_MenuVMargin:
        return 4;
    case PM_MenuHMargin:
        return 0;
    case PM_MenuBarHMargin:
        return 4;
    case PM_MenuBarVMargin:
    case PM_MenuBarPanelWidth:
    case PM_MenuBarItemSpacing:
        return 0;
    case PM_HeaderMargin:
        return look::kCellMargin;
    case PM_HeaderMarkSize:
        return 10;
    case PM_TabBarTabOverlap:
    case PM_TabBarTabShiftVertical:
        return 0;
    case PM_ToolTipLabelFrameWidth:
        return 6;
    default:
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int KraterStyle::styleHint(StyleHint hint, const QStyleOption *option, const QWidget *widget,
                           QStyleHintReturn *returnData) const
{
    switch (hint) {
    case SH_ComboBox_Popup:
        return 0;
    case SH_ItemView_ShowDecorationSelected:
        return 1;
    case SH_EtchDisabledText:
    case SH_DitherDisabledText:
        return 0;
    case SH_Slider_AbsoluteSetButtons:
        return int(Qt::LeftButton);
    case SH_Table_GridLineColor:
        return int(Theme::of(option ? option->palette : QPalette()).lineSoft.rgb());
    case SH_TabBar_Alignment:
        return int(Qt::AlignLeft);
    case SH_Menu_SubMenuPopupDelay:
        return 120;
    case SH_UnderlineShortcut:
        return QGuiApplication::queryKeyboardModifiers().testFlag(Qt::AltModifier);
    case SH_MessageBox_CenterButtons:
        return 0;
    case SH_DialogButtonBox_ButtonsHaveIcons:
        return 0;
    default:
        return QProxyStyle::styleHint(hint, option, widget, returnData);
    }
}

} // namespace krater
