// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/settings.h"

#include <QDialog>

namespace krater {

// Looks and habits; every choice takes effect at once. Nothing here changes a number of a run.
class PreferencesDialog : public QDialog {
    Q_OBJECT

public:
    explicit PreferencesDialog(Settings &settings, QWidget *parent = nullptr);

signals:
    void layoutResetRequested();
};

} // namespace krater
