// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/rng.h"

#include <bit>
#include <cmath>
#include <numbers>
#include <utility>

namespace krater {

namespace {

// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
std::uint64_t splitMix(std::uint64_t &state)
{
    state += 0x9e3779b97f4a7c15;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

// FNV-1a, 64 bits (Fowler, Noll and Vo): only tells names apart, SplitMix64 does the mixing.
std::uint64_t fnv1a(std::string_view name)
{
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : name) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3;
    }
    return hash;
}

} // namespace

Rng::Rng(std::uint64_t seed)
{
    for (std::uint64_t &word : m_state)
        word = splitMix(seed);
}

Rng Rng::stream(std::uint64_t seed, std::string_view name)
{
    std::uint64_t ofName = fnv1a(name);
    return Rng(splitMix(seed) ^ splitMix(ofName));
}

std::uint64_t Rng::operator()()
{
    const std::uint64_t result = std::rotl(m_state[1] * 5, 7) * 9;
    const std::uint64_t shifted = m_state[1] << 17;
    m_state[2] ^= m_state[0];
    m_state[3] ^= m_state[1];
    m_state[1] ^= m_state[2];
    m_state[0] ^= m_state[3];
    m_state[2] ^= shifted;
    m_state[3] = std::rotl(m_state[3], 45);
    return result;
}

double Rng::uniform()
{
    return static_cast<double>((*this)() >> 11) * 0x1p-53;
}

std::uint64_t Rng::below(std::uint64_t bound)
{
    // Numbers under 2^64 mod bound are thrown away: what is left is a whole number of ranges.
    const std::uint64_t threshold = (0 - bound) % bound;
    std::uint64_t number = (*this)();
    while (number < threshold)
        number = (*this)();
    return number % bound;
}

double Rng::normal()
{
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform())); // 1 - u is in (0, 1]
    const double angle = 2.0 * std::numbers::pi * uniform();
    return radius * std::cos(angle);
}

void shuffle(std::span<std::uint32_t> values, Rng &rng)
{
    for (std::size_t left = values.size(); left > 1; --left)
        std::swap(values[left - 1], values[rng.below(left)]);
}

} // namespace krater
