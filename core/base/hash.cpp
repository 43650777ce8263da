// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"

#include <xxhash.h>

#include <new>

namespace krater {

namespace {

Hash128 fromXxh(XXH128_hash_t hash)
{
    return {hash.high64, hash.low64};
}

XXH3_state_t *stateOf(void *state)
{
    return static_cast<XXH3_state_t *>(state);
}

} // namespace

std::string Hash128::hex() const
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text(32, '0');
    for (std::size_t i = 0; i < 16; ++i) {
        text[15 - i] = kDigits[(high >> (4 * i)) & 15];
        text[31 - i] = kDigits[(low >> (4 * i)) & 15];
    }
    return text;
}

Hash128 hash128(std::string_view bytes, std::uint64_t seed)
{
    return fromXxh(XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed));
}

Hasher::Hasher() : m_state(XXH3_createState())
{
    if (m_state == nullptr)
        throw std::bad_alloc();
    XXH3_128bits_reset(stateOf(m_state));
}

Hasher::~Hasher()
{
    XXH3_freeState(stateOf(m_state));
}

Hasher &Hasher::add(std::string_view bytes)
{
    return add(std::uint64_t{bytes.size()}).append(bytes);
}

Hasher &Hasher::append(std::string_view piece)
{
    XXH3_128bits_update(stateOf(m_state), piece.data(), piece.size());
    return *this;
}

Hasher &Hasher::add(std::uint64_t number)
{
    // Little endian on every machine, so that keys and stored digests do not depend on it.
    unsigned char bytes[8];
    for (int i = 0; i < 8; ++i)
        bytes[i] = static_cast<unsigned char>(number >> (8 * i));
    XXH3_128bits_update(stateOf(m_state), bytes, sizeof bytes);
    return *this;
}

Hash128 Hasher::digest() const
{
    return fromXxh(XXH3_128bits_digest(stateOf(m_state)));
}

} // namespace krater
