// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include <string>

// Runs the cases of a file of reference vectors (tests/data/oracles) and compares.
class OracleReport {
public:
    // `what` is told when it fails. Relative to the expected value, absolute below 1e-6.
    void compare(double actual, const nlohmann::json &expected, const std::string &what);
    void compare(const std::vector<double> &actual, const nlohmann::json &expected, const std::string &what);
    void atMost(double actual, double bound, const std::string &what); // by how much it is above counts as the error
    void fail(const std::string &what);

    int cases = 0;
    double tolerance = 1e-6;
    double largest = 0.0;
    std::string problems; // one a line
};

using OracleRunner = void (*)(const nlohmann::json &file, OracleReport &report);

OracleRunner oracleRunnerFor(const std::string &fileName); // nullptr if the file is unknown
