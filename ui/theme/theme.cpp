// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/theme.h"

#include <QGuiApplication>
#include <QWidget>

#include <algorithm>
#include <cmath>

namespace krater {
namespace {

Theme makeLight()
{
    Theme t;
    t.window = QColor(0xF6, 0xF6, 0xF3);
    t.surface = QColor(0xFF, 0xFF, 0xFF);
    t.line = QColor(0xE3, 0xE2, 0xDD);
    t.lineSoft = QColor(0xEF, 0xEE, 0xEA);
    t.text = QColor(0x1D, 0x1C, 0x1A);
    t.muted = QColor(0x71, 0x6F, 0x69);
    t.faint = QColor(0xA8, 0xA6, 0x9F);
    t.accent = QColor(0x8C, 0x1D, 0x40);
    t.accentSoft = QColor(0xF6, 0xE9, 0xED);
    t.onAccent = QColor(0xFF, 0xFF, 0xFF);
    t.rowSelected = QColor(0xF1, 0xEF, 0xEA);
    t.rowHover = QColor(0xF8, 0xF7, 0xF4);
    t.good = QColor(0x2F, 0x7D, 0x4F);
    t.warn = QColor(0xB9, 0x74, 0x00);
    t.bad = QColor(0xC2, 0x36, 0x1E);
    return t;
}

Theme makeDark()
{
    Theme t;
    t.isDark = true;
    t.window = QColor(0x19, 0x19, 0x18);
    t.surface = QColor(0x21, 0x21, 0x20);
    t.line = QColor(0x34, 0x34, 0x31);
    t.lineSoft = QColor(0x2B, 0x2B, 0x29);
    t.text = QColor(0xE9, 0xE7, 0xE1);
    t.muted = QColor(0x9C, 0x9A, 0x92);
    t.faint = QColor(0x6B, 0x69, 0x63);
    t.accent = QColor(0xE5, 0x8A, 0xA5);
    t.accentSoft = QColor(0x3A, 0x20, 0x29);
    t.onAccent = QColor(0x24, 0x0B, 0x14);
    t.rowSelected = QColor(0x2C, 0x2C, 0x2A);
    t.rowHover = QColor(0x26, 0x26, 0x25);
    t.good = QColor(0x6C, 0xC0, 0x8B);
    t.warn = QColor(0xE0, 0xA2, 0x3B);
    t.bad = QColor(0xF0, 0x74, 0x5C);
    return t;
}

// Relative luminance of an sRGB colour, WCAG 2.2.
double luminance(const QColor &colour)
{
    const auto linear = [](double channel) {
        return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

} // namespace

const Theme &Theme::light()
{
    static const Theme theme = makeLight();
    return theme;
}

const Theme &Theme::dark()
{
    static const Theme theme = makeDark();
    return theme;
}

const Theme &Theme::of(const QPalette &palette)
{
    return palette.color(QPalette::Window).lightness() < 128 ? dark() : light();
}

const Theme &Theme::of(const QWidget *widget)
{
    return widget ? of(widget->palette()) : current();
}

const Theme &Theme::current()
{
    return of(QGuiApplication::palette());
}

QPalette Theme::palette() const
{
    QPalette p;
    p.setColor(QPalette::Window, window);
    p.setColor(QPalette::WindowText, text);
    p.setColor(QPalette::Base, surface);
    p.setColor(QPalette::AlternateBase, rowHover);
    p.setColor(QPalette::Text, text);
    p.setColor(QPalette::PlaceholderText, muted);
    p.setColor(QPalette::Button, surface);
    p.setColor(QPalette::ButtonText, text);
    p.setColor(QPalette::BrightText, bad);
    p.setColor(QPalette::ToolTipBase, isDark ? rowSelected : text);
    p.setColor(QPalette::ToolTipText, isDark ? text : surface);
    p.setColor(QPalette::Highlight, accentSoft);
    p.setColor(QPalette::HighlightedText, text);
    p.setColor(QPalette::Link, accent);
    p.setColor(QPalette::LinkVisited, accent);
    p.setColor(QPalette::Light, surface);
    p.setColor(QPalette::Midlight, lineSoft);
    p.setColor(QPalette::Mid, line);
    p.setColor(QPalette::Dark, faint);
    p.setColor(QPalette::Shadow, isDark ? QColor(0, 0, 0) : faint);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText})
        p.setColor(QPalette::Disabled, role, faint);
    p.setColor(QPalette::Disabled, QPalette::Highlight, lineSoft);
    return p;
}

QColor Theme::tone(Tone tone) const
{
    switch (tone) {
    case Tone::Text:
        return text;
    case Tone::Muted:
        return muted;
    case Tone::Faint:
        return faint;
    case Tone::Accent:
        return accent;
    case Tone::Good:
        return good;
    case Tone::Warn:
        return warn;
    case Tone::Bad:
        return bad;
    }
    return text;
}

QColor Theme::area(const QColor &colour) const
{
    return blend(surface, colour, 0.72);
}

QColor Theme::faintLine(const QColor &colour) const
{
    return blend(surface, colour, isDark ? 0.38 : 0.30);
}

QColor Theme::readable(const QColor &colour) const
{
    for (int percent = 0; percent < 100; percent += 4) {
        const QColor candidate = blend(colour, text, percent / 100.0);
        if (contrastRatio(candidate, surface) >= 4.5)
            return candidate;
    }
    return text;
}

QFont textFont(TextRole role, const QFont &base)
{
    QFont font = base;
    const int body = base.pixelSize() > 0 ? base.pixelSize() : 13;
    switch (role) {
    case TextRole::Body:
        font.setPixelSize(body);
        break;
    case TextRole::Small:
        font.setPixelSize(body - 1);
        break;
    case TextRole::Strong:
    case TextRole::Heading:
        font.setPixelSize(body);
        font.setWeight(QFont::DemiBold);
        break;
    case TextRole::TitleLight:
        font.setPixelSize(body + 2);
        break;
    case TextRole::Title:
        font.setPixelSize(body + 2);
        font.setWeight(QFont::DemiBold);
        break;
    }
    return font;
}

QFont textFont(TextRole role, const QWidget *widget)
{
    return textFont(role, widget ? widget->font() : QGuiApplication::font());
}

double contrastRatio(const QColor &a, const QColor &b)
{
    const double la = luminance(a);
    const double lb = luminance(b);
    return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

QColor blend(const QColor &under, const QColor &over, double share)
{
    const auto mix = [share](double u, double o) { return float(u + (o - u) * share); };
    return QColor::fromRgbF(mix(under.redF(), over.redF()), mix(under.greenF(), over.greenF()),
                            mix(under.blueF(), over.blueF()));
}

} // namespace krater
