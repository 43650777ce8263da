// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/engine_loader.h"

#include "app/post.h"
#include "app/problem.h"

namespace krater {

EngineLoader::EngineLoader(QObject *parent) : QObject(parent) { }

EngineLoader::~EngineLoader() = default; // m_thread joins; what it posted goes with this object

void EngineLoader::load()
{
    if (m_state == State::Loading || m_state == State::Ready)
        return;
    m_state = State::Loading;
    m_message.clear();
    m_advice.clear();
    emit stateChanged();
    m_thread = std::jthread([this] {
        try {
            const std::shared_ptr<const Engine> engine = loadEngine();
            post(this, [this, engine] { use(engine); });
        } catch (const std::exception &error) {
            post(this, [this, problem = problemOf(error)] { fail(problem); });
        }
    });
}

void EngineLoader::fail(const Problem &problem)
{
    m_state = State::Failed;
    m_message = problem.message;
    m_advice = problem.advice;
    emit stateChanged();
}

void EngineLoader::use(std::shared_ptr<const Engine> engine)
{
    m_engine = std::move(engine);
    m_devices.clear();
    for (const std::string &device : m_engine->devices())
        m_devices.append(QString::fromStdString(device));
    m_state = State::Ready;
    emit stateChanged();
}

} // namespace krater
