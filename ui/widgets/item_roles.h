// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/qnamespace.h>

namespace krater {

// What Krater's delegates read from a model besides Qt::DisplayRole.
enum ItemRole {
    ColourRole = Qt::UserRole + 100, // QColor or "#RRGGBB" of a swatch or a bar
    ShareRole,                       // double, 0 to 1: length of a bar
    DetailRole,                      // QString: muted second line
    ToneRole,                        // int(Tone) of the text
    MixtureRole,                     // QList<double>: shares of a stacked bar
    MixtureColoursRole,              // QStringList or QList<QColor>, one for each share
    BadgeRole                        // QString: small muted word after the text ("baseline")
};

} // namespace krater
