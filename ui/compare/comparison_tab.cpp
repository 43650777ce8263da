// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/comparison_tab.h"

#include "ui/compare/run_selection.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QPainter>
#include <QSvgGenerator>

#include <utility>

namespace krater {

ComparisonTab::ComparisonTab(RunSelection &selection, QWidget *parent) : QWidget(parent), m_selection(selection)
{
    connect(&selection, &RunSelection::runsChanged, this, [this] { update(m_runsAreStale, &ComparisonTab::showRuns); });
    connect(&selection, &RunSelection::comparisonChanged, this,
            [this] { update(m_numbersAreStale, &ComparisonTab::showNumbers); });
}

// A tab that is not seen is brought up to date when it is shown.
void ComparisonTab::update(bool &isStale, void (ComparisonTab::*bringUp)())
{
    isStale = !isVisible();
    if (!isStale)
        (this->*bringUp)();
}

QImage ComparisonTab::picture(double scale)
{
    QWidget *shown = chart();
    if (!shown)
        return {};
    QImage image(shown->size() * scale, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(scale);
    image.fill(Theme::of(shown).surface);
    shown->render(&image, {}, {}, QWidget::DrawChildren);
    return image;
}

bool ComparisonTab::saveSvg(const QString &file)
{
    QWidget *shown = chart();
    if (!shown)
        return false;
    QSvgGenerator generator;
    generator.setFileName(file);
    generator.setSize(shown->size());
    generator.setViewBox(shown->rect());
    generator.setTitle(title());
    QPainter painter;
    if (!painter.begin(&generator))
        return false;
    painter.fillRect(shown->rect(), Theme::of(shown).surface);
    shown->render(&painter, {}, {}, QWidget::DrawChildren);
    return painter.end();
}

void ComparisonTab::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (std::exchange(m_runsAreStale, false))
        showRuns();
    if (std::exchange(m_numbersAreStale, false))
        showNumbers();
}

// Colours of runs belong to the theme.
void ComparisonTab::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && isVisible()) {
        showRuns();
        showNumbers();
    }
}

} // namespace krater
