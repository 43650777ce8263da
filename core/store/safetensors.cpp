// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/safetensors.h"

#include "core/base/error.h"
#include "core/base/files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <set>
#include <string_view>

namespace krater {

static_assert(std::endian::native == std::endian::little, "tensors are stored as they lie in memory");

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMaxHeader = 100'000'000; // bytes, as in the reference implementation
constexpr int kMaxDepth = 3;                      // of the header: object, tensor, list
constexpr std::size_t kMaxDimensions = 16;
constexpr const char *kMetadata = "__metadata__";

[[noreturn]] void damaged(const fs::path &file, std::string_view why)
{
    throw DamagedFile(fmt::format("{} is not a usable safetensors file: {}", file.string(), why),
                      "It is damaged or was made by another program. Use an earlier checkpoint.");
}

[[noreturn]] void unreadable(const fs::path &file, const std::string &why)
{
    throw Error(fmt::format("Cannot read the checkpoint {}: {}", file.string(), why),
                "Check that the file is there and may be read.");
}

void readBytes(const fs::path &file, std::ifstream &input, char *bytes, std::size_t size, std::string_view endsWhere)
{
    if (input.read(bytes, std::streamsize(size)))
        return;
    if (input.bad())
        unreadable(file, "reading it failed");
    damaged(file, endsWhere);
}

std::uint64_t elementBytes(NamedTensor::Type type)
{
    return type == NamedTensor::Type::Float32 ? 4 : 8;
}

// Nothing when the product does not fit.
std::optional<std::uint64_t> bytesOf(NamedTensor::Type type, const std::vector<std::int64_t> &shape)
{
    std::uint64_t bytes = elementBytes(type);
    for (const std::int64_t size : shape) {
        if (size < 0 || (size > 0 && bytes > std::numeric_limits<std::int64_t>::max() / std::uint64_t(size)))
            return std::nullopt;
        bytes *= std::uint64_t(size);
    }
    return bytes;
}

std::string headerFor(const std::map<std::string, std::string> &metadata,
                      const std::vector<const NamedTensor *> &tensors)
{
    Json header;
    header[kMetadata] = metadata;
    std::uint64_t offset = 0;
    for (const NamedTensor *tensor : tensors) {
        const std::uint64_t bytes = tensor->bytes.size();
        if (bytesOf(tensor->type, tensor->shape) != bytes || header.contains(tensor->name))
            throw Error(fmt::format("The tensor {} cannot be saved: its size or name does not fit", tensor->name));
        header[tensor->name] = {{"dtype", tensor->type == NamedTensor::Type::Float32 ? "F32" : "I64"},
                                {"shape", tensor->shape},
                                {"data_offsets", {offset, offset + bytes}}};
        offset += bytes;
    }
    std::string text;
    try {
        text = header.dump();
    } catch (const Json::exception &failure) {
        throw Error(fmt::format("A checkpoint cannot be saved: {}", failure.what()));
    }
    text.append((8 - text.size() % 8) % 8, ' '); // the data begin aligned
    return text;
}

Json parseHeader(const fs::path &file, const std::string &text)
{
    const auto limitDepth = [&file](int depth, Json::parse_event_t, Json &) {
        if (depth > kMaxDepth)
            damaged(file, "its header is nested too deeply");
        return true;
    };
    try {
        Json header = Json::parse(text, limitDepth);
        if (header.is_object())
            return header;
    } catch (const Json::exception &) {
        // said below
    }
    damaged(file, "its header is not a JSON object");
}

struct Place {
    NamedTensor tensor; // without bytes
    std::uint64_t begin = 0, end = 0;
};

Place placeFrom(const fs::path &file, const std::string &name, const Json &entry)
{
    try {
        Place place;
        place.tensor.name = name;
        const auto type = entry.at("dtype").get<std::string>();
        if (type != "F32" && type != "I64")
            damaged(file, fmt::format("tensor {} has type {}; F32 and I64 are known", name, type));
        place.tensor.type = type == "F32" ? NamedTensor::Type::Float32 : NamedTensor::Type::Int64;
        for (const Json &size : entry.at("shape")) {
            if (!size.is_number_unsigned() || place.tensor.shape.size() == kMaxDimensions)
                damaged(file, fmt::format("tensor {} has a shape that is not possible", name));
            place.tensor.shape.push_back(size.get<std::int64_t>());
        }
        const Json &offsets = entry.at("data_offsets");
        if (offsets.size() != 2 || !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned())
            damaged(file, fmt::format("tensor {} has no place", name));
        place.begin = offsets[0].get<std::uint64_t>();
        place.end = offsets[1].get<std::uint64_t>();
        if (place.end < place.begin || bytesOf(place.tensor.type, place.tensor.shape) != place.end - place.begin)
            damaged(file, fmt::format("the size of tensor {} does not fit its shape", name));
        return place;
    } catch (const Json::exception &) {
        damaged(file, fmt::format("the entry of tensor {} is not complete", name));
    }
}

// Tensors must cover the data without gap or overlap, which also bounds what is read by the size of the file.
std::vector<Place> placesFrom(const fs::path &file, const Json &header, std::uint64_t dataBytes)
{
    std::vector<Place> places;
    for (const auto &[name, entry] : header.items()) {
        if (name != kMetadata)
            places.push_back(placeFrom(file, name, entry));
    }
    const auto isBefore = [](const Place &a, const Place &b) {
        return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    };
    std::stable_sort(places.begin(), places.end(), isBefore);
    std::uint64_t end = 0;
    std::set<std::string_view> names;
    for (const Place &place : places) {
        if (place.begin != end || !names.insert(place.tensor.name).second)
            damaged(file, "its tensors overlap or leave gaps");
        end = place.end;
    }
    if (end != dataBytes)
        damaged(file, fmt::format("it should have {} bytes of tensors but has {}", end, dataBytes));
    return places;
}

std::map<std::string, std::string> metadataFrom(const fs::path &file, const Json &header)
{
    std::map<std::string, std::string> metadata;
    if (!header.contains(kMetadata))
        return metadata;
    if (!header.at(kMetadata).is_object())
        damaged(file, "its metadata are not an object");
    for (const auto &[key, value] : header.at(kMetadata).items()) {
        if (!value.is_string())
            damaged(file, "its metadata are not text");
        metadata[key] = value.get<std::string>();
    }
    return metadata;
}

} // namespace

