// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace krater {

// XXH3 128-bit digests: content keys of caches, document identity, the held-out split. Not cryptographic.
struct Hash128 {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    auto operator<=>(const Hash128 &) const = default;
    std::string hex() const; // 32 lower-case digits
};

Hash128 hash128(std::string_view bytes, std::uint64_t seed = 0);

// Streaming form, for keys made of many parts. `add` writes the length first, so that ("ab","c") differs from ("a","bc").
class Hasher {
public:
    Hasher();
    ~Hasher();
    Hasher(const Hasher &) = delete;
    Hasher &operator=(const Hasher &) = delete;

    Hasher &add(std::string_view bytes);
    Hasher &add(std::uint64_t number);
    // Bytes alone: pieces added one after the other hash like the whole, as in hash128.
    Hasher &append(std::string_view piece);
    Hash128 digest() const;

private:
    void *m_state; // XXH3_state_t, kept out of the header
};

} // namespace krater
