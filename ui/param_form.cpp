// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/param_form.h"

#include "core/base/error.h"
#include "core/config/parameter_text.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <limits>

namespace krater {

namespace {

constexpr int kLeastControlWidth = 132;

// "1 step", "2 steps".
void showUnit(QSpinBox *box, const QString &unit)
{
    if (unit.isEmpty())
        return;
    const bool one = box->value() == 1 && unit.endsWith(QLatin1Char('s'));
    box->setSuffix(QLatin1Char(' ') + (one ? unit.chopped(1) : unit));
}

// As many decimals as the smallest sensible step of the range needs.
int decimalsFor(const ParamSpec &spec)
{
    const double range = spec.max - spec.min;
    return range <= 0.5 ? 4 : range <= 20 ? 3 : 2;
}

QString choiceText(const std::string &choice)
{
    return QString::fromStdString(choice).replace(QLatin1Char('_'), QLatin1Char('-'));
}

void selectData(QComboBox *box, const QString &data)
{
    if (const int index = box->findData(data); index >= 0)
        box->setCurrentIndex(index);
}

} // namespace

ParamForm::ParamForm(QWidget *parent) : QWidget(parent), m_layout(new QFormLayout(this))
{
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setVerticalSpacing(4);
    m_layout->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    m_layout->setFormAlignment(Qt::AlignTop);
    m_layout->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
}

void ParamForm::setSpecs(std::span<const ParamSpec> specs)
{
    while (m_layout->rowCount() > 0)
        m_layout->removeRow(0);
    m_fields.clear();
    for (const ParamSpec &spec : specs) {
        if (spec.kind == ParamSpec::Kind::Weights)
            continue;
        QWidget *control = createControl(spec);
        const QString help = QString::fromStdString(spec.help);
        control->setObjectName(QString::fromStdString(spec.name));
        control->setAccessibleName(QString::fromStdString(spec.label));
        control->setAccessibleDescription(help);
        control->setToolTip(help);
        auto *label = new QLabel(QString::fromStdString(spec.label));
        label->setToolTip(help);
        label->setBuddy(control);
        label->setMinimumHeight(look::kControlHeight);
        auto *slot = new QWidget; // pushes the control to the right edge
        auto *slotLayout = new QHBoxLayout(slot);
        slotLayout->setContentsMargins(0, 0, 0, 0);
        slotLayout->addStretch();
        slotLayout->addWidget(control);
        slot->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        m_layout->addRow(label, slot);
        m_fields.push_back({spec, control});
    }
    alignControls();
}

// All as wide as the widest value that one of them can show.
void ParamForm::alignControls()
{
    m_controlWidth = kLeastControlWidth;
    for (const Field &field : m_fields)
        m_controlWidth = std::max(m_controlWidth, field.control->sizeHint().width());
    for (const Field &field : m_fields)
        field.control->setFixedWidth(m_controlWidth);
}

QWidget *ParamForm::createControl(const ParamSpec &spec)
{
    switch (spec.kind) {
    case ParamSpec::Kind::Integer:
        return createInteger(spec);
    case ParamSpec::Kind::Choice:
        return createChoice(spec);
    case ParamSpec::Kind::Mixture:
        return createMixture(spec);
    case ParamSpec::Kind::Numbers:
    case ParamSpec::Kind::Graph:
    case ParamSpec::Kind::Schedule:
        return createText(spec);
    default:
        return createNumber(spec);
    }
}

QWidget *ParamForm::createNumber(const ParamSpec &spec)
{
    auto *box = new QDoubleSpinBox;
    box->setDecimals(decimalsFor(spec));
    box->setRange(spec.min, spec.max);
    box->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    box->setKeyboardTracking(false);
    box->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    box->setSpecialValueText(spec.min == 0 ? QString::fromStdString(spec.zero) : QString());
    if (!spec.unit.empty())
        box->setSuffix(QLatin1Char(' ') + QString::fromStdString(spec.unit));
    connect(box, &QDoubleSpinBox::valueChanged, this,
            [this, name = spec.name](double value) { emit valueEdited(name, value); });
    return box;
}

QWidget *ParamForm::createInteger(const ParamSpec &spec)
{
    auto *box = new QSpinBox;
    box->setRange(int(spec.min), int(std::min(spec.max, double(std::numeric_limits<int>::max()))));
    box->setKeyboardTracking(false);
    box->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    box->setSpecialValueText(spec.min == 0 ? QString::fromStdString(spec.zero) : QString());
    const QString unit = QString::fromStdString(spec.unit);
    showUnit(box, unit);
    connect(box, &QSpinBox::valueChanged, box, [box, unit] { showUnit(box, unit); });
    connect(box, &QSpinBox::valueChanged, this,
            [this, name = spec.name](int value) { emit valueEdited(name, double(value)); });
    return box;
}

QWidget *ParamForm::createChoice(const ParamSpec &spec)
{
    auto *box = new QComboBox;
    for (const std::string &choice : spec.choices)
        box->addItem(choiceText(choice), QString::fromStdString(choice));
    connect(box, &QComboBox::activated, this,
            [this, box, name = spec.name] { emit valueEdited(name, box->currentData().toString().toStdString()); });
    return box;
}

// A mixture is a name or weights; weights are set with the bars, so that the form only says so.
QWidget *ParamForm::createMixture(const ParamSpec &spec)
{
    auto *box = new QComboBox;
    box->addItem(tr("uniform"), QStringLiteral("uniform"));
    box->addItem(tr("natural"), QStringLiteral("natural"));
    connect(box, &QComboBox::activated, this, [this, box, name = spec.name] {
        if (const QString choice = box->currentData().toString(); !choice.isEmpty())
            emit valueEdited(name, choice.toStdString());
    });
    return box;
}

// What has a value for each domain is typed as in the experiment file. Text that is no value stays, with what is wrong as its tool tip.
QWidget *ParamForm::createText(const ParamSpec &spec)
{
    auto *line = new QLineEdit;
    const QString help = QString::fromStdString(spec.help);
    connect(line, &QLineEdit::editingFinished, this, [this, line, help, name = spec.name] {
        if (!line->isModified())
            return;
        try {
            const ParameterValue value = parameterFromText(line->text().toStdString());
            line->setModified(false);
            line->setToolTip(help);
            emit valueEdited(name, value);
        } catch (const Error &error) {
            line->setToolTip(QString::fromUtf8(error.what()) + QLatin1Char('\n') + QString::fromStdString(error.advice()));
            QToolTip::showText(line->mapToGlobal(line->rect().bottomLeft()), line->toolTip(), line);
        }
    });
    return line;
}

void ParamForm::setValues(const ParameterValues &values, const std::string &fromBars)
{
    for (const Field &field : m_fields) {
        const auto found = values.find(field.spec.name);
        const ParameterValue &value = found == values.end() ? field.spec.defaultValue : found->second;
        const QSignalBlocker blocker(this);
        if (auto *line = qobject_cast<QLineEdit *>(field.control)) {
            line->setText(QString::fromStdString(parameterText(value)));
            line->setCursorPosition(0);
        } else if (field.spec.kind == ParamSpec::Kind::Mixture) {
            showMixture(field, value, field.spec.name == fromBars);
        } else if (const auto *number = std::get_if<double>(&value)) {
            if (auto *real = qobject_cast<QDoubleSpinBox *>(field.control))
                real->setValue(*number);
            else if (auto *whole = qobject_cast<QSpinBox *>(field.control)) {
                whole->setValue(int(std::lround(*number)));
                showUnit(whole, QString::fromStdString(field.spec.unit));
            }
        } else if (const auto *text = std::get_if<std::string>(&value)) {
            if (auto *box = qobject_cast<QComboBox *>(field.control))
                selectData(box, QString::fromStdString(*text));
        }
    }
}

// Weights are an entry of their own, which goes when a name is chosen instead. Only one of a policy's mixtures is that of the bars.
void ParamForm::showMixture(const Field &field, const ParameterValue &value, bool fromBars)
{
    auto *box = qobject_cast<QComboBox *>(field.control);
    if (const int weights = box->findData(QString()); weights >= 0)
        box->removeItem(weights);
    const QString help = QString::fromStdString(field.spec.help);
    const auto *name = std::get_if<std::string>(&value);
    if (!name)
        box->addItem(fromBars ? tr("set by the bars") : tr("own weights"), QString());
    box->setToolTip(name || fromBars ? help : help + QLatin1Char('\n') + QString::fromStdString(parameterText(value)));
    selectData(box, name ? QString::fromStdString(*name) : QString());
}

} // namespace krater
