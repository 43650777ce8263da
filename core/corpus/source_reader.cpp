// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/source_reader.h"

#include "core/corpus/corpus_reader.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace krater {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kInputBytes = 256 << 10;
constexpr std::size_t kStepBytes = 1 << 20; // how often the stop token is looked at

// The file's own bytes, buffered. `available()` is what has been read and not yet taken; empty after `refill()` at the end.
class InputFile {
public:
    // Opened non-blocking, so that a pipe that nobody writes to cannot hold up a scan; regular files do not care.
    explicit InputFile(const fs::path &file)
        : InputFile(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK))
    {
        // From here on the destructor closes the file.
        if (m_descriptor < 0)
            throw UnreadableError(fmt::format("Cannot open the file: {}", std::strerror(errno)),
                                  "Check that it exists and may be read.");
        struct stat info = {};
        if (::fstat(m_descriptor, &info) != 0 || !S_ISREG(info.st_mode))
            throw Error("This is not a regular file", "Give files or folders of files.");
        m_bytesOnDisk = static_cast<std::uint64_t>(info.st_size);
        m_buffer.resize(kInputBytes);
        refill();
    }
    ~InputFile()
    {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }
    InputFile(const InputFile &) = delete;
    InputFile &operator=(const InputFile &) = delete;

    std::string_view available() const { return {m_buffer.data() + m_begin, m_end - m_begin}; }
    std::uint64_t consumed() const { return m_consumed; }
    std::uint64_t bytesOnDisk() const { return m_bytesOnDisk; }

    void take(std::size_t count)
    {
        m_begin += count;
        m_consumed += count;
    }

    void refill()
    {
        if (m_begin < m_end)
            return;
        const std::size_t got = readInto(m_buffer);
        m_begin = 0;
        m_end = got;
    }

    std::size_t readInto(std::span<char> out)
    {
        for (;;) {
            const ssize_t got = ::read(m_descriptor, out.data(), out.size());
            if (got >= 0)
                return static_cast<std::size_t>(got);
            if (errno != EINTR)
                throw UnreadableError(fmt::format("Cannot read the file: {}", std::strerror(errno)), "Check the disk.");
        }
    }

private:
    explicit InputFile(int descriptor) : m_descriptor(descriptor) { }

    int m_descriptor;
    std::vector<char> m_buffer;
    std::size_t m_begin = 0;
    std::size_t m_end = 0;
    std::uint64_t m_consumed = 0;
    std::uint64_t m_bytesOnDisk = 0;
};

[[noreturn]] void throwDamaged(std::string_view format, std::string_view what)
{
    throw Error(fmt::format("The {} data is damaged: {}", format, what), "Fetch or make the file again.");
}

bool isGzip(std::string_view bytes)
{
    return bytes.starts_with("\x1f\x8b\x08");
}

// RFC 8878: a frame's magic number, or that of a skippable frame.
bool isZstd(std::string_view bytes)
{
    return bytes.starts_with("\x28\xb5\x2f\xfd")
        || (bytes.size() >= 4 && (bytes[0] & 0xf0) == 0x50 && bytes.substr(1, 3) == "\x2a\x4d\x18");
}

} // namespace

class SourceReader::Decoder {
public:
    explicit Decoder(std::unique_ptr<InputFile> input) : m_input(std::move(input)) { }
    virtual ~Decoder() = default;

    // Some bytes, 0 only at the end of the data.
    virtual std::size_t read(std::span<char> buffer) = 0;
    std::uint64_t bytesConsumed() const { return m_input->consumed(); }
    const std::string &remark() const { return m_remark; }

protected:
    InputFile &input() { return *m_input; }

    std::string m_remark;

private:
    std::unique_ptr<InputFile> m_input;
};

namespace {

class PlainDecoder : public SourceReader::Decoder {
public:
    using Decoder::Decoder;

    std::size_t read(std::span<char> buffer) override
    {
        input().refill();
        const std::string_view bytes = input().available();
        const std::size_t count = std::min(bytes.size(), buffer.size());
        std::memcpy(buffer.data(), bytes.data(), count);
        input().take(count);
        return count;
    }
};

class GzipDecoder : public SourceReader::Decoder {
public:
    explicit GzipDecoder(std::unique_ptr<InputFile> file) : Decoder(std::move(file))
    {
        if (inflateInit2(&m_stream, 15 + 16) != Z_OK) // the largest window, gzip header expected
            throw Error("There is no memory for decompression");
    }
    ~GzipDecoder() override { inflateEnd(&m_stream); }

    std::size_t read(std::span<char> buffer) override
    {
        m_stream.next_out = reinterpret_cast<Bytef *>(buffer.data());
        m_stream.avail_out = static_cast<uInt>(buffer.size());
        while (m_stream.avail_out == buffer.size() && !m_ended)
            step();
        return buffer.size() - m_stream.avail_out;
    }

private:
    void step()
    {
        input().refill();
        const std::string_view bytes = input().available();
        if (bytes.empty())
            throwDamaged("gzip", "it ends too early");
        m_stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
        m_stream.avail_in = static_cast<uInt>(bytes.size());
        const int result = inflate(&m_stream, Z_NO_FLUSH);
        input().take(bytes.size() - m_stream.avail_in);
        if (result == Z_STREAM_END)
            beginNextMember();
        else if (result != Z_OK && result != Z_BUF_ERROR)
            throwDamaged("gzip", m_stream.msg != nullptr ? m_stream.msg : "it cannot be decompressed");
    }

