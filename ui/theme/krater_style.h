// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QProxyStyle>

class QAbstractButton;

namespace krater {

// How loud a button is. One Primary in the window at a time; Quiet ones have no frame until the pointer is over them.
enum class ButtonKind { Normal, Primary, Quiet, Danger };
void setButtonKind(QAbstractButton *button, ButtonKind kind);
ButtonKind buttonKind(const QWidget *button);

// Widgets with this property draw a faint line below each row (tables and lists made by ValueTable).
inline constexpr const char *kRowRulesProperty = "kraterRowRules";

// Fusion's habits with Krater's look: flat surfaces with one border, 6 px corners, 28 px controls, visible keyboard focus, slim scroll bars.
// Every colour comes from the Theme that the painted palette belongs to, so light and dark need no state here. UI thread.
class KraterStyle : public QProxyStyle {
    Q_OBJECT

public:
    KraterStyle();

    void drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter,
                       const QWidget *widget) const override;
    void drawControl(ControlElement element, const QStyleOption *option, QPainter *painter,
                     const QWidget *widget) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex *option, QPainter *painter,
                            const QWidget *widget) const override;
    QRect subControlRect(ComplexControl control, const QStyleOptionComplex *option, SubControl subControl,
                         const QWidget *widget) const override;
    QRect subElementRect(SubElement element, const QStyleOption *option, const QWidget *widget) const override;
    QSize sizeFromContents(ContentsType type, const QStyleOption *option, const QSize &size,
                           const QWidget *widget) const override;
    int pixelMetric(PixelMetric metric, const QStyleOption *option, const QWidget *widget) const override;
    int styleHint(StyleHint hint, const QStyleOption *option, const QWidget *widget,
                  QStyleHintReturn *returnData) const override;
    QPixmap generatedIconPixmap(QIcon::Mode mode, const QPixmap &pixmap, const QStyleOption *option) const override;
    void polish(QWidget *widget) override;
    using QProxyStyle::polish;
};

} // namespace krater
