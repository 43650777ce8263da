// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/document_stream.h"

#include <exception>

namespace krater {

// One reading of one domain: opens its files one after the other and hands every document to the sink with a verdict. A file that
// cannot be read becomes an issue and a rejected document; what the sink throws passes through.
class DomainPass {
public:
    struct Context {
        std::size_t index;
        const DomainConfig &config;
        const ReaderOptions &options;
        const DocumentFilter &filter;
        std::uint64_t splitSeed;
        double maxFraction; // the largest held-out fraction of all domains
        const std::unordered_set<std::uint64_t> &heldOutElsewhere;
        ProgressMeter &progress;
        IssueLog *issues;         // null: issues are known already
        std::uint64_t &bytesDone; // of source files, over the whole phase
        std::uint64_t &documents;
        std::set<SourcePlace> &unread;
    };

    DomainPass(const Context &context, const DocumentStream::Sink &sink) : m_context(context), m_sink(sink) { }

    // Returns the number of files that were read.
    std::uint64_t run(const std::vector<SourceFile> &files);

private:
    bool readFile(const SourceFile &file);
    void readWhole(const ReaderInfo &reader);
    void readLines(const ReaderInfo &reader);
    std::string_view repaired(std::string_view bytes, std::uint64_t maxBytes, std::string &storage);

    bool handle(const RawDocument &raw);
    std::string verdict(const RawDocument &raw);
    void keep(StreamedDocument &document);
    bool emit(const StreamedDocument &document);
    void updateProgress(double fileFraction);

    void fail(const std::string &message, const std::string &advice);
    void reportFile();
    void reportCap(std::size_t filesRead, std::size_t numFiles);
    void log(IssueLog::Kind kind, Issue::Severity severity, int line, std::string message, std::string advice);

    const Context &m_context;
    const DocumentStream::Sink &m_sink;

    // Of the domain
    std::uint64_t m_documents = 0; // against the caps
    std::uint64_t m_bytes = 0;
    const char *m_cap = nullptr;  // the cap that was reached
    bool m_ended = false;         // by the sink
    std::exception_ptr m_failure; // of the sink

    // Of the file
    std::size_t m_place = 0; // among the domain's files
    const SourceFile *m_file = nullptr;
    double m_fileBytesShare = 0; // source bytes for each byte of text
    double m_fileDone = 0;       // source bytes
    std::uint64_t m_numRepaired = 0;
    std::uint64_t m_numLines = 0;
    std::uint64_t m_numBadLines = 0;
    std::uint64_t m_firstBadLine = 0;
    std::string m_firstProblem;
    const char *m_firstAdvice = "";
    bool m_isBlank = true; // no text yet, and no problem either
    std::string m_remark;  // about its compression
};

} // namespace krater
