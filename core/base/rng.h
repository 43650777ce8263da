// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace krater {

// xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), seeded by SplitMix64.
// Every random stream of a run is one Rng made by `stream(seed, name)`: streams with other names are independent, so that,
// for example, a longer evaluation never changes which domains are drawn. Not thread-safe: one owner.
class Rng {
public:
    using State = std::array<std::uint64_t, 4>;
    using result_type = std::uint64_t;

    explicit Rng(std::uint64_t seed = 0);
    static Rng stream(std::uint64_t seed, std::string_view name);

    std::uint64_t operator()();
    static constexpr std::uint64_t min() { return 0; }
    static constexpr std::uint64_t max() { return ~std::uint64_t{0}; }

    double uniform();                             // [0, 1), 53 bits
    std::uint64_t below(std::uint64_t bound);     // [0, bound), unbiased; bound > 0
    double normal();                              // mean 0, sd 1 (Box-Muller, two draws a call: no hidden state)

    const State &state() const { return m_state; }
    void setState(const State &state) { m_state = state; }

private:
    State m_state;
};

// Fisher-Yates; the same permutation on every platform, unlike std::shuffle.
void shuffle(std::span<std::uint32_t> values, Rng &rng);

} // namespace krater
