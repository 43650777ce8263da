// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run_state_text.h"

#include <QCoreApplication>

namespace krater {

QString stateText(RunState state)
{
    switch (state) {
    case RunState::Preparing:
        return QCoreApplication::translate("krater::RunState", "Preparing");
    case RunState::Running:
        return QCoreApplication::translate("krater::RunState", "Training");
    case RunState::Pausing:
        return QCoreApplication::translate("krater::RunState", "Pausing");
    case RunState::Paused:
        return QCoreApplication::translate("krater::RunState", "Paused");
    case RunState::Stopping:
        return QCoreApplication::translate("krater::RunState", "Stopping");
    case RunState::Done:
        return QCoreApplication::translate("krater::RunState", "Done");
    case RunState::Stopped:
        return QCoreApplication::translate("krater::RunState", "Stopped");
    case RunState::Diverged:
        return QCoreApplication::translate("krater::RunState", "Diverged");
    case RunState::Failed:
        return QCoreApplication::translate("krater::RunState", "Failed");
    case RunState::Interrupted:
        return QCoreApplication::translate("krater::RunState", "Interrupted");
    }
    return {};
}

QString roleText(RunRole role)
{
    switch (role) {
    case RunRole::Reference:
        return QCoreApplication::translate("krater::RunRole", "reference");
    case RunRole::Proxy:
        return QCoreApplication::translate("krater::RunRole", "proxy");
    case RunRole::Main:
        return QCoreApplication::translate("krater::RunRole", "main");
    case RunRole::FineTune:
        return QCoreApplication::translate("krater::RunRole", "fine-tune");
    case RunRole::PromptTune:
        return QCoreApplication::translate("krater::RunRole", "prompt-tune");
    }
    return {};
}

} // namespace krater
