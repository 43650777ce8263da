// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_filter_fields.h"

#include <algorithm>
#include <array>

namespace krater {

namespace {

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

QStringList tags(const RunRow &row)
{
    QStringList list;
    for (const std::string &tag : row.record.tags)
        list.append(text(tag));
    return list;
}

FilterField textField(const char *name, std::function<QStringList(const RunRow &)> texts)
{
    return {name, std::move(texts), {}, {}, {}};
}

FilterField numberField(const char *name, std::function<double(const RunRow &)> number)
{
    return {name, {}, std::move(number), {}, {}};
}

FilterField timeField(const char *name, std::function<std::int64_t(const RunRow &)> timeMs)
{
    return {name, {}, {}, std::move(timeMs), {}};
}

FilterField domainField(const char *name, std::vector<double> RunRow::*values)
{
    return {name, {}, {}, {}, [values](const RunRow &row, const std::string &domain) {
                return row.of(row.*values, domain);
            }};
}

} // namespace

std::span<const FilterField> filterFields()
{
    static const std::array kFields{
        textField("name", [](const RunRow &row) { return QStringList(text(row.record.name)); }),
        textField("policy", [](const RunRow &row) { return QStringList(text(row.record.policy)); }),
        textField("state",
                  [](const RunRow &row) { return QStringList(text(std::string(toString(row.record.state)))); }),
        textField("tag", tags),
        textField("notes", [](const RunRow &row) { return QStringList(text(row.record.notes)); }),
        textField("device", [](const RunRow &row) { return QStringList(text(row.record.device)); }),
        textField("host", [](const RunRow &row) { return QStringList(text(row.record.host)); }),
        textField("role", [](const RunRow &row) { return QStringList(text(std::string(toString(row.record.role)))); }),
        domainField("loss", &RunRow::losses),
        domainField("share", &RunRow::meanShares),
        domainField("final_share", &RunRow::finalShares),
        domainField("epochs", &RunRow::epochs),
        numberField("score", [](const RunRow &row) { return row.score; }),
        numberField("delta", [](const RunRow &row) { return row.scoreDifference; }),
        numberField("distance", [](const RunRow &row) { return row.mixtureDistance; }),
        numberField("tokens", [](const RunRow &row) { return double(row.record.tokens); }),
        numberField("step", [](const RunRow &row) { return double(row.record.step); }),
        numberField("seconds", [](const RunRow &row) { return row.record.seconds; }),
        numberField("seed", [](const RunRow &row) { return double(row.record.seed); }),
        numberField("run", [](const RunRow &row) { return double(row.record.id); }),
        timeField("started", [](const RunRow &row) { return row.record.createdMs; }),
        timeField("finished", [](const RunRow &row) { return row.record.finishedMs; }),
    };
    return kFields;
}

const FilterField *findFilterField(const QString &name)
{
    const std::span<const FilterField> fields = filterFields();
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const FilterField &field) {
        return name.compare(QLatin1String(field.name), Qt::CaseInsensitive) == 0;
    });
    return found == fields.end() ? nullptr : &*found;
}

} // namespace krater
