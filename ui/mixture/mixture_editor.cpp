// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/mixture/mixture_editor.h"

#include "ui/edit_command.h"
#include "ui/mixture/epoch_meter.h"
#include "ui/mixture/share_slider.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/widgets/colour_swatch.h"
#include "ui/widgets/mixture_bar.h"

#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QToolButton>

#include <algorithm>
#include <cmath>

namespace krater {

namespace {

enum Column { kLock, kSwatch, kName, kBar, kNumber, kMeter, kNumColumns };

constexpr int kLeastBar = 96;
constexpr int kFirstRow = 1; // of the domains; above stands the whole mixture

} // namespace

MixtureEditor::MixtureEditor(QWidget *parent)
    : QWidget(parent)
    , m_whole(new MixtureBar)
    , m_grid(new QGridLayout(this))
{
    m_whole->setAccessibleName(tr("The whole mixture"));
    m_grid->addWidget(m_whole, 0, 0, 1, kNumColumns);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(look::kGap);
    m_grid->setVerticalSpacing(look::kGap + 6);
    m_grid->setColumnStretch(kBar, 1);
    m_grid->setColumnMinimumWidth(kBar, kLeastBar);
}

void MixtureEditor::setMixture(const Mixture &mixture, const std::vector<Row> &rows, double tokenBudget)
{
    m_mixture = mixture;
    m_tokenBudget = tokenBudget;
    m_tokens.clear();
    for (const Row &row : rows)
        m_tokens.push_back(row.tokens);
    const bool sameRows = rows.size() == m_rows.size()
        && std::ranges::equal(rows, m_rows,
                              [](const Row &row, const RowWidgets &widgets) { return row.name == widgets.name; });
    if (!sameRows)
        rebuild(rows);
    for (std::size_t domain = 0; domain < rows.size(); ++domain)
        showRow(domain, rows[domain]);
    showWhole(rows);
    updateLocks();
}

void MixtureEditor::showWhole(const std::vector<Row> &rows)
{
    std::vector<QColor> colours;
    QStringList names;
    for (const Row &row : rows) {
        colours.push_back(row.colour);
        names << row.name;
    }
    const std::span<const double> weights = m_mixture->weights();
    m_whole->setMixture({weights.begin(), weights.end()}, std::move(colours), names);
}

void MixtureEditor::setUnit(Unit unit)
{
    m_unit = unit;
    for (std::size_t domain = 0; domain < m_rows.size(); ++domain)
        showNumber(domain);
    updateLocks(); // epochs cannot be typed where tokens are not counted
}

void MixtureEditor::setEditable(bool editable)
{
    m_editable = editable;
    updateLocks();
}

void MixtureEditor::rebuild(const std::vector<Row> &rows)
{
    for (const RowWidgets &row : m_rows)
        for (QWidget *widget :
             std::initializer_list<QWidget *>{row.lock, row.swatch, row.label, row.slider, row.number, row.meter})
            delete widget;
    m_rows.clear();
    m_locked.assign(rows.size(), false);
    for (std::size_t domain = 0; domain < rows.size(); ++domain) {
        m_rows.push_back(createRow(int(domain), rows[domain]));
        connectRow(m_rows.back(), domain);
    }
    for (int row = 0; row < m_grid->rowCount(); ++row)
        m_grid->setRowStretch(row, 0);
    // Half of the height to spare goes between the rows, the rest below.
    for (int row = 0; row < int(rows.size()); ++row)
        m_grid->setRowStretch(kFirstRow + row, 1);
    m_grid->setRowStretch(kFirstRow + int(rows.size()), int(rows.size()));
}

MixtureEditor::RowWidgets MixtureEditor::createRow(int index, const Row &row)
{
    RowWidgets widgets;
    widgets.name = row.name;
    widgets.lock = new QToolButton;
    widgets.lock->setCheckable(true);
    widgets.lock->setAutoRaise(true);
    widgets.lock->setAccessibleName(tr("Lock %1").arg(row.name));
    widgets.lock->setToolTip(tr("Keep this share while others change"));
    widgets.swatch = new ColourSwatch(row.colour);
    widgets.label = new QLabel(row.name);
    widgets.slider = new ShareSlider;
    widgets.slider->setObjectName(QStringLiteral("share-") + row.name);
    widgets.slider->setAccessibleName(tr("Share of %1").arg(row.name));
    widgets.number = new QDoubleSpinBox;
    widgets.number->setObjectName(QStringLiteral("number-") + row.name);
    widgets.number->setAccessibleName(tr("Share of %1, typed").arg(row.name));
    widgets.number->setButtonSymbols(QAbstractSpinBox::NoButtons);
    widgets.number->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    widgets.number->setKeyboardTracking(false);
    widgets.meter = new EpochMeter;
    const std::initializer_list<QWidget *> cells{widgets.lock,   widgets.swatch, widgets.label,
                                                 widgets.slider, widgets.number, widgets.meter};
    int column = 0;
    for (QWidget *cell : cells)
        m_grid->addWidget(cell, kFirstRow + index, column++, Qt::AlignVCenter);
    return widgets;
}

void MixtureEditor::connectRow(const RowWidgets &row, std::size_t domain)
{
    connect(row.slider, &ShareSlider::editStarted, this, [this] { m_gesture = EditCommand::nextGesture(); });
    connect(row.slider, &ShareSlider::shareEdited, this, [this, domain](double share) { edit(domain, share); });
    connect(row.number, &QDoubleSpinBox::valueChanged, this, [this, domain](double number) {
        m_gesture = EditCommand::nextGesture();
        edit(domain, shareFromNumber(domain, number));
    });
    connect(row.lock, &QToolButton::toggled, this, [this, domain](bool locked) {
        m_locked[domain] = locked;
        updateLocks();
    });
}

void MixtureEditor::showRow(std::size_t domain, const Row &row)
{
    const RowWidgets &widgets = m_rows[domain];
    widgets.swatch->setColour(row.colour);
    widgets.slider->setColour(row.colour);
    widgets.slider->setBaseline(row.baseline);
    widgets.slider->setShare((*m_mixture)[domain]);
    widgets.meter->setEpochs(row.epochs, row.tokens, (*m_mixture)[domain] * m_tokenBudget);
    showNumber(domain);
}

void MixtureEditor::showNumber(std::size_t domain)
{
    QDoubleSpinBox *number = m_rows[domain].number;
    const QSignalBlocker blocker(number);
    const QString widest = m_unit == Unit::Tokens ? QStringLiteral("00,000,000") : QStringLiteral("100.0 %");
    number->setFixedWidth(fontMetrics().horizontalAdvance(widest) + 24);
    const double share = m_mixture ? (*m_mixture)[domain] : 0;
    const double tokens = m_tokens[domain];
    switch (m_unit) {
    case Unit::Percent:
        number->setDecimals(1);
        number->setSuffix(QStringLiteral(" %"));
        number->setRange(0, 100);
        number->setValue(share * 100);
        break;
    case Unit::Tokens:
        number->setDecimals(0);
        number->setSuffix({});
        number->setRange(0, m_tokenBudget);
        number->setValue(share * m_tokenBudget);
        break;
    case Unit::Epochs:
        number->setDecimals(2);
        number->setSuffix({});
        number->setRange(0, tokens > 0 ? m_tokenBudget / tokens : 0);
        number->setValue(tokens > 0 ? share * m_tokenBudget / tokens : 0);
        break;
    }
}

double MixtureEditor::shareFromNumber(std::size_t domain, double number) const
{
    switch (m_unit) {
    case Unit::Percent:
        return number / 100;
    case Unit::Tokens:
        return m_tokenBudget > 0 ? number / m_tokenBudget : 0;
    case Unit::Epochs:
        return m_tokenBudget > 0 ? number * m_tokens[domain] / m_tokenBudget : 0;
    }
    return 0;
}

void MixtureEditor::edit(std::size_t domain, double share)
{
    if (!m_mixture)
        return;
    const Mixture edited = m_mixture->withWeight(domain, share, m_locked);
    if (edited == *m_mixture)
        showNumber(domain); // what was typed cannot be had: show what is
    else
        emit mixtureEdited(edited, m_gesture);
}

void MixtureEditor::updateLocks()
{
    // With one domain free there is nobody to share a change with.
    const auto numFree = std::ranges::count(m_locked, false);
    for (std::size_t domain = 0; domain < m_rows.size(); ++domain) {
        const RowWidgets &row = m_rows[domain];
        const bool canMove = m_editable && !m_locked[domain] && numFree > 1;
        row.slider->setEnabled(canMove);
        row.number->setEnabled(canMove && (m_unit != Unit::Epochs || m_tokens[domain] > 0));
        row.lock->setEnabled(m_editable);
        row.lock->setIcon(m_locked[domain] ? icon(QStringLiteral("lock"), Tone::Accent)
                                           : icon(QStringLiteral("unlock")));
    }
}

} // namespace krater
