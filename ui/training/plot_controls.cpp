// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/plot_controls.h"

#include "ui/theme/number_format.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/elided_label.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QSlider>

#include <algorithm>
#include <array>

namespace krater {
namespace {

constexpr std::array kSpans{1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000}; // points

ElidedLabel *makeCaption(const QString &text)
{
    auto *label = new ElidedLabel(text, TextRole::Body, Tone::Muted);
    label->setShrinks(false);
    return label;
}

} // namespace

PlotControls::PlotControls(QWidget *parent)
    : QWidget(parent)
    , m_axis(new QComboBox)
    , m_unit(new QComboBox)
    , m_logarithmic(new Button(tr("log y")))
    , m_smoothing(new QSlider(Qt::Horizontal))
    , m_smoothingText(new ElidedLabel({}, TextRole::Body, Tone::Muted))
    , m_run(new ElidedLabel({}, TextRole::Body, Tone::Muted))
    , m_try(new Button(tr("Try it"), QStringLiteral("text")))
    , m_follow(new Button(tr("Follow"), QStringLiteral("follow")))
{
    createControls();
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    row->addWidget(makeCaption(tr("x")));
    row->addWidget(m_axis);
    row->addWidget(makeCaption(tr("loss")));
    row->addWidget(m_unit);
    row->addWidget(m_logarithmic);
    row->addSpacing(8);
    row->addWidget(makeCaption(tr("smoothing")));
    row->addWidget(m_smoothing);
    row->addWidget(m_smoothingText);
    row->addWidget(m_run, 1);
    row->addWidget(m_try);
    row->addWidget(m_follow);
    updateSmoothingText();
    setTryObstacle({});
    setFollowing(true);
}

void PlotControls::createControls()
{
    m_axis->addItem(tr("tokens"), int(XAxis::Tokens));
    m_axis->addItem(tr("steps"), int(XAxis::Step));
    m_axis->addItem(tr("time"), int(XAxis::Seconds));
    m_axis->setAccessibleName(tr("What the horizontal axis is"));
    m_unit->addItem(tr("nats per token"), int(LossUnit::Nats));
    m_unit->addItem(tr("bits per token"), int(LossUnit::Bits));
    m_unit->addItem(tr("bits per byte"), int(LossUnit::BitsPerByte));
    m_unit->addItem(tr("perplexity"), int(LossUnit::Perplexity));
    m_unit->setToolTip(tr("Bits per byte compare domains whose tokens are of unlike length"));
    m_unit->setAccessibleName(tr("Unit of the loss"));
    m_logarithmic->setCheckable(true);
    m_logarithmic->setAccessibleName(tr("Logarithmic vertical axis"));
    m_smoothing->setRange(0, int(kSpans.size()) - 1);
    m_smoothing->setPageStep(3);
    m_smoothing->setFixedWidth(108);
    m_smoothing->setAccessibleName(tr("Smoothing of the training loss"));
    m_smoothing->setToolTip(tr("Moving average of the training loss; what was measured stays visible behind it"));
    m_smoothingText->setReservedText(tr("%1 points").arg(number::count(1000)));
    m_run->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_follow->setToolTip(tr("Show the whole run and follow it (Home in a plot)"));
    connect(m_axis, &QComboBox::activated, this, &PlotControls::changed);
    connect(m_unit, &QComboBox::activated, this, &PlotControls::changed);
    connect(m_logarithmic, &QPushButton::clicked, this, &PlotControls::changed);
    connect(m_smoothing, &QSlider::valueChanged, this, &PlotControls::updateSmoothingText);
    connect(m_smoothing, &QSlider::valueChanged, this, &PlotControls::changed);
    connect(m_follow, &QPushButton::clicked, this, &PlotControls::followRequested);
    connect(m_try, &QPushButton::clicked, this, &PlotControls::tryRequested);
}

void PlotControls::updateSmoothingText()
{
    const double span = smoothing();
    m_smoothingText->setText(span > 1 ? tr("%1 points").arg(number::count(std::uint64_t(span))) : tr("off"));
}

XAxis PlotControls::axis() const
{
    return XAxis(m_axis->currentData().toInt());
}

LossUnit PlotControls::unit() const
{
    return LossUnit(m_unit->currentData().toInt());
}

bool PlotControls::isLogarithmic() const
{
    return m_logarithmic->isChecked();
}

double PlotControls::smoothing() const
{
    return kSpans[std::size_t(m_smoothing->value())];
}

void PlotControls::setAxis(XAxis axis)
{
    m_axis->setCurrentIndex(m_axis->findData(int(axis)));
}

void PlotControls::setUnit(LossUnit unit)
{
    m_unit->setCurrentIndex(m_unit->findData(int(unit)));
}

void PlotControls::setLogarithmic(bool logarithmic)
{
    m_logarithmic->setChecked(logarithmic);
}

void PlotControls::setSmoothing(double points)
{
    const QSignalBlocker quiet(m_smoothing);
    const auto nearest = std::lower_bound(kSpans.begin(), kSpans.end(), points);
    m_smoothing->setValue(int(std::min<std::ptrdiff_t>(nearest - kSpans.begin(), kSpans.size() - 1)));
    updateSmoothingText();
}

void PlotControls::setRunText(const QString &text)
{
    m_run->setText(text);
}

void PlotControls::setTryObstacle(const QString &obstacle)
{
    m_try->setEnabled(obstacle.isEmpty());
    m_try->setToolTip(obstacle.isEmpty() ? tr("Let the run's model go on with a text") : obstacle);
}

void PlotControls::setFollowing(bool following)
{
    m_follow->setVisible(!following);
}

} // namespace krater
