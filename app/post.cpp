// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/post.h"

#include <QObject>

#include <mutex>

namespace krater {
namespace {

// Qt's queue orders the caller's writes before the call, but by means that ThreadSanitizer sees only in a Qt that is built with it: this mutex says the
// same where it can see it, so that a real race in a call is not lost among false ones.
std::mutex &order()
{
    static std::mutex mutex;
    return mutex;
}

} // namespace

void post(QObject *receiver, std::function<void()> call)
{
    const std::scoped_lock lock(order());
    QMetaObject::invokeMethod(
        receiver,
        [call = std::move(call)] {
            {
                const std::scoped_lock posted(order());
            }
            call();
        },
        Qt::QueuedConnection);
}

} // namespace krater
