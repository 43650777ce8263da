// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/curve_block.h"

#include "core/base/error.h"

#include <bit>
#include <cassert>
#include <cstring>
#include <limits>

namespace krater {

static_assert(std::endian::native == std::endian::little, "values are stored as they lie in memory");

namespace {

constexpr char kVersion = 1;
constexpr std::uint64_t kMaxStep = std::numeric_limits<std::int64_t>::max(); // SQLite's integers are signed

[[noreturn]] void damaged()
{
    throw Error("A stored curve is damaged", "Restore the store from a copy; other curves and runs can still be read.");
}

void putVarint(std::string &bytes, std::uint64_t number)
{
    while (number >= 0x80) {
        bytes += char(number | 0x80);
        number >>= 7;
    }
    bytes += char(number);
}

void putDouble(std::string &bytes, double value)
{
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes.append(raw, sizeof raw);
}

// Takes pieces off the front of a blob; what is not there is damage.
class Cursor {
public:
    explicit Cursor(std::string_view bytes) : m_bytes(bytes) { }

    bool atEnd() const { return m_bytes.empty(); }
    std::string_view rest() const { return m_bytes; }

    std::uint8_t byte()
    {
        if (m_bytes.empty())
            damaged();
        const auto value = std::uint8_t(m_bytes.front());
        m_bytes.remove_prefix(1);
        return value;
    }

    std::uint64_t varint()
    {
        std::uint64_t number = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            const std::uint8_t part = byte();
            number |= std::uint64_t(part & 0x7F) << shift;
            if (part < 0x80)
                return number;
        }
        damaged(); // over 2^63
    }

    double number()
    {
        double value = 0;
        if (m_bytes.size() < sizeof value)
            damaged();
        std::memcpy(&value, m_bytes.data(), sizeof value);
        m_bytes.remove_prefix(sizeof value);
        return value;
    }

private:
    std::string_view m_bytes;
};

} // namespace

void CurveBlock::append(CurvePoint point)
{
    assert(!isFull());
    if (m_count > 0 && point.step <= m_lastStep)
        damaged();
    if (m_count == 0) {
        m_firstStep = point.step;
    } else {
        const std::uint64_t stride = point.step - m_lastStep;
        if (m_strides.empty() || m_strides.back().first != stride)
            m_strides.emplace_back(stride, 0);
        ++m_strides.back().second;
    }
    m_lastStep = point.step;
    ++m_count;
    putDouble(m_values, point.value);
}

std::string CurveBlock::encode() const
{
    std::string bytes;
    bytes.reserve(m_values.size() + 16 + m_strides.size() * 4);
    bytes += kVersion;
    putVarint(bytes, m_count);
    putVarint(bytes, m_firstStep);
    for (const auto &[stride, repeats] : m_strides) {
        putVarint(bytes, stride);
        putVarint(bytes, repeats);
    }
    return bytes += m_values;
}

CurveBlock CurveBlock::decode(std::string_view bytes)
{
    Curve points;
    appendBlock(bytes, points);
    CurveBlock block;
    for (const CurvePoint &point : points)
        block.append(point);
    return block;
}

void appendBlock(std::string_view bytes, Curve &curve)
{
    Cursor cursor(bytes);
    if (cursor.byte() != kVersion)
        damaged();
    const std::uint64_t count = cursor.varint();
    std::uint64_t step = cursor.varint();
    if (count == 0 || count > kBlockPoints || (!curve.empty() && step <= curve.back().step))
        damaged();

    const std::size_t first = curve.size();
    curve.resize(first + count);
    CurvePoint *point = &curve[first];
    point->step = step;
    for (std::uint64_t left = count - 1; left > 0;) {
        const std::uint64_t stride = cursor.varint();
        const std::uint64_t repeats = cursor.varint();
        if (stride == 0 || repeats == 0 || repeats > left || stride > (kMaxStep - step) / repeats)
            damaged();
        for (std::uint64_t i = 0; i < repeats; ++i)
            (++point)->step = step += stride;
        left -= repeats;
    }
    if (cursor.rest().size() != count * sizeof(double))
        damaged();
    for (std::size_t i = 0; i < count; ++i)
        curve[first + i].value = cursor.number();
}

std::string encodeStep(const StepValues &values)
{
    std::string bytes;
    bytes.reserve(values.size() * 10);
    for (const auto &[curve, value] : values) {
        putVarint(bytes, std::uint64_t(curve));
        putDouble(bytes, value);
    }
    return bytes;
}

StepValues decodeStep(std::string_view bytes)
{
    StepValues values;
    for (Cursor cursor(bytes); !cursor.atEnd();) {
        const auto curve = std::int64_t(cursor.varint());
        values.emplace_back(curve, cursor.number());
    }
    return values;
}

std::optional<double> valueInStep(std::string_view bytes, std::int64_t curve)
{
    for (Cursor cursor(bytes); !cursor.atEnd();) {
        const bool found = std::int64_t(cursor.varint()) == curve;
        const double value = cursor.number();
        if (found)
            return value;
    }
    return std::nullopt;
}

} // namespace krater
