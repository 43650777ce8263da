// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mixture/mixture_policy.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace krater {

// Policy state as JSON text: doubles keep every bit (nlohmann writes the shortest text that reads back the same), NaN is null.
// For .cpp files only.
nlohmann::json toJson(const std::vector<double> &values);
nlohmann::json toJson(const std::vector<PolicyTerm> &terms);
// Throws Error unless it is an array of `size` numbers or nulls.
std::vector<double> doublesFrom(const nlohmann::json &array, std::size_t size);
// The same of a member of the state.
std::vector<double> doublesFrom(const nlohmann::json &state, const char *name, std::size_t size);
std::vector<PolicyTerm> termsFrom(const nlohmann::json &state, std::size_t numDomains); // "terms"
std::string stringFrom(const nlohmann::json &state, const char *name); // throws Error unless it is there
// Throws Error unless the text is a JSON object.
nlohmann::json parseState(const std::string &text);

} // namespace krater
