// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/nn/kernels.h"

#include <vector>

namespace krater {

extern const Kernels kKernelsBaseline;
#ifdef __x86_64__
extern const Kernels kKernelsAvx2;
extern const Kernels kKernelsAvx512;
#endif

namespace {

std::vector<const Kernels *> findUsable()
{
    std::vector<const Kernels *> usable;
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma"))
        usable.push_back(&kKernelsAvx512);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        usable.push_back(&kKernelsAvx2);
#endif
    usable.push_back(&kKernelsBaseline);
    return usable;
}

} // namespace

std::span<const Kernels *const> usableKernels()
{
    static const std::vector<const Kernels *> usable = findUsable();
    return usable;
}

} // namespace krater
