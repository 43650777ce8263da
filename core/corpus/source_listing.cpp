// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/source_listing.h"

#include "core/corpus/issue_log.h"
#include "core/corpus/path_glob.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <sys/stat.h>

namespace krater {

namespace fs = std::filesystem;

namespace {

std::int64_t nanoseconds(const timespec &time)
{
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// Expands one source of a domain.
class SourceWalk {
public:
    SourceWalk(const DomainConfig &domain, std::stop_token stop, IssueLog &issues)
        : m_domain(domain)
        , m_stop(std::move(stop))
        , m_issues(issues)
    {
    }

    // Every regular file that the absolute pattern stands for, sorted.
    std::vector<SourceFile> run(const fs::path &pattern)
    {
        m_files.clear();
        m_visited.clear();
        const std::vector<std::string> parts = partsOf(pattern);
        expand("/", parts);
        std::ranges::sort(m_files, {}, [](const SourceFile &file) { return file.path.native(); });
        return std::move(m_files);
    }

private:
    void expand(const fs::path &base, std::span<const std::string> parts)
    {
        if (m_stop.stop_requested())
            return;
        // Several ** reach the same folder in as many ways as there are to share out the folders above it.
        if (!m_visited.emplace(base.native(), parts.size()).second)
            return;
        if (parts.empty()) {
            addPath(base);
        } else if (parts.front() == "**") {
            if (parts.size() == 1) {
                addBelow(base);
                return;
            }
            expand(base, parts.subspan(1));
            for (const fs::directory_entry &entry : entriesOf(base)) {
                if (isOrdinaryFolder(entry))
                    expand(entry.path(), parts);
            }
        } else if (hasWildcards(parts.front())
                   && !exists(base / parts.front())) { // "notes [1].txt" may be the file itself
            for (const fs::directory_entry &entry : entriesOf(base)) {
                if (matchesName(parts.front(), entry.path().filename().string(), false) && !isLinkToFolder(entry))
                    expand(entry.path(), parts.subspan(1));
            }
        } else {
            expand(base / parts.front(), parts.subspan(1));
        }
    }

    void addPath(const fs::path &path)
    {
        struct stat info = {};
        if (::stat(path.c_str(), &info) != 0)
            return;
        if (S_ISDIR(info.st_mode))
            addBelow(path);
        else if (S_ISREG(info.st_mode))
            m_files.push_back({path,
                               static_cast<std::uint64_t>(info.st_size),
                               nanoseconds(info.st_mtim),
                               nanoseconds(info.st_ctim),
                               {info.st_dev, info.st_ino}});
    }

    void addBelow(const fs::path &folder)
    {
        std::vector<fs::path> folders = {folder};
        while (!folders.empty() && !m_stop.stop_requested()) {
            const fs::path next = std::move(folders.back());
            folders.pop_back();
            for (const fs::directory_entry &entry : entriesOf(next)) {
                if (m_stop.stop_requested())
                    return;
                std::error_code failure;
                if (isOrdinaryFolder(entry))
                    folders.push_back(entry.path());
                else if (!isHidden(entry) && !entry.is_directory(failure))
                    addPath(entry.path());
            }
        }
    }

    static bool exists(const fs::path &path)
    {
        std::error_code failure;
        return fs::exists(path, failure);
    }

    // Named, such a link is followed; a wildcard does not say that it may lead out of the folder.
    static bool isLinkToFolder(const fs::directory_entry &entry)
    {
        std::error_code failure;
        return entry.is_symlink(failure) && entry.is_directory(failure);
    }

    static bool isHidden(const fs::directory_entry &entry) { return entry.path().filename().native().starts_with('.'); }

    static bool isOrdinaryFolder(const fs::directory_entry &entry)
    {
        std::error_code failure;
        return !isHidden(entry) && !entry.is_symlink(failure) && entry.is_directory(failure);
    }

    std::vector<fs::directory_entry> entriesOf(const fs::path &folder)
    {
        std::vector<fs::directory_entry> entries;
        std::error_code failure;
        for (fs::directory_iterator entry(folder, failure);
             !failure && entry != fs::directory_iterator() && !m_stop.stop_requested(); entry.increment(failure))
            entries.push_back(*entry);
        // A name that is not there, or is a file, simply matches nothing.
        if (failure && failure != std::errc::no_such_file_or_directory && failure != std::errc::not_a_directory)
            m_issues.add(IssueLog::Kind::UnreadableFolder,
                         domainIssue(Issue::Severity::Warning, m_domain.name, folder.string(),
                                     fmt::format("The folder cannot be read: {}", failure.message()),
                                     "Check its permissions, or exclude it."));
        return entries;
    }

    const DomainConfig &m_domain;
    std::stop_token m_stop;
    IssueLog &m_issues;
    std::vector<SourceFile> m_files;
    std::set<std::pair<std::string, std::size_t>> m_visited; // a folder and the number of parts that it was expanded by
};

class FileChoice {
public:
    FileChoice(const DomainConfig &domain, const fs::path &folder)
    {
        for (const std::string &pattern : domain.exclude)
            m_excludes.emplace_back(pattern, folder);
        if (!domain.where.path.empty())
            m_where.emplace(domain.where.path, folder);
    }

    bool takes(const fs::path &file) const
    {
        return (!m_where || m_where->matches(file))
            && std::ranges::none_of(m_excludes, [&file](const PathGlob &glob) { return glob.matches(file); });
    }

private:
    std::vector<PathGlob> m_excludes;
    std::optional<PathGlob> m_where;
};

Issue emptySource(const DomainConfig &domain, const std::string &source, const fs::path &resolved, bool wasFiltered)
{
    Issue issue = domainIssue(Issue::Severity::Warning, domain.name, resolved.string(), {});
    if (wasFiltered) {
        issue.message = fmt::format("All files of the source \"{}\" are excluded", source);
        issue.advice = "Check `exclude` and `where.path`.";
    } else {
        issue.message = fmt::format("The source \"{}\" matches no file", source);
        issue.advice = "Check the path; * stays within a folder, ** crosses folders, and a link to a folder is followed only "
                       "where its name is written out.";
    }
    return issue;
}

} // namespace

std::vector<SourceFile> listSources(const DomainConfig &domain, const fs::path &folder, std::stop_token stop,
                                    IssueLog &issues)
{
    std::vector<SourceFile> files;
    std::set<std::pair<std::uint64_t, std::uint64_t>> known;
    Issues emptySources;
    const FileChoice choice(domain, folder);
    SourceWalk walk(domain, stop, issues);
    for (const std::string &source : domain.sources) {
        const fs::path resolved = resolvePath(source, folder);
        std::vector<SourceFile> found = walk.run(resolved);
        const bool foundAny = !found.empty();
        std::erase_if(found, [&choice](const SourceFile &file) { return !choice.takes(file.path); });
        if (found.empty() && !stop.stop_requested())
            emptySources.push_back(emptySource(domain, source, resolved, foundAny));
        for (SourceFile &file : found) {
            if (known.insert(file.identity).second)
                files.push_back(std::move(file));
        }
    }
    // One empty source among others may be meant; a domain without any text cannot.
    if (files.empty()) {
        for (Issue &issue : emptySources)
            issue.severity = Issue::Severity::Error;
        if (domain.sources.empty())
            issues.add(domainIssue(Issue::Severity::Error, domain.name, {}, "The domain has no sources",
                                   "Add files or folders to it."));
    }
    for (Issue &issue : emptySources)
        issues.add(std::move(issue));
    return files;
}

void markShared(std::vector<std::vector<SourceFile>> &domains)
{
    std::map<std::pair<std::uint64_t, std::uint64_t>, int> numDomains;
    for (const auto &files : domains) {
        for (const SourceFile &file : files)
            ++numDomains[file.identity];
    }
    for (auto &files : domains) {
        for (SourceFile &file : files)
            file.shared = numDomains[file.identity] > 1;
    }
}

} // namespace krater
