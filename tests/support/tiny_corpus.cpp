// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/tiny_corpus.h"

#include <array>
#include <fstream>
#include <stdexcept>

namespace krater::test {

namespace {

constexpr std::array<const char *, 21> kNumbers{"zero",     "one",      "two",      "three",   "four",    "five",
                                                "six",      "seven",    "eight",    "nine",    "ten",     "eleven",
                                                "twelve",   "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
                                                "eighteen", "nineteen", "twenty"};

constexpr std::array<const char *, 8> kThings{"lamp", "gate", "boat", "well", "mill", "bell", "road", "tree"};
constexpr std::array<const char *, 6> kPlaces{"hill", "harbour", "garden", "bridge", "market", "river"};

constexpr const char *kDivider = "%\n";

// A word of brackets: the binary digits of `shape` say whether to open (1) or, where possible, to close (0).
std::string bracketWord(unsigned shape)
{
    constexpr std::array<char, 3> kOpen{'(', '[', '{'};
    constexpr std::array<char, 3> kClose{')', ']', '}'};
    std::string word;
    std::string pending;
    for (int bit = 0; bit < 16; ++bit) {
        if (((shape >> bit) & 1u) || pending.empty()) {
            const std::size_t kind = (shape + static_cast<unsigned>(bit)) % kOpen.size();
            word += kOpen[kind];
            pending += kClose[kind];
        } else {
            word += pending.back();
            pending.pop_back();
        }
    }
    return word + std::string(pending.rbegin(), pending.rend());
}

void writeText(const std::filesystem::path &file, const std::string &text)
{
    std::ofstream stream(file, std::ios::binary);
    stream << text;
    if (!stream.flush())
        throw std::runtime_error("cannot write " + file.string());
}

std::string readText(const std::filesystem::path &file)
{
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        throw std::runtime_error("cannot read " + file.string());
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

} // namespace

std::string tinySums()
{
    std::string text;
    for (std::size_t a = 0; a <= 10; ++a) {
        for (std::size_t b = 0; b <= 10; ++b)
            text += std::string(kNumbers[a]) + " and " + kNumbers[b] + " are " + kNumbers[a + b] + ".\n" + kDivider;
        for (std::size_t b = 0; b <= a; ++b)
            text += std::string(kNumbers[a]) + " less " + kNumbers[b] + " is " + kNumbers[a - b] + ".\n" + kDivider;
    }
    return text;
}

std::string tinyBrackets()
{
    std::string text;
    for (unsigned shape = 1; shape <= 160; ++shape)
        text += bracketWord(shape * 2654435761u >> 12) + '\n' + kDivider;
    return text;
}

std::string tinyVerses()
{
    std::string text;
    for (const char *thing : kThings) {
        for (const char *place : kPlaces)
            text +=
                std::string("The ") + thing + " stands by the " + place + ",\nand nobody knows the way.\n" + kDivider;
    }
    return text;
}

std::filesystem::path writeTinyExperiment(const std::filesystem::path &folder, const std::string &extra)
{
    std::filesystem::create_directories(folder);
    writeText(folder / "sums.txt", tinySums());
    writeText(folder / "brackets.txt", tinyBrackets());
    writeText(folder / "verses.txt", tinyVerses());
    const std::filesystem::path file = folder / "tiny.toml";
    writeText(file, readText(std::filesystem::path(KRATER_TEST_DATA) / "tiny" / "tiny.toml") + extra);
    return file;
}

} // namespace krater::test
