// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/run_legend.h"

#include "ui/compare/run_selection.h"
#include "ui/theme/theme.h"
#include "ui/widgets/colour_swatch.h"
#include "ui/widgets/elided_label.h"

#include <QEvent>
#include <QHBoxLayout>

namespace krater {

RunLegend::RunLegend(RunSelection &selection, QWidget *parent)
    : QWidget(parent)
    , m_selection(selection)
    , m_row(new QHBoxLayout(this))
{
    m_row->setContentsMargins(0, 0, 0, 0);
    m_row->setSpacing(6);
    connect(&selection, &RunSelection::runsChanged, this, &RunLegend::rebuild);
    rebuild();
}

void RunLegend::rebuild()
{
    while (QLayoutItem *item = m_row->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    QStringList names;
    for (const ShownRun &run : m_selection.runs()) {
        const bool isBaseline = &run == m_selection.baseline();
        const QString text = isBaseline ? tr("%1 (baseline)").arg(run.name()) : run.name();
        names << text;
        if (m_row->count() > 0)
            m_row->addSpacing(8);
        m_row->addWidget(new ColourSwatch(run.colour(Theme::of(this))));
        auto *label = new ElidedLabel(text, TextRole::Small, Tone::Muted);
        label->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
        m_row->addWidget(label, 1);
    }
    m_row->addStretch(1);
    setAccessibleName(tr("Runs shown: %1").arg(names.join(QStringLiteral(", "))));
}

void RunLegend::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        rebuild();
}

} // namespace krater
