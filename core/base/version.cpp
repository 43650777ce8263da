// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/version.h"

#include "krater_version.h"

namespace krater {

std::string_view programVersion()
{
    return KRATER_VERSION;
}

std::string_view gitCommit()
{
    return KRATER_GIT_COMMIT;
}

std::string_view buildType()
{
    return KRATER_BUILD_TYPE;
}

} // namespace krater
