// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/nn/cpu_backend.h"

#include <ATen/Parallel.h>

#include <cstdint>
#include <limits>
#include <new>

// BLAS as LibTorch carries it (MKL in PyPI's x86-64 build); the interface is column-major with 32-bit integers.
extern "C" void sgemm_(const char *transA, const char *transB, const int *m, const int *n, const int *k,
                       const float *alpha, const float *a, const int *lda, const float *b, const int *ldb,
                       const float *beta, float *c, const int *ldc);

namespace krater {
namespace {

constexpr std::align_val_t kCacheLine{64};

int blasInteger(std::size_t value)
{
    if (value > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        throw std::bad_alloc();
    return static_cast<int>(value);
}

} // namespace

// A row-major matrix is a column-major one transposed, and (a b)^T = b^T a^T: the factors change places.
void multiply(std::size_t m, std::size_t n, std::size_t k, const Factor &a, const Factor &b, float beta, float *c,
              std::size_t stride)
{
    const int rows = blasInteger(m);
    const int columns = blasInteger(n);
    const int depth = blasInteger(k);
    const int strideA = blasInteger(a.stride);
    const int strideB = blasInteger(b.stride);
    const int strideC = blasInteger(stride);
    const float one = 1;
    sgemm_(b.transposed ? "T" : "N", a.transposed ? "T" : "N", &columns, &rows, &depth, &one, b.data, &strideB, a.data,
           &strideA, &beta, c, &strideC);
}

void parallelFor(std::size_t size, std::size_t grain, const PieceOfWork &part)
{
    if (at::in_parallel_region()) {
        if (size > 0)
            part(0, size, 0);
        return;
    }
    at::parallel_for(0, static_cast<std::int64_t>(size), static_cast<std::int64_t>(grain),
                     [&](std::int64_t begin, std::int64_t end) {
                         part(static_cast<std::size_t>(begin), static_cast<std::size_t>(end),
                              static_cast<std::size_t>(at::get_thread_num()));
                     });
}

void useThreads(int numThreads)
{
    if (at::get_num_threads() != numThreads)
        at::set_num_threads(numThreads);
}

AlignedFloats::AlignedFloats(std::size_t size)
    : m_data(static_cast<float *>(::operator new(size * sizeof(float), kCacheLine)))
    , m_size(size)
{
}

void AlignedFloats::Free::operator()(float *data) const
{
    ::operator delete(data, kCacheLine);
}

} // namespace krater
