// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Compiled once for each instruction set, with KRATER_KERNELS as the name of the table. Nothing of the standard
// library is called: an inline function of it, compiled for AVX-512 here, could be the copy that the linker keeps for
// the whole library.

#include "core/nn/kernels.h"

namespace krater {
namespace {

constexpr float kNormEpsilon = 1e-5F;
constexpr float kGeluCubic = 0.044715F;
constexpr float kGeluScale = 0.7978845608F; // sqrt(2 / pi)

// exp(x) to 2 units in the last place, but 0 below -50 and no more than exp(50): beside 1 neither makes a difference in
// fp32, while products of smaller numbers would be denormal, which costs the processor over a hundred cycles each. NaN
// stays NaN. x = n ln 2 + r, |r| <= ln 2 / 2: exp(r) by its Taylor series, whose next term is under 6e-9, and 2^n by
// building its bits.
inline float exponential(float x)
{
    constexpr float kLargest = 50.0F;
    constexpr float kRound = 12582912.0F; // 1.5 * 2^23: adding it rounds; the integer then stands in the low bits
    constexpr float kLog2E = 1.44269504F;
    constexpr float kLn2High = 0.693145752F; // few bits, so that n * kLn2High is exact
    constexpr float kLn2Low = 1.42860677e-6F;
    const bool vanishes = x < -kLargest;
    x = x > kLargest ? kLargest : x;
    const float shifted = x * kLog2E + kRound;
    const float n = shifted - kRound;
    const float r = (x - n * kLn2High) - n * kLn2Low;
    float p = 1.0F / 5040;
    p = p * r + 1.0F / 720;
    p = p * r + 1.0F / 120;
    p = p * r + 1.0F / 24;
    p = p * r + 1.0F / 6;
    p = p * r + 0.5F;
    p = p * r + 1.0F;
    p = p * r + 1.0F;
    const auto bits = (__builtin_bit_cast(std::uint32_t, shifted) + 127U) << 23U;
    return vanishes ? 0.0F : p * __builtin_bit_cast(float, bits);
}

void layerNorm(std::size_t numRows, std::size_t width, const float *x, const float *gain, float *y, float *mean,
               float *rstd)
{
    const float perColumn = 1.0F / static_cast<float>(width);
    for (std::size_t row = 0; row < numRows; ++row, x += width, y += width) {
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (std::size_t i = 0; i < width; ++i)
            sum += x[i];
        const float center = sum * perColumn;
        float squares = 0;
#pragma omp simd reduction(+ : squares)
        for (std::size_t i = 0; i < width; ++i)
            squares += (x[i] - center) * (x[i] - center);
        const float scale = 1.0F / __builtin_sqrtf(squares * perColumn + kNormEpsilon);
#pragma omp simd
        for (std::size_t i = 0; i < width; ++i)
            y[i] = (x[i] - center) * scale * gain[i];
        mean[row] = center;
        rstd[row] = scale;
    }
}

void layerNormBackward(std::size_t numRows, std::size_t width, const float *x, const float *gain, const float *mean,
                       const float *rstd, const float *dy, float *dx)
{
    const float perColumn = 1.0F / static_cast<float>(width);
    for (std::size_t row = 0; row < numRows; ++row, x += width, dy += width, dx += width) {
        const float center = mean[row];
        const float scale = rstd[row];
        float sum = 0;
        float dot = 0;
#pragma omp simd reduction(+ : sum, dot)
        for (std::size_t i = 0; i < width; ++i) {
            const float g = dy[i] * gain[i];
            sum += g;
            dot += g * (x[i] - center);
        }
        const float meanG = sum * perColumn;
        const float slope = dot * scale * scale * perColumn;
#pragma omp simd
        for (std::size_t i = 0; i < width; ++i)
            dx[i] += scale * (dy[i] * gain[i] - meanG - (x[i] - center) * slope);
    }
}

void layerNormGain(std::size_t numRows, std::size_t width, const float *x, const float *mean, const float *rstd,
                   const float *dy, std::size_t first, std::size_t last, float *dgain)
{
    for (std::size_t row = 0; row < numRows; ++row, x += width, dy += width) {
        const float center = mean[row];
        const float scale = rstd[row];
#pragma omp simd
        for (std::size_t i = first; i < last; ++i)
            dgain[i] += dy[i] * (x[i] - center) * scale;
    }
}

// tanh form: gelu(x) = x s(2u) with s the logistic function and u = sqrt(2/pi) (x + 0.044715 x^3), because
// (1 + tanh u) / 2 = s(2u).
void gelu(std::size_t size, float *x, float *y)
{
#pragma omp simd
    for (std::size_t i = 0; i < size; ++i) {
        const float v = x[i];
        const float u = kGeluScale * (v + kGeluCubic * v * v * v);
        const float s = 1.0F / (1.0F + exponential(-2.0F * u));
        const float slope = kGeluScale * (1.0F + 3.0F * kGeluCubic * v * v);
        y[i] = v * s;
        x[i] = s + v * s * (1.0F - s) * 2.0F * slope;
    }
}

void multiply(std::size_t size, const float *factor, float *x)
{
#pragma omp simd
    for (std::size_t i = 0; i < size; ++i)
        x[i] *= factor[i];
}

void add(std::size_t size, const float *term, float *x)
{
#pragma omp simd
    for (std::size_t i = 0; i < size; ++i)
        x[i] += term[i];
}

void softmax(const ScoreTile &tile, float *scores, float *rowScale, float *logSum)
{
    const float scale = tile.scale;
    for (std::size_t row = 0; row < tile.numQueries; ++row, scores += tile.stride) {
        const std::size_t numSeen = tile.firstQuery + row + 1;
        float largest = scores[0];
#pragma omp simd reduction(max : largest)
        for (std::size_t i = 0; i < numSeen; ++i)
            largest = scores[i] > largest ? scores[i] : largest;
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (std::size_t i = 0; i < numSeen; ++i) {
            scores[i] = exponential((scores[i] - largest) * scale);
            sum += scores[i];
        }
        for (std::size_t i = numSeen; i < tile.numKeys; ++i)
            scores[i] = 0;
        rowScale[row] = 1.0F / sum;
        logSum[row] = largest * scale + __builtin_logf(sum);
    }
}

void scaleRows(std::size_t numRows, std::size_t width, std::size_t stride, const float *rowScale, float *x)
{
    for (std::size_t row = 0; row < numRows; ++row, x += stride) {
#pragma omp simd
        for (std::size_t i = 0; i < width; ++i)
            x[i] *= rowScale[row];
    }
}

void rowDots(std::size_t numRows, std::size_t width, std::size_t strideA, const float *a, std::size_t strideB,
             const float *b, float *delta)
{
    for (std::size_t row = 0; row < numRows; ++row, a += strideA, b += strideB) {
        float dot = 0;
#pragma omp simd reduction(+ : dot)
        for (std::size_t i = 0; i < width; ++i)
            dot += a[i] * b[i];
        delta[row] = dot;
    }
}

void softmaxBackward(const ScoreTile &tile, const float *logSum, const float *delta, float *scores,
                     float *dProbabilities)
{
    const float scale = tile.scale;
    for (std::size_t row = 0; row < tile.numQueries; ++row, scores += tile.stride, dProbabilities += tile.stride) {
        const std::size_t numSeen = tile.firstQuery + row + 1;
        const float shift = logSum[row];
        const float center = delta[row];
#pragma omp simd
        for (std::size_t i = 0; i < numSeen; ++i) {
            const float p = exponential(scores[i] * scale - shift);
            scores[i] = p;
            dProbabilities[i] = p * (dProbabilities[i] - center) * scale;
        }
        for (std::size_t i = numSeen; i < tile.numKeys; ++i) {
            scores[i] = 0;
            dProbabilities[i] = 0;
        }
    }
}

void crossEntropy(std::size_t numRows, std::size_t vocabulary, std::size_t stride, const std::uint16_t *targets,
                  const float *gradientScales, float *logits, float *losses)
{
    for (std::size_t row = 0; row < numRows; ++row, logits += stride) {
        float largest = logits[0];
#pragma omp simd reduction(max : largest)
        for (std::size_t i = 0; i < vocabulary; ++i)
            largest = logits[i] > largest ? logits[i] : largest;
        const float target = logits[targets[row]];
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (std::size_t i = 0; i < vocabulary; ++i) {
            logits[i] = exponential(logits[i] - largest);
            sum += logits[i];
        }
        losses[row] = __builtin_logf(sum) - (target - largest);
        if (gradientScales == nullptr)
            continue;
        const float factor = gradientScales[row] / sum;
#pragma omp simd
        for (std::size_t i = 0; i < vocabulary; ++i)
            logits[i] *= factor;
        logits[targets[row]] -= gradientScales[row];
    }
}

} // namespace

extern const Kernels KRATER_KERNELS;
const Kernels KRATER_KERNELS = {KRATER_INSTRUCTION_SET,
                                layerNorm,
                                layerNormBackward,
                                layerNormGain,
                                gelu,
                                multiply,
                                add,
                                softmax,
                                scaleRows,
                                rowDots,
                                softmaxBackward,
                                crossEntropy};

} // namespace krater
