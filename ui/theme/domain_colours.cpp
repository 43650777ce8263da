// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/domain_colours.h"

#include <QString>

#include <algorithm>
#include <array>

namespace krater {
namespace {

QColor parse(const std::string &text)
{
    return text.empty() ? QColor() : QColor(QString::fromStdString(text));
}

QColor firstUnused(const std::vector<QColor> &used)
{
    const auto palette = domainPalette();
    for (const QColor &colour : palette) {
        if (std::find(used.begin(), used.end(), colour) == used.end())
            return colour;
    }
    return palette[used.size() % palette.size()];
}

} // namespace

std::span<const QColor> domainPalette()
{
    static const std::array<QColor, 12> palette{
        QColor(0x00, 0x72, 0xB2), QColor(0xE6, 0x9F, 0x00), QColor(0x00, 0x9E, 0x73), QColor(0xCC, 0x79, 0xA7),
        QColor(0x56, 0xB4, 0xE9), QColor(0xD5, 0x5E, 0x00), QColor(0x9C, 0x6C, 0xFC), QColor(0x84, 0x60, 0x78),
        QColor(0xB4, 0x48, 0x30), QColor(0xFC, 0x54, 0x6C), QColor(0xCC, 0x18, 0xCC), QColor(0x90, 0x30, 0xFC)};
    return palette;
}

std::vector<QColor> domainColours(const std::vector<std::string> &stored, std::size_t numDomains)
{
    std::vector<QColor> colours(numDomains);
    std::vector<QColor> used;
    for (std::size_t k = 0; k < numDomains && k < stored.size(); ++k) {
        colours[k] = parse(stored[k]);
        if (colours[k].isValid())
            used.push_back(colours[k]);
    }
    for (QColor &colour : colours) {
        if (!colour.isValid()) {
            colour = firstUnused(used);
            used.push_back(colour);
        }
    }
    return colours;
}

std::vector<QColor> domainColours(const Experiment &experiment)
{
    std::vector<std::string> stored;
    stored.reserve(experiment.domains.size());
    for (const DomainConfig &domain : experiment.domains)
        stored.push_back(domain.colour);
    return domainColours(stored, stored.size());
}

std::string nextDomainColour(const Experiment &experiment)
{
    return firstUnused(domainColours(experiment)).name().toUpper().toStdString();
}

} // namespace krater
