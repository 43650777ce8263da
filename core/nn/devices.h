// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace krater {

// What the engine can compute on. Finding the GPUs loads LibTorch's CUDA library if the machine has an NVIDIA driver
// with a GPU, and must come before LibTorch is asked for one. Immutable once made; any thread.
class Devices {
public:
    struct Gpu {
        std::string name; // "NVIDIA H200"
    };

    static Devices find();
    explicit Devices(std::vector<Gpu> gpus = {}, std::string problem = {})
        : m_gpus(std::move(gpus))
        , m_problem(std::move(problem))
    {
    }

    std::vector<std::string> names() const; // "cpu", "cuda:0", ...

    // The index of the GPU that training.device means, -1 for the CPU. Throws Error that says what there is.
    int choose(const std::string &device) const;
    const std::string &gpuName(int index) const { return m_gpus.at(static_cast<std::size_t>(index)).name; }

private:
    std::vector<Gpu> m_gpus;
    std::string m_problem; // why GPUs that are there cannot be used
};

} // namespace krater
