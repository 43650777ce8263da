// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

namespace krater {

// One mixture of a schedule, and when it holds.
struct MixturePoint {
    double at = 0.0;                                                 // fraction of the token budget, 0 to 1
    std::variant<std::string, std::map<std::string, double>> mixture; // "uniform", "natural" or weights

    bool operator==(const MixturePoint &) const = default;
};

// A value of a policy's parameter: a number, a choice, Weights, a Graph or a Schedule (below).
using ParameterValue = std::variant<double, std::string, std::map<std::string, double>, std::map<std::string, std::map<std::string, double>>,
                                    std::vector<MixturePoint>>;
using ParameterValues = std::map<std::string, ParameterValue>;

// Describes one parameter: the form, the validation, the documentation and `krater-cli policies` are all made from it.
struct ParamSpec {
    enum class Kind { Number, Integer, Choice, Weights, Mixture, Numbers, Graph, Schedule };
    // Weights: one weight per domain. Mixture: "uniform", "natural" or weights. Numbers: one number per domain, or none at all.
    // Graph: "identity", "probes" (found while training), weights from domain to domain or their file (graph_file.h). Schedule: mixtures over the token budget.

    std::string name;  // key in [mixture]
    std::string label; // for people: "Temperature τ"
    Kind kind = Kind::Number;
    ParameterValue defaultValue = 0.0;
    double min = 0.0; // Number, Integer, Numbers, Graph: inclusive
    double max = 1.0;
    bool overDomains = false;         // Number: max holds for the value times the number of domains (a floor)
    std::vector<std::string> choices; // Choice
    std::string unit;                 // "steps", "nats/token", empty if none
    std::string help;                 // one sentence
    std::string zero = {};            // Number, Integer: what 0 stands for, where it is not a quantity: "no limit"
};

// Per domain name; domains that are not named have weight 0. (Declared here: the enumerator above would shadow it.)
using Weights = std::map<std::string, double>;
// From the domain that is trained on to the domain whose loss it changes.
using Graph = std::map<std::string, Weights>;
using Schedule = std::vector<MixturePoint>;

// The words that stand for a graph.
inline constexpr const char *kIdentityGraph = "identity";
inline constexpr const char *kProbedGraph = "probes";
// Whether a parameter of kind Graph names a file: by how it ends, .csv or .toml.
bool namesGraphFile(const ParameterValue &value);

double numberOf(const ParameterValues &values, const ParamSpec &spec);
std::string choiceOf(const ParameterValues &values, const ParamSpec &spec);

} // namespace krater
