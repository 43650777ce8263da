// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/domain_pass.h"

#include "core/base/error.h"
#include "core/corpus/source_reader.h"
#include "core/corpus/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <new>

namespace krater {

namespace {

constexpr std::size_t kPieceBytes = 1 << 20; // of a file that is read line by line
constexpr std::size_t kProbeBytes = 8 << 10; // in which a NUL gives binary data away

// JSON that is laid out for people, or one array, is the usual reason why not even the first line has a text.
const char *adviceFor(const RawDocument &line)
{
    const std::size_t begin = std::min(line.json.find_first_not_of(" \t\r"), line.json.size());
    const std::string_view text = line.json.substr(begin);
    if (line.index == 0 && text.starts_with('['))
        return "JSON Lines have one object a line: jq -c '.[]' makes them of an array.";
    if (line.index == 0 && text.starts_with('{') && isBlank(text.substr(1)))
        return "JSON Lines have one object a line: jq -c . makes them of objects that span several.";
    return "Check the file and `text_field`.";
}

bool isUtf16(std::string_view bytes)
{
    return bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff");
}

} // namespace

std::uint64_t DomainPass::run(const std::vector<SourceFile> &files)
{
    std::uint64_t numRead = 0;
    std::size_t next = 0;
    while (next < files.size() && m_cap == nullptr && !m_ended && !m_context.options.stop.stop_requested()) {
        m_place = next++;
        numRead += readFile(files[m_place]) ? 1 : 0;
        if (m_failure)
            std::rethrow_exception(m_failure);
    }
    if (m_cap != nullptr && !m_ended)
        reportCap(next, files.size());
    // What a cap leaves unread counts as done, or the bar would stop short.
    for (; next < files.size(); ++next)
        m_context.bytesDone += files[next].bytes;
    return numRead;
}

bool DomainPass::readFile(const SourceFile &file)
{
    m_file = &file;
    m_fileDone = 0;
    m_numRepaired = 0;
    m_numLines = 0;
    m_numBadLines = 0;
    m_isBlank = true;
    m_remark.clear();
    bool isRead = false;
    try {
        const ReaderInfo &reader = readerFor(file.path, m_context.config.format);
        if (reader.lines)
            readLines(reader);
        else
            readWhole(reader);
        isRead = true;
    } catch (const UnreadableError &error) {
        m_context.unread.emplace(m_context.index, m_place);
        fail(error.what(), error.advice());
    } catch (const Error &error) {
        fail(error.what(), error.advice());
    } catch (const std::bad_alloc &) {
        m_context.unread.emplace(m_context.index, m_place);
        fail("There is not enough memory for this file", "Divide it into smaller files.");
    }
    if (isRead && m_isBlank && !m_context.options.stop.stop_requested())
        log(IssueLog::Kind::Empty, Issue::Severity::Note, 0, m_file->bytes == 0 ? "The file is empty" : "The file has no text in it", {});
    reportFile();
    m_context.bytesDone += file.bytes;
    return isRead;
}

void DomainPass::readWhole(const ReaderInfo &reader)
{
    std::string bytes = readSourceFile(m_file->path, reader.maxBytes, m_context.options.stop, &m_remark);
    if (bytes.empty())
        return;
    // A folder may hold anything; only `auto` may guess that something is no text.
    const std::string_view probe = std::string_view(bytes).substr(0, kProbeBytes);
    if (m_context.config.format == "auto" && probe.find('\0') != std::string_view::npos) {
        log(IssueLog::Kind::Binary, Issue::Severity::Warning, 0,
            isUtf16(probe) ? "The file is UTF-16 and is left out" : "The file looks like binary data and is left out",
            isUtf16(probe) ? "Convert it: iconv -f UTF-16 -t UTF-8." : "Exclude it, or set the format.");
        StreamedDocument document;
        document.reason = "binary data";
        m_isBlank = false;
        emit(document);
        return;
    }
    std::string storage;
    const std::string_view text = repaired(bytes, reader.maxBytes, storage);
    if (!storage.empty())
        std::string().swap(bytes); // one copy at a time is enough
    m_fileBytesShare = static_cast<double>(m_file->bytes) / static_cast<double>(text.size());
    reader.reader->read(text, m_context.options, [this](const RawDocument &document) { return handle(document); });
}

void DomainPass::readLines(const ReaderInfo &reader)
{
    SourceReader source(m_file->path);
    std::string buffer;
    std::string storage;
    std::size_t size = 0;
    m_fileBytesShare = 0; // the place in the file is known instead
    for (bool more = true; more && !m_context.options.stop.stop_requested();) {
        buffer.resize(size + kPieceBytes);
        const std::size_t got = source.read({buffer.data() + size, kPieceBytes});
        const std::size_t lineEnd = std::string_view(buffer.data() + size, got).rfind('\n');
        more = got == kPieceBytes;
        if (more && lineEnd == std::string_view::npos) {
            size += got;
            if (size > reader.maxBytes)
                throw Error(fmt::format("Line {} is longer than {} bytes", m_numLines + 1, reader.maxBytes),
                            "Check that the file has one document a line.");
            continue;
        }
        const std::size_t end = more ? size + lineEnd + 1 : size + got;
        size += got;
        const std::string_view piece(buffer.data(), end);
        m_fileDone = static_cast<double>(source.bytesConsumed());
        const std::uint64_t firstLine = m_numLines;
        const bool goesOn =
            reader.reader->read(repaired(piece, reader.maxBytes, storage), m_context.options, [&](const RawDocument &document) {
                RawDocument placed = document;
                placed.index += firstLine;
                return handle(placed);
            });
        m_numLines += static_cast<std::uint64_t>(std::ranges::count(piece, '\n'));
        if (!goesOn)
            return;
        buffer.erase(0, end);
        size -= end;
    }
    m_remark = source.remark();
}

std::string_view DomainPass::repaired(std::string_view bytes, std::uint64_t maxBytes, std::string &storage)
{
    storage.clear();
    if (isValidUtf8(bytes))
        return bytes;
    if (isOtherEncoding(bytes))
        throw Error("The file is not UTF-8, and is left out",
                    "Convert it: iconv -f LATIN1 -t UTF-8, or from the encoding that it has.");
    storage = repairUtf8(bytes, m_numRepaired, maxBytes, m_context.options.stop);
    return storage;
}

bool DomainPass::handle(const RawDocument &raw)
{
    if (m_context.options.stop.stop_requested())
        return false;
    m_fileDone += m_fileBytesShare * static_cast<double>(raw.text.size());
    m_isBlank = m_isBlank && raw.problem.empty() && isBlank(raw.text);
    StreamedDocument document;
    document.index = raw.index;
    document.text = raw.problem.empty() ? raw.text : raw.json;
    std::string reason = verdict(raw);
    document.reason = reason;
    if (reason.empty())
        keep(document);
    return emit(document) && m_cap == nullptr;
}

std::string DomainPass::verdict(const RawDocument &raw)
{
    if (!raw.problem.empty()) {
        if (m_numBadLines++ == 0) {
            m_firstBadLine = raw.index + 1;
            m_firstProblem = raw.problem;
            m_firstAdvice = adviceFor(raw);
        }
        return std::string(raw.problem);
    }
    if (isBlank(raw.text))
        return "no text";
    std::string reason = m_context.filter.reject(raw);
    const auto &maxBytes = m_context.config.maxBytes;
    if (reason.empty() && maxBytes && m_bytes + raw.text.size() > *maxBytes) {
        m_cap = "max_bytes";
        reason = "max_bytes is reached";
    }
    return reason;
}

void DomainPass::keep(StreamedDocument &document)
{
    document.hash = hash128(document.text);
    const double position = splitPosition(document.hash, m_context.splitSeed);
    document.heldOut = position < m_context.config.heldOut;
    document.leak =
        !document.heldOut && position < m_context.maxFraction && m_context.heldOutElsewhere.contains(document.hash.low);
    document.kept = !document.leak;
    if (document.leak) {
        document.reason = "held out in another domain";
        return;
    }
    ++m_documents;
    ++m_context.documents;
    m_bytes += document.text.size();
    if (m_context.config.maxDocuments && m_documents >= *m_context.config.maxDocuments)
        m_cap = "max_documents";
    else if (m_context.config.maxBytes && m_bytes >= *m_context.config.maxBytes)
        m_cap = "max_bytes";
}

bool DomainPass::emit(const StreamedDocument &document)
{
    StreamedDocument complete = document;
    complete.domain = m_context.index;
    complete.file = m_file;
    const double done = std::min(m_fileDone, static_cast<double>(m_file->bytes));
    m_context.progress.update(m_context.config.name, m_context.bytesDone + static_cast<std::uint64_t>(done),
                              m_context.documents);
    try {
        m_ended = !m_sink(complete);
    } catch (...) {
        // Not to be taken for a failure of the file.
        m_failure = std::current_exception();
        m_ended = true;
    }
    return !m_ended;
}

void DomainPass::fail(const std::string &message, const std::string &advice)
{
    log(IssueLog::Kind::Unreadable, Issue::Severity::Warning, 0, message, advice);
    StreamedDocument document;
    document.reason = message;
    if (!m_ended)
        emit(document);
}

void DomainPass::reportFile()
{
    if (!m_remark.empty())
        log(IssueLog::Kind::Trailing, Issue::Severity::Warning, 0, m_remark, "Check that the file is whole.");
    if (m_numRepaired > 0)
        log(IssueLog::Kind::InvalidUtf8, Issue::Severity::Warning, 0,
            fmt::format("{} invalid UTF-8 sequences were replaced by U+FFFD", m_numRepaired),
            "If the file has another encoding, convert it: iconv -f LATIN1 -t UTF-8.");
    if (m_numBadLines > 0) {
        const int line = static_cast<int>(std::min<std::uint64_t>(m_firstBadLine, std::numeric_limits<int>::max()));
        log(IssueLog::Kind::BadLines, Issue::Severity::Warning, line,
            m_numBadLines == 1 ? fmt::format("The line has no text: {}", m_firstProblem)
                               : fmt::format("{} lines have no text; the first: {}", m_numBadLines, m_firstProblem),
            m_firstAdvice);
    }
}

void DomainPass::reportCap(std::size_t filesRead, std::size_t numFiles)
{
    if (m_context.issues != nullptr)
        m_context.issues->add(domainIssue(Issue::Severity::Note, m_context.config.name, {},
                                          fmt::format("{} was reached after {} documents, in file {} of {}", m_cap,
                                                      m_documents, filesRead, numFiles)));
}

void DomainPass::log(IssueLog::Kind kind, Issue::Severity severity, int line, std::string message, std::string advice)
{
    if (m_context.issues != nullptr)
        m_context.issues->add(kind,
                              domainIssue(severity, m_context.config.name, m_file->path.string(), std::move(message),
                                          std::move(advice), line));
}

} // namespace krater
