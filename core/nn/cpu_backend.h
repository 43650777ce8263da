// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace krater {

// What the CPU network takes from LibTorch: its BLAS and its OpenMP threads.

// A row-major matrix as a factor: `stride` floats from row to row as stored; `transposed`: its rows are used as
// columns.
struct Factor {
    const float *data = nullptr;
    std::size_t stride = 0;
    bool transposed = false;
};

// c[m, n] = a[m, k] b[k, n] + beta c, with `stride` floats from row to row of c; beta 0 does not read c.
void multiply(std::size_t m, std::size_t n, std::size_t k, const Factor &a, const Factor &b, float beta, float *c,
              std::size_t stride);

// Calls part(begin, end, slot) for pieces of [0, size), at least `grain` long, on this thread's OpenMP team; equal
// arguments and equal numbers of threads give equal pieces. slot < number of threads differs between pieces that run
// at the same time. Inside a piece, a further call runs the whole range in one piece with slot 0.
using PieceOfWork = std::function<void(std::size_t begin, std::size_t end, std::size_t slot)>;
void parallelFor(std::size_t size, std::size_t grain, const PieceOfWork &part);

// The calling thread's OpenMP team has this many threads from now on (OpenMP keeps the number for each calling thread).
void useThreads(int numThreads);

// Floats that begin at a cache line: BLAS gives the same bits again only for equally aligned data. Uninitialised.
class AlignedFloats {
public:
    AlignedFloats() = default;
    explicit AlignedFloats(std::size_t size); // throws std::bad_alloc

    float *data() { return m_data.get(); }
    std::size_t size() const { return m_size; }

private:
    struct Free {
        void operator()(float *data) const;
    };
    std::unique_ptr<float, Free> m_data;
    std::size_t m_size = 0;
};

} // namespace krater
