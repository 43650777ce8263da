// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/preferences_dialog.h"

#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/segmented_control.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace krater {
namespace {

QLabel *makeHint(const QString &text)
{
    auto *label = new QLabel(text);
    label->setWordWrap(true);
    label->setForegroundRole(QPalette::PlaceholderText);
    return label;
}

} // namespace

PreferencesDialog::PreferencesDialog(Settings &settings, QWidget *parent) : QDialog(parent)
{
    setWindowTitle(tr("Preferences"));
    auto *appearance = new SegmentedControl({tr("As the system"), tr("Light"), tr("Dark")});
    appearance->setAccessibleName(tr("Appearance"));
    appearance->setCurrent(int(settings.appearance()));
    connect(appearance, &SegmentedControl::activated, this,
            [&settings](int index) { settings.setAppearance(Settings::Appearance(index)); });
    connect(&settings, &Settings::appearanceChanged, appearance,
            [&settings, appearance] { appearance->setCurrent(int(settings.appearance())); });
    auto *reset = new Button(tr("Reset layout"));
    connect(reset, &QPushButton::clicked, this, &PreferencesDialog::layoutResetRequested);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);

    auto *form = new QFormLayout;
    form->setLabelAlignment(Qt::AlignLeft);
    form->setHorizontalSpacing(24);
    form->setVerticalSpacing(6);
    form->addRow(tr("Appearance"), appearance);
    form->addRow(
        {}, makeHint(tr("Charts and tables change with it; saved pictures keep the colours that they were made in.")));
    form->addRow(tr("Layout"), reset);
    form->addRow({}, makeHint(tr("Window size, splitters and table columns go back to how they came.")));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(20, 20, 20, 16);
    column->setSpacing(16);
    column->addLayout(form);
    column->addStretch(1);
    column->addWidget(buttons);
    setMinimumWidth(460);
}

} // namespace krater
