// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

namespace krater {

// An Error that what the user gave is to blame for, not the store's state: a file that is no store, a statement that is no SQL.
class InputError : public Error {
public:
    using Error::Error;
};

} // namespace krater
