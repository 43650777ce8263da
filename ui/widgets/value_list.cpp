// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/value_list.h"

#include "ui/widgets/elided_label.h"

#include <QGridLayout>

#include <algorithm>

namespace krater {

ValueList::ValueList(QWidget *parent) : QWidget(parent), m_grid(new QGridLayout(this))
{
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(12);
    m_grid->setVerticalSpacing(6);
    m_grid->setColumnStretch(0, 1);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
}

void ValueList::setValue(const QString &name, const QString &value, Tone tone, const QString &help)
{
    auto found = std::find_if(m_rows.begin(), m_rows.end(), [&](const Row &row) { return row.name == name; });
    if (found == m_rows.end()) {
        Row row{name, new ElidedLabel(name, TextRole::Body, Tone::Muted), new ElidedLabel({}, TextRole::Strong)};
        row.value->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
        row.value->setShrinks(false);
        const int line = int(m_rows.size());
        m_grid->addWidget(row.label, line, 0);
        m_grid->addWidget(row.value, line, 1);
        m_rows.push_back(row);
        found = std::prev(m_rows.end());
    }
    found->value->setText(value);
    found->value->setTone(tone);
    found->value->setAccessibleName(name + QStringLiteral(": ") + value);
    found->label->setHelp(help);
    found->value->setHelp(help);
}

QString ValueList::value(const QString &name) const
{
    const auto found = std::find_if(m_rows.begin(), m_rows.end(), [&](const Row &row) { return row.name == name; });
    return found == m_rows.end() ? QString() : found->value->text();
}

void ValueList::clear()
{
    for (const Row &row : m_rows) {
        delete row.label;
        delete row.value;
    }
    m_rows.clear();
}

} // namespace krater
