# SPDX-FileCopyrightText: The Krater authors
# SPDX-License-Identifier: GPL-3.0-or-later

# krater_options: language, warnings and sanitizer for every target of Krater.
# krater_qt_options: on top of it, the stricter Qt API for targets that use Qt.

add_library(krater_options INTERFACE)
target_compile_features(krater_options INTERFACE cxx_std_20)
target_compile_options(krater_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
    -Wnon-virtual-dtor -Woverloaded-virtual
    # GCC 12 reports -Wrestrict inside std::string's operator+ (GCC bug 105651).
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
    $<$<BOOL:${KRATER_WERROR}>:-Werror>)

if(KRATER_SANITIZE)
    if(NOT KRATER_SANITIZE MATCHES "^(address|thread)$")
        message(FATAL_ERROR "KRATER_SANITIZE is '${KRATER_SANITIZE}'; use address, thread or nothing.")
    endif()
    set(kraterSanitizers ${KRATER_SANITIZE})
    if(KRATER_SANITIZE STREQUAL "address")
        set(kraterSanitizers address,undefined)
    endif()
    target_compile_options(krater_options INTERFACE
        -fsanitize=${kraterSanitizers} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(krater_options INTERFACE -fsanitize=${kraterSanitizers})
else()
    # A shared library with an unresolved symbol is a link error, not a surprise at dlopen.
    target_link_options(krater_options INTERFACE
        $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,SHARED_LIBRARY>:-Wl,-z,defs>)
endif()

add_library(krater_qt_options INTERFACE)
target_link_libraries(krater_qt_options INTERFACE krater_options)
# QT_NO_KEYWORDS and QT_NO_FOREACH are left out: qcustomplot.h needs both to be unset.
target_compile_definitions(krater_qt_options INTERFACE
    QT_NO_CAST_FROM_ASCII
    QT_NO_CAST_TO_ASCII
    QT_NO_CAST_FROM_BYTEARRAY
    QT_NO_URL_CAST_FROM_STRING
    QT_NO_NARROWING_CONVERSIONS_IN_CONNECT
    QT_NO_CONTEXTLESS_CONNECT
    QT_DISABLE_DEPRECATED_BEFORE=0x060400)
