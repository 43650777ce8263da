// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QPalette>

class QWidget;

namespace krater {

// Measures of the look, in device-independent pixels (design/README.md). Everything sits on a grid of 4.
namespace look {
inline constexpr int kGrid = 4;
inline constexpr int kGap = 12;        // between cards, and a card's padding
inline constexpr int kPageMargin = 16; // around a page
inline constexpr int kCardRadius = 8;
inline constexpr int kControlRadius = 6;
inline constexpr int kControlHeight = 28;
inline constexpr int kRowHeight = 29; // of tables
inline constexpr int kDenseRowHeight = 25; // of tables beside a plot
inline constexpr int kCellMargin = 6; // between a table cell's edge and what is in it
inline constexpr int kCellEdge = 5;   // more of it at the table's own edges, so that columns stand under the heading
inline constexpr int kRailWidth = 88;
inline constexpr int kToolBarHeight = 48;
inline constexpr int kStatusBarHeight = 28;
inline constexpr int kIconSize = 16;
} // namespace look

// What a colour of text or a mark is for. Pages name the tone; the theme knows the colour in light and dark.
enum class Tone { Text, Muted, Faint, Accent, Good, Warn, Bad };

// What a piece of text is for: 13 px body, 11-12 px small, 13 px semibold heading, 15 px title, semibold or light (scaled with the system's font).
enum class TextRole { Body, Small, Strong, Heading, Title, TitleLight };

// The colours of the look, light and dark: the only place that names them. An immutable value; a widget asks for the one that its palette
// belongs to when it paints, so that a change of appearance needs no more than a repaint. UI thread.
struct Theme {
    bool isDark = false;
    QColor window, surface, line, lineSoft;
    QColor text, muted, faint;
    QColor accent, accentSoft, onAccent;
    QColor rowSelected, rowHover;
    QColor good, warn, bad;

    static const Theme &light();
    static const Theme &dark();
    static const Theme &of(const QPalette &palette); // by the lightness of its window colour
    static const Theme &of(const QWidget *widget);
    static const Theme &current(); // the application's

    QPalette palette() const;
    QColor tone(Tone tone) const;
    // Colours made from a domain's: opaque fill of an area (about 70 % over the surface), faint line, and text that is readable on the surface.
    QColor area(const QColor &colour) const;
    QColor faintLine(const QColor &colour) const;
    QColor readable(const QColor &colour) const; // moved towards the text colour until its contrast is 4.5:1
};

QFont textFont(TextRole role, const QFont &base);
QFont textFont(TextRole role, const QWidget *widget);

// WCAG 2.2 contrast ratio of two opaque colours, 1 to 21.
double contrastRatio(const QColor &a, const QColor &b);
// `share` of `over` on `under`, opaque.
QColor blend(const QColor &under, const QColor &over, double share);

} // namespace krater
