// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/worker.h"

#include <utility>

namespace krater {

std::jthread replaceThread(std::jthread old, std::function<void(std::stop_token)> work)
{
    old.request_stop();
    return std::jthread([old = std::move(old), work = std::move(work)](std::stop_token stop) mutable {
        if (old.joinable())
            old.join();
        work(stop);
    });
}

} // namespace krater
