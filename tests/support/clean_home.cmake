# SPDX-FileCopyrightText: The Krater authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Empties the folder under which every test keeps its home.
file(REMOVE_RECURSE ${HOME})
file(MAKE_DIRECTORY ${HOME})
# Qt wants a private XDG_RUNTIME_DIR.
file(MAKE_DIRECTORY ${HOME}/runtime)
file(CHMOD ${HOME}/runtime PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
