// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/corpus_scanner.h"
#include "app/engine_loader.h"
#include "app/experiment_document.h"
#include "app/run_library.h"
#include "app/settings.h"
#include "app/training_session.h"

namespace krater {

// What the pages of one window share. Made by app/main.cpp (and by tests), passed to ui by reference; members are in order of dependence, so that
// destruction stops the trainer before the store's writer drains.
struct Workspace {
    Settings settings;
    ExperimentDocument document;
    CorpusScanner scanner;
    EngineLoader engine;
    RunLibrary library;
    TrainingSession session{&engine, &library};
};

} // namespace krater
