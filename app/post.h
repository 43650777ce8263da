// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

class QObject;

namespace krater {

// Runs the call later, from the event loop of the receiver's thread; not at all if the receiver is gone by then. Any thread.
// All that the caller wrote before is seen by the call.
void post(QObject *receiver, std::function<void()> call);

} // namespace krater
