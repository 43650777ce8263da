// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/shortcuts_dialog.h"

#include "ui/theme/theme.h"
#include "ui/widgets/value_table.h"

#include <QAction>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QStandardItemModel>
#include <QVBoxLayout>

namespace krater {

ShortcutsDialog::ShortcutsDialog(const QList<QAction *> &actions, QWidget *parent) : QDialog(parent)
{
    setWindowTitle(tr("Keyboard shortcuts"));
    auto *model = new QStandardItemModel(this);
    model->setHorizontalHeaderLabels({tr("keys"), tr("what they do")});
    const auto add = [model](const QString &keys, const QString &what) {
        model->appendRow({new QStandardItem(keys), new QStandardItem(what)});
    };
    for (const QAction *action : actions) {
        QString text = action->text();
        text.remove(QLatin1Char('&')).remove(QStringLiteral("…"));
        add(action->shortcut().toString(QKeySequence::NativeText), text);
    }
    add(tr("Left, Right"), tr("In a plot: move the cursor (with Shift by ten)"));
    add(tr("Plus, Minus"), tr("In a plot: zoom in and out at the cursor"));
    add(tr("Home"), tr("In a plot: show everything and follow"));
    add(tr("Ctrl+C"), tr("In a plot: copy the picture; in a table: copy the rows"));
    add(tr("Menu key"), tr("In a plot: save or copy picture and data"));

    auto *table = new ValueTable(tr("Keyboard shortcuts"));
    table->setModel(model);
    table->setColumnWidth(0, 170);
    table->horizontalHeader()->setStretchLastSection(true);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(12, 12, 12, 12);
    column->addWidget(table, 1);
    column->addWidget(buttons);
    resize(560, 620);
}

} // namespace krater
