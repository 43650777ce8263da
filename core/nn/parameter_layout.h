// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace krater {

// One weight tensor of the model and its place in the arena.
struct Parameter {
    std::string name;                // in checkpoints after "model."; the names and shapes of GPT-2 as others read it
    std::vector<std::int64_t> shape; // matrices are [in, out]
    std::size_t offset = 0;          // floats from the arena's start, a multiple of 16 (64 bytes)
    std::size_t size = 0;            // floats
    double initialSd = 0;            // of a normal with mean 0; 0: a gain, which starts at 1
};

// Offsets of one block's parameters.
struct BlockOffsets {
    std::size_t attentionNorm = 0;   // [C]
    std::size_t attention = 0;       // [C, 3C] queries, keys, values
    std::size_t attentionOut = 0;    // [C, C]
    std::size_t feedForwardNorm = 0; // [C]
    std::size_t expand = 0;          // [C, 4C]
    std::size_t contract = 0;        // [4C, C]
};

// Where every weight of a GPT-2 stands in one arena of floats; gradients and optimiser state have the same layout. The
// model has no biases, neither in matrices nor in norms, and its output matrix is the token embedding. Matrices, which
// weight decay shrinks, come first and gains after them, so that the optimiser sees two tensors. With prompt vectors
// (Lester et al., "The Power of Scale for Parameter-Efficient Prompt Tuning", 2021) these stand last and are all that
// is trained, without weight decay. Immutable; any thread.
class ParameterLayout {
public:
    ParameterLayout(const ModelConfig &model, int vocabulary, int promptVectors = 0); // throws Error if it describes no model

    const ModelConfig &model() const { return m_model; }
    std::size_t vocabulary() const { return m_vocabulary; }

    const std::vector<Parameter> &parameters() const { return m_parameters; } // in the arena's order
    std::size_t arenaSize() const { return m_arenaSize; }                     // floats, with the gaps between tensors
    std::size_t numDecayed() const { return m_numDecayed; }                   // the arena's first floats: matrices
    std::size_t firstTrained() const { return m_firstTrained; } // floats before it are frozen; their gradient is 0
    std::uint64_t numParameters() const;                                      // without the gaps

    std::size_t tokenEmbedding() const { return m_tokenEmbedding; }       // [V, C]
    std::size_t positionEmbedding() const { return m_positionEmbedding; } // [T, C]
    std::size_t finalNorm() const { return m_finalNorm; }                 // [C]
    std::size_t promptLength() const { return m_promptLength; }           // N, rows before those of each sequence
    std::size_t prompt() const { return m_firstTrained; }                 // [N, C], which have no position embedding
    const std::vector<BlockOffsets> &blocks() const { return m_blocks; }

    // normal(0, 0.02), also of the prompt, the two matrices that write into the residual stream 1/sqrt(2 layers) of that, gains 1 (Radford
    // et al., "Language Models are Unsupervised Multitask Learners", 2019, section 2.3, and the code published with
    // it). [arenaSize], gaps 0.
    std::vector<float> initialValues(std::uint64_t seed) const;

private:
    std::size_t add(std::string name, std::vector<std::int64_t> shape, double initialSd);

    ModelConfig m_model;
    std::size_t m_vocabulary;
    std::vector<Parameter> m_parameters;
    std::size_t m_arenaSize = 0;
    std::size_t m_numDecayed = 0;
    std::size_t m_firstTrained = 0;
    std::size_t m_promptLength;
    std::size_t m_tokenEmbedding = 0;
    std::size_t m_positionEmbedding = 0;
    std::size_t m_finalNorm = 0;
    std::vector<BlockOffsets> m_blocks;
};

} // namespace krater
