// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_launcher.h"

#include "app/engine_loader.h"
#include "app/post.h"
#include "app/run_library.h"
#include "core/store/run_writer.h"

#include <utility>

namespace krater {

RunLauncher::RunLauncher(EngineLoader *engine, RunLibrary *library, QObject *parent)
    : QObject(parent)
    , m_engine(engine)
    , m_library(library)
{
    connect(m_engine, &EngineLoader::stateChanged, this, &RunLauncher::proceed);
    connect(m_library, &RunLibrary::storeChanged, this, &RunLauncher::proceed);
}

RunLauncher::~RunLauncher() = default;

QString RunLauncher::message() const
{
    if (m_phase == Phase::Waiting)
        return m_library->isOpening() ? tr("Opening the store…") : tr("Loading LibTorch…");
    return m_phase == Phase::Launching ? tr("Preparing the run…") : QString();
}

void RunLauncher::request(Launch launch)
{
    m_launch = std::move(launch);
    setPhase(Phase::Waiting);
    proceed();
}

bool RunLauncher::cancel()
{
    if (m_phase == Phase::Launching)
        return false;
    m_launch = {};
    setPhase(Phase::Idle);
    return true;
}

void RunLauncher::join()
{
    if (m_worker.joinable())
        m_worker.join();
}

void RunLauncher::proceed()
{
    if (m_phase != Phase::Waiting || m_library->isOpening())
        return;
    if (!m_library->isWritable()) {
        const QString reason = m_library->message().isEmpty() ? tr("No store is open.") : m_library->message();
        giveUp({tr("The run could not be stored: %1").arg(reason), m_library->advice()});
        return;
    }
    switch (m_engine->state()) {
    case EngineLoader::State::Waiting:
        m_engine->load(); // comes back here
        break;
    case EngineLoader::State::Loading:
        break;
    case EngineLoader::State::Failed:
        giveUp({m_engine->message(), m_engine->advice()});
        break;
    case EngineLoader::State::Ready:
        this->launch();
        break;
    }
}

void RunLauncher::launch()
{
    m_library->reserve(true);
    setPhase(Phase::Launching);
    m_worker = std::jthread([this, launch = std::exchange(m_launch, {}), writer = m_library->writer()] {
        try {
            const auto made = std::make_shared<LaunchedRun>(launch(*writer));
            post(this, [this, made] {
                m_phase = Phase::Idle;
                emit launched(made);
            });
        } catch (const std::exception &error) {
            post(this, [this, problem = problemOf(error)] { giveUp(problem); });
        }
    });
}

void RunLauncher::giveUp(const Problem &problem)
{
    m_launch = {};
    m_library->reserve(false);
    m_phase = Phase::Idle;
    emit failed(problem);
}

void RunLauncher::setPhase(Phase phase)
{
    m_phase = phase;
    emit phaseChanged();
}

} // namespace krater
