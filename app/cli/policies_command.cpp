// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/policy_parameters.h"
#include "app/cli/table.h"
#include "app/cli/text_width.h"
#include "core/config/parameter_text.h"

#include <fmt/format.h>

#include <unistd.h>

namespace krater::cli {
namespace {

const char *kindName(ParamSpec::Kind kind)
{
    switch (kind) {
    case ParamSpec::Kind::Number:
        return "number";
    case ParamSpec::Kind::Integer:
        return "integer";
    case ParamSpec::Kind::Choice:
        return "choice";
    case ParamSpec::Kind::Weights:
        return "weights";
    case ParamSpec::Kind::Mixture:
        return "mixture";
    case ParamSpec::Kind::Numbers:
        return "numbers";
    case ParamSpec::Kind::Graph:
        return "graph";
    case ParamSpec::Kind::Schedule:
        return "schedule";
    }
    return "";
}

bool isNumber(const ParamSpec &spec)
{
    return spec.kind == ParamSpec::Kind::Number || spec.kind == ParamSpec::Kind::Integer;
}

template <typename Value>
Json jsonOf(const Value &value)
{
    return Json(value);
}

Json jsonOf(const Schedule &points)
{
    Json array = Json::array();
    for (const MixturePoint &point : points)
        array.push_back({{"at", point.at}, {"mixture", std::visit([](const auto &held) { return Json(held); }, point.mixture)}});
    return array;
}

Json defaultJson(const ParameterValue &value)
{
    return std::visit([](const auto &held) { return jsonOf(held); }, value);
}

std::string defaultText(const ParameterValue &value)
{
    if (const auto *number = std::get_if<double>(&value))
        return fmt::format("{}", *number);
    if (const auto *text = std::get_if<std::string>(&value))
        return *text;
    if (const auto *weights = std::get_if<Weights>(&value); weights && weights->empty())
        return "-";
    return parameterText(value);
}

std::string rangeText(const ParamSpec &spec)
{
    if (isNumber(spec))
        return fmt::format("{} to {}{}{}", spec.min, spec.max, spec.unit.empty() ? "" : " ", spec.unit);
    if (spec.kind == ParamSpec::Kind::Mixture)
        return "uniform, natural or weights";
    if (spec.kind == ParamSpec::Kind::Weights)
        return "a weight per domain";
    if (spec.kind == ParamSpec::Kind::Numbers)
        return fmt::format("a number per domain, {} to {}{}{}", spec.min, spec.max, spec.unit.empty() ? "" : " ", spec.unit);
    if (spec.kind == ParamSpec::Kind::Graph)
        return fmt::format("identity, probes, a .csv or .toml file, or domain to domain, {} to {}", spec.min, spec.max);
    if (spec.kind == ParamSpec::Kind::Schedule)
        return "mixtures over the token budget";
    return fmt::format("{}", fmt::join(spec.choices, ", "));
}

Json parameterJson(const ParamSpec &spec)
{
    Json object = {{"name", spec.name},
                   {"label", spec.label},
                   {"kind", kindName(spec.kind)},
                   {"default", defaultJson(spec.defaultValue)}};
    if (isNumber(spec)) {
        object["min"] = spec.min;
        object["max"] = spec.max;
    }
    if (!spec.choices.empty())
        object["choices"] = spec.choices;
    object["unit"] = spec.unit;
    object["help"] = spec.help;
    return object;
}

Json policyJson(const PolicyInfo &policy)
{
    Json parameters = Json::array();
    for (const ParamSpec &spec : policy.parameters)
        parameters.push_back(parameterJson(spec));
    return {{"name", policy.name},
            {"label", policy.label},
            {"summary", policy.summary},
            {"formula", policy.formula},
            {"reference", policy.reference},
            {"adaptive", policy.adaptive},
            {"parameters", std::move(parameters)}};
}

std::string policyText(const PolicyInfo &policy)
{
    const int width = terminalWidth(STDOUT_FILENO);
    constexpr int kIndent = 11; // of what stands after a label
    std::string text = fmt::format("{} ({})\n", policy.name, policy.label) + wrapped(policy.summary, width) + '\n'
        + wrapped("Formula:   " + policy.formula, width, kIndent)
        + wrapped("Reference: " + policy.reference, width, kIndent)
        + wrapped(fmt::format("Adapts:    {}", policy.adaptive ? "during the run" : "no, fixed for the run"), width,
                  kIndent);
    if (policy.parameters.empty())
        return text;
    Table table({{"parameter"},
                 {"default"},
                 {"values", Table::Align::Left, false, true},
                 {"meaning", Table::Align::Left, false, true}});
    for (const ParamSpec &spec : policy.parameters)
        table.addRow({spec.name, defaultText(spec.defaultValue), rangeText(spec), spec.help});
    return text + '\n' + table.text(width);
}

int showAll(const Options &options)
{
    Json array = Json::array();
    Table table({{"policy"}, {"adapts"}, {"summary", Table::Align::Left, false, true}});
    for (const PolicyInfo &policy : policies()) {
        array.push_back(policyJson(policy));
        table.addRow({policy.name, policy.adaptive ? "yes" : "no", policy.summary});
    }
    if (options.json)
        printJson(array);
    else
        print(table.text(terminalWidth(STDOUT_FILENO)));
    return kDone;
}

int showOne(const std::string &name, const Options &options)
{
    const PolicyInfo &policy = policyNamed(name);
    if (options.json)
        printJson(policyJson(policy));
    else
        print(policyText(policy));
    return kDone;
}

} // namespace

void addPoliciesCommand(CLI::App &program, Options &options, Action &chosen)
{
    CLI::App *command =
        program.add_subcommand("policies", "List the mixture policies, or explain one and its parameters");
    const auto name = std::make_shared<std::string>();
    command->add_option("NAME", *name, "A policy")->type_name("");
    addOptions(*command, options, {Common::Store, Common::Json, Common::Quiet});
    command->footer("Examples:\n"
                    "  krater-cli policies\n"
                    "  krater-cli policies gibbs");
    command->callback([=, &options, &chosen] {
        chosen = [=, &options] { return name->empty() ? showAll(options) : showOne(*name, options); };
    });
}

} // namespace krater::cli
