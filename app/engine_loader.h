// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/language_model.h"

#include <QObject>
#include <QStringList>

#include <memory>
#include <thread>

namespace krater {

struct Problem;

// Loads the training engine (LibTorch) on a background thread, after the window is up. UI thread only.
class EngineLoader : public QObject {
    Q_OBJECT

public:
    enum class State { Waiting, Loading, Ready, Failed };

    explicit EngineLoader(QObject *parent = nullptr);
    ~EngineLoader() override;

    void load();                                    // returns at once; again after Failed tries again
    void use(std::shared_ptr<const Engine> engine); // tests: ready at once

    State state() const { return m_state; }
    std::shared_ptr<const Engine> engine() const { return m_engine; } // when Ready
    QStringList devices() const { return m_devices; }
    QString message() const { return m_message; } // when Failed: what happened
    QString advice() const { return m_advice; }   //              and what to do

signals:
    void stateChanged();

private:
    void fail(const Problem &problem);

    State m_state = State::Waiting;
    std::shared_ptr<const Engine> m_engine;
    QStringList m_devices;
    QString m_message, m_advice;
    std::jthread m_thread; // last: joined before the rest goes
};

} // namespace krater
