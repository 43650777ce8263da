// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/paths.h"

#include "core/base/files.h"

#include <algorithm>

namespace krater {

namespace fs = std::filesystem;

fs::path resolvePath(std::string_view path, const fs::path &folder)
{
    fs::path resolved(path);
    if (path == "~" || path.starts_with("~/"))
        resolved = homeFolder() / fs::path(path.substr(std::min<std::size_t>(2, path.size())));
    else if (resolved.is_relative())
        resolved = folder / resolved;
    std::error_code failure;
    resolved = fs::absolute(resolved, failure).lexically_normal();
    return resolved.has_filename() ? resolved : resolved.parent_path(); // "folder/" is "folder"
}

} // namespace krater
