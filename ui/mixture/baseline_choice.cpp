// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/mixture/baseline_choice.h"

#include <algorithm>
#include <cmath>

namespace krater {

namespace {

constexpr qint64 kNone = -2;
constexpr qint64 kNatural = -1;
constexpr qint64 kUniform = 0; // greater: a run
constexpr int kMostRuns = 30;

} // namespace

BaselineChoice::BaselineChoice(RunLibrary &library, QWidget *parent) : QComboBox(parent), m_library(library)
{
    setObjectName(QStringLiteral("baseline"));
    setAccessibleName(tr("Baseline"));
    connect(&library, &RunLibrary::runsChanged, this, [this] {
        list();
        if (currentData().toLongLong() > kUniform)
            emit mixtureChanged(); // that run may have got further
    });
    connect(this, &QComboBox::activated, this, &BaselineChoice::mixtureChanged);
    list();
}

void BaselineChoice::setDomains(const std::vector<std::string> &domains, const std::vector<double> &tokens)
{
    m_tokens = tokens;
    if (domains == m_domains)
        return;
    m_domains = domains;
    list();
}

void BaselineChoice::list()
{
    const QVariant chosen = currentData();
    clear();
    addItem(tr("natural"), kNatural);
    addItem(tr("uniform"), kUniform);
    addItem(tr("none"), kNone);
    for (const RunRecord &run : m_library.runs())
        if (run.domains == m_domains && count() < kMostRuns)
            addItem(tr("run %1, %2").arg(run.id).arg(QString::fromStdString(run.name)), qint64(run.id));
    setCurrentIndex(std::max(0, findData(chosen)));
}

std::vector<BaselineChoice::Run> BaselineChoice::runs() const
{
    std::vector<Run> runs;
    for (int item = 0; item < count(); ++item)
        if (const qint64 run = itemData(item).toLongLong(); run > kUniform)
            runs.push_back({run, itemText(item)});
    return runs;
}

bool BaselineChoice::tokensKnown() const
{
    return !m_tokens.empty() && std::ranges::all_of(m_tokens, [](double tokens) { return tokens > 0; });
}

std::optional<Mixture> BaselineChoice::mixture() const
{
    const qint64 choice = currentData().toLongLong();
    if (choice == kNatural)
        return tokensKnown() ? std::optional(Mixture::natural(m_tokens)) : std::nullopt;
    if (choice == kUniform)
        return m_domains.empty() ? std::nullopt : std::optional(Mixture::uniform(m_domains.size()));
    if (choice == kNone)
        return std::nullopt;
    const std::vector<double> shares = m_library.mixtures(choice).finalMixture;
    const bool complete =
        shares.size() == m_domains.size() && std::ranges::all_of(shares, [](double share) { return std::isfinite(share); });
    return complete ? std::optional(Mixture::fromWeights(shares)) : std::nullopt;
}

QString BaselineChoice::problem() const
{
    const qint64 choice = currentData().toLongLong();
    if (choice == kNone || m_domains.empty() || mixture())
        return {};
    return choice == kNatural ? tr("no ghost mark: the natural mixture is not known before the corpus is scanned")
                              : tr("no ghost mark: run %1 ended before it had a mixture").arg(choice);
}

} // namespace krater
