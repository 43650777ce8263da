// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"

#include <QIcon>
#include <QPixmap>
#include <QString>

namespace krater {

// An icon of resources/icons (line drawings, 24 x 24, "currentColor") by its name without ".svg". It is drawn when it is painted, in the text
// colour of the palette in force then and at the scale of the screen, so it needs no care when the appearance changes.
QIcon icon(const QString &name);
// The same in one tone, whatever the state.
QIcon icon(const QString &name, Tone tone);
// A picture of it in one colour, `size` pixels wide and high (device-independent) at a scale.
QPixmap iconPixmap(const QString &name, const QColor &colour, int size, qreal devicePixelRatio);

} // namespace krater
