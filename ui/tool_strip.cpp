// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tool_strip.h"

#include "core/mixture/policy_registry.h"
#include "ui/edit_command.h"
#include "ui/main_actions.h"
#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/elided_label.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QPainter>
#include <QSignalBlocker>
#include <QThread>

namespace krater {
namespace {

QString deviceText(const QString &device, int threads)
{
    if (device == QStringLiteral("cpu")) {
        const int used = threads > 0 ? threads : QThread::idealThreadCount();
        return used == 1 ? ToolStrip::tr("CPU, 1 thread") : ToolStrip::tr("CPU, %1 threads").arg(used);
    }
    return device.toUpper().replace(QLatin1Char(':'), QLatin1Char(' '));
}

} // namespace

QString policySummary(const Experiment &experiment)
{
    const PolicyInfo *info = findPolicy(experiment.mixture.policy);
    if (!info)
        return QString::fromStdString(experiment.mixture.policy);
    QStringList parts{QString::fromStdString(info->name)};
    for (const ParamSpec &spec : info->parameters) {
        const auto value = experiment.mixture.parameters.find(spec.name);
        const ParameterValue &chosen = value == experiment.mixture.parameters.end() ? spec.defaultValue : value->second;
        const bool isDirection = spec.name == "direction"; // always worth knowing
        if (chosen == spec.defaultValue && !isDirection)
            continue;
        if (const auto *choice = std::get_if<std::string>(&chosen))
            parts << QString::fromStdString(*choice).replace(QLatin1Char('_'), QLatin1Char(' '));
        else if (const auto *number = std::get_if<double>(&chosen))
            parts << QStringLiteral("%1 %2").arg(QString::fromStdString(spec.name),
                                                 QLocale().toString(*number, 'g', 3));
    }
    return parts.join(QStringLiteral(", "));
}

ToolStrip::ToolStrip(Workspace &workspace, QUndoStack &undoStack, MainActions &actions, QWidget *parent)
    : QWidget(parent)
    , m_workspace(workspace)
    , m_undoStack(undoStack)
    , m_name(new ElidedLabel({}, TextRole::Title))
    , m_policy(new ElidedLabel({}, TextRole::TitleLight, Tone::Muted))
    , m_device(new QComboBox)
    , m_start(new Button(actions.start))
    , m_pause(new Button(actions.pause))
    , m_stop(new Button(actions.stop))
{
    setFixedHeight(look::kToolBarHeight);
    m_device->setAccessibleName(tr("Device to train on"));
    m_device->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_policy->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(look::kPageMargin, 0, look::kPageMargin, 1);
    row->setSpacing(8);
    row->addWidget(m_name);
    row->addWidget(m_policy, 1);
    row->addWidget(m_device);
    row->addWidget(m_start);
    row->addWidget(m_pause);
    row->addWidget(m_stop);
    // "Resume" is longer than "Pause": keep the room, so that Stop does not move under the pointer.
    m_pause->setMinimumWidth(fontMetrics().horizontalAdvance(tr("Resume")) + 52);
    connectWorkspace();
    updateExperiment();
    updateDevices();
    updateButtons();
}

void ToolStrip::connectWorkspace()
{
    connect(&m_workspace.document, &ExperimentDocument::changed, this, &ToolStrip::updateExperiment);
    connect(&m_workspace.document, &ExperimentDocument::changed, this, &ToolStrip::updateDevices);
    connect(&m_workspace.engine, &EngineLoader::stateChanged, this, &ToolStrip::updateDevices);
    connect(&m_workspace.session, &TrainingSession::stateChanged, this, &ToolStrip::updateButtons);
    connect(m_device, &QComboBox::activated, this, &ToolStrip::chooseDevice);
}

void ToolStrip::updateExperiment()
{
    const Experiment &experiment = m_workspace.document.experiment();
    const QString name = QString::fromStdString(experiment.info.name);
    m_name->setText(name.isEmpty() ? tr("Untitled experiment") : name);
    const std::size_t numStages = experiment.stages.size();
    m_policy->setText(numStages == 0 ? policySummary(experiment)
                          : numStages == 1 ? tr("plan of 1 stage") : tr("plan of %1 stages").arg(numStages));
}

void ToolStrip::updateDevices()
{
    const TrainingConfig &training = m_workspace.document.experiment().training;
    QStringList devices{QStringLiteral("auto")};
    devices << (m_workspace.engine.devices().isEmpty() ? QStringList{QStringLiteral("cpu")}
                                                       : m_workspace.engine.devices());
    const QSignalBlocker quiet(m_device);
    m_device->clear();
    // "auto" takes a GPU if there is one; which, is known once the engine is loaded.
    const bool isKnown = m_workspace.engine.state() == EngineLoader::State::Ready;
    m_device->addItem(isKnown ? tr("Best: %1").arg(deviceText(devices.last(), training.threads)) : tr("Best device"),
                      devices.takeFirst());
    for (const QString &device : std::as_const(devices))
        m_device->addItem(deviceText(device, training.threads), device);
    const QString chosen = QString::fromStdString(training.device);
    if (m_device->findData(chosen) < 0)
        m_device->addItem(chosen, chosen); // named by the file, not on this machine: shown, and refused at the start
    m_device->setCurrentIndex(m_device->findData(chosen));
}

void ToolStrip::chooseDevice(int index)
{
    Experiment after = m_workspace.document.experiment();
    after.training.device = m_device->itemData(index).toString().toStdString();
    if (!(after == m_workspace.document.experiment()))
        m_undoStack.push(new EditCommand(m_workspace.document, tr("Choose the device"), after));
}

void ToolStrip::updateButtons()
{
    const bool active = m_workspace.session.isActive();
    const RunState state = m_workspace.session.state();
    setButtonKind(m_start, active ? ButtonKind::Normal : ButtonKind::Primary);
    setButtonKind(m_pause, active && state == RunState::Paused ? ButtonKind::Primary : ButtonKind::Normal);
    m_device->setEnabled(!active);
}

void ToolStrip::paintEvent(QPaintEvent *)
{
    QPainter(this).fillRect(QRect(0, height() - 1, width(), 1), Theme::of(this).line);
}

} // namespace krater
