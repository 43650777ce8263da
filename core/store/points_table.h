// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/curve_reader.h"

#include <SQLiteCpp/SQLiteCpp.h>

namespace krater {

// The table points(run, metric, domain, step, tokens, seconds, value) on a connection: an eponymous virtual table
// over the curves of the store, so that SQL sees a row per point. Equality on run, metric and domain, and bounds on
// step, choose what is read. Must outlive every statement that uses it.
class PointsTable {
public:
    explicit PointsTable(SQLite::Database &database);
    ~PointsTable(); // takes the table away
    PointsTable(const PointsTable &) = delete;
    PointsTable &operator=(const PointsTable &) = delete;

    SQLite::Database &database() { return m_database; }
    CurveReader &curves() { return m_curves; }

private:
    SQLite::Database &m_database;
    CurveReader m_curves;
};

} // namespace krater