void writeSafeTensors(const fs::path &file, const std::map<std::string, std::string> &metadata,
                      const std::vector<const NamedTensor *> &tensors)
{
    std::vector<const NamedTensor *> ordered = tensors;
    std::stable_sort(ordered.begin(), ordered.end(), [](const NamedTensor *a, const NamedTensor *b) {
        return elementBytes(a->type) > elementBytes(b->type);
    });
    const std::string header = headerFor(metadata, ordered);
    const std::uint64_t length = header.size();
    if (length > kMaxHeader)
        throw Error(fmt::format("{} cannot be saved: its header would have {} bytes", file.string(), length));

    AtomicFile output(file);
    char lengthBytes[sizeof length];
    std::memcpy(lengthBytes, &length, sizeof length);
    output.write({lengthBytes, sizeof lengthBytes});
    output.write(header);
    for (const NamedTensor *tensor : ordered)
        output.write({reinterpret_cast<const char *>(tensor->bytes.data()), tensor->bytes.size()});
    output.commit();
}

SafeTensors readSafeTensors(const fs::path &file)
{
    std::error_code failure;
    const std::uint64_t size = fs::file_size(file, failure);
    std::ifstream input(file, std::ios::binary);
    if (failure || !input)
        unreadable(file, failure ? failure.message() : "not readable");

    std::uint64_t length = 0;
    readBytes(file, input, reinterpret_cast<char *>(&length), sizeof length, "it is too short");
    if (length > kMaxHeader || length > size - sizeof length)
        damaged(file, "the length of its header is not possible");
    std::string text(length, '\0');
    readBytes(file, input, text.data(), length, "it ends in the header");
    const Json header = parseHeader(file, text);

    SafeTensors result;
    result.metadata = metadataFrom(file, header);
    for (Place &place : placesFrom(file, header, size - sizeof length - length)) {
        place.tensor.bytes.resize(place.end - place.begin);
        readBytes(file, input, reinterpret_cast<char *>(place.tensor.bytes.data()), place.tensor.bytes.size(),
                  "it ends in a tensor");
        result.tensors.push_back(std::move(place.tensor));
    }
    return result;
}

} // namespace krater
