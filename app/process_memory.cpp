// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/process_memory.h"

#include <QByteArray>
#include <QFile>
#include <QList>

#include <unistd.h>

namespace krater {

// proc(5), /proc/self/statm: size, resident, shared, ... in pages.
std::uint64_t residentBytes()
{
    QFile file(QStringLiteral("/proc/self/statm"));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const QList<QByteArray> fields = file.readAll().split(' ');
    return fields.size() > 1 ? fields[1].toULongLong() * std::uint64_t(sysconf(_SC_PAGESIZE)) : 0;
}

} // namespace krater