    // RFC 1952, 2.2: members follow one another. Zero bytes after the last one are padding (of tapes), and allowed.
    void beginNextMember()
    {
        for (;;) {
            input().refill();
            const std::string_view bytes = input().available();
            const std::size_t padding = std::min(bytes.find_first_not_of('\0'), bytes.size());
            input().take(padding);
            if (bytes.empty()) {
                m_ended = true;
                return;
            }
            if (padding < bytes.size())
                break;
        }
        if (input().available().front() != '\x1f') { // gzip itself does no more than warn, too
            m_remark = "Something that is not gzip follows the gzip data, and is left out";
            m_ended = true;
            return;
        }
        inflateReset(&m_stream);
    }

    z_stream m_stream = {};
    bool m_ended = false;
};

class ZstdDecoder : public SourceReader::Decoder {
public:
    explicit ZstdDecoder(std::unique_ptr<InputFile> file)
        : Decoder(std::move(file))
        , m_stream(ZSTD_createDStream(), &ZSTD_freeDStream)
    {
        if (!m_stream)
            throw Error("There is no memory for decompression");
        ZSTD_DCtx_setParameter(m_stream.get(), ZSTD_d_windowLogMax, largestWindowLog());
    }

    std::size_t read(std::span<char> buffer) override
    {
        ZSTD_outBuffer out = {buffer.data(), buffer.size(), 0};
        while (out.pos == 0) {
            input().refill();
            const std::string_view bytes = input().available();
            if (bytes.empty() && m_betweenFrames)
                break;
            ZSTD_inBuffer in = {bytes.data(), bytes.size(), 0};
            const std::size_t result = ZSTD_decompressStream(m_stream.get(), &out, &in);
            if (ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge)
                throw Error("The zstd data needs too much memory for a file of this size",
                            "Compress it again without --long.");
            if (ZSTD_isError(result))
                throwDamaged("zstd", ZSTD_getErrorName(result));
            if (bytes.empty() && out.pos == 0)
                throwDamaged("zstd", "it ends too early");
            input().take(in.pos);
            m_betweenFrames = result == 0;
        }
        return out.pos;
    }

private:
    // Public dumps are often made with `zstd --long=31`, a window of 2 GiB. Memory is to stay in proportion to the file, though.
    int largestWindowLog() { return std::clamp(static_cast<int>(std::bit_width(input().bytesOnDisk())) + 4, 27, 31); }

    std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> m_stream;
    bool m_betweenFrames = false;
};

std::unique_ptr<SourceReader::Decoder> makeDecoder(const fs::path &file)
{
    auto input = std::make_unique<InputFile>(file);
    if (isGzip(input->available()))
        return std::make_unique<GzipDecoder>(std::move(input));
    if (isZstd(input->available()))
        return std::make_unique<ZstdDecoder>(std::move(input));
    return std::make_unique<PlainDecoder>(std::move(input));
}

} // namespace

SourceReader::SourceReader(const fs::path &file) : m_decoder(makeDecoder(file)) { }

SourceReader::~SourceReader() = default;

std::size_t SourceReader::read(std::span<char> buffer)
{
    constexpr std::size_t kLargestRead = std::size_t{1} << 30; // zlib counts in 32 bits
    std::size_t size = 0;
    while (size < buffer.size()) {
        const std::size_t got = m_decoder->read(buffer.subspan(size, std::min(kLargestRead, buffer.size() - size)));
        if (got == 0)
            break;
        size += got;
    }
    return size;
}

std::uint64_t SourceReader::bytesConsumed() const
{
    return m_decoder->bytesConsumed();
}

bool canBeRead(const fs::path &file)
{
    try {
        InputFile input(file);
        return true;
    } catch (const Error &) {
        return false;
    }
}

std::string SourceReader::remark() const
{
    return m_decoder->remark();
}

std::string readSourceFile(const fs::path &file, std::uint64_t maxBytes, std::stop_token stop, std::string *remark)
{
    SourceReader reader(file);
    std::error_code failure;
    const std::uint64_t onDisk = fs::file_size(file, failure);
    std::string bytes;
    std::size_t size = 0;
    while (!stop.stop_requested()) {
        // Room for all of a plain file at once; what is compressed grows by half each time.
        const std::uint64_t wanted =
            size < onDisk && !failure ? onDisk + 1 : size + std::max<std::uint64_t>(kStepBytes, size / 2);
        if (bytes.size() < size + kStepBytes)
            bytes.resize(static_cast<std::size_t>(std::max<std::uint64_t>(std::min(wanted, maxBytes + 1), size + 1)));
        const std::size_t step = std::min(kStepBytes, bytes.size() - size);
        const std::size_t got = reader.read({bytes.data() + size, step});
        size += got;
        if (size > maxBytes)
            throw Error(fmt::format("The file holds more than {} bytes, decompressed", maxBytes),
                        "Divide it into smaller files.");
        if (got < step)
            break;
    }
    bytes.resize(size);
    if (remark != nullptr)
        *remark = reader.remark();
    return bytes;
}

} // namespace krater
