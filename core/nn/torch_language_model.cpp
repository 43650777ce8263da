// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/nn/torch_language_model.h"

#include "core/base/error.h"
#include "core/nn/adamw.h"
#include "core/nn/batch_checks.h"
#include "core/nn/cpu_network.h"
#include "core/nn/devices.h"
#include "core/nn/kept_gradients.h"
#include "core/nn/kernels.h"
#include "core/nn/memory.h"
#include "core/nn/named_tensors.h"
#include "core/nn/tensor_network.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/headeronly/version.h>

#include <fmt/format.h>

#include <algorithm>
#include <sched.h>

namespace krater {
namespace {

constexpr std::string_view kPromptName = "model.prompt.weight";

int numCores()
{
    cpu_set_t cores;
    if (::sched_getaffinity(0, sizeof cores, &cores) != 0)
        return 1;
    return std::max(1, CPU_COUNT(&cores));
}

// Equal runs give equal losses: of two ways LibTorch takes the one that adds in a fixed order. Of its attention kernels
// only flash attention and the plain one have such a way back, and the first takes it only if warnings are errors.
void makeGpuReproducible()
{
    at::Context &context = at::globalContext();
    context.setDeterministicAlgorithms(true, false);
    context.setDeterministicFillUninitializedMemory(false);
    context.setSDPUseMemEfficient(false);
    context.setSDPUseCuDNN(false);
}

// Runs `work`; whatever LibTorch or the standard library throws leaves as an Error that names `what` was done.
template<typename Work>
auto guarded(const char *what, const std::string &device, const Work &work) -> decltype(work())
{
    try {
        return work();
    } catch (const Error &) {
        throw;
    } catch (const std::bad_alloc &) {
        throw outOfMemory(device);
    } catch (const c10::OutOfMemoryError &) {
        throw outOfMemory(device);
    } catch (const c10::Error &error) {
        const std::string message = error.what_without_backtrace();
        if (message.find("can't allocate memory") != std::string::npos)
            throw outOfMemory(device);
        throw Error(fmt::format("LibTorch failed while {} on {}: {}", what, device, message),
                    "Try training.device = \"cpu\"; if it fails there too, please report it.");
    } catch (const std::exception &error) {
        throw Error(fmt::format("{} failed on {}: {}", what, device, error.what()));
    }
}

int numThreadsOf(const TrainingConfig &config)
{
    constexpr int kMaxThreads = 512; // far more than useful, few enough for the system to start them
    if (config.threads < 0 || config.threads > kMaxThreads)
        throw Error(fmt::format("training.threads is {}; this machine has {} cores.", config.threads, numCores()),
                    "Set training.threads to 0 for all cores, or to a smaller number.");
    return config.threads > 0 ? config.threads : std::min(numCores(), kMaxThreads);
}

template<typename Number>
std::vector<Number> hostCopy(const at::Tensor &tensor)
{
    const at::Tensor onHost = tensor.cpu();
    const Number *first = onHost.const_data_ptr<Number>();
    return {first, first + onHost.numel()};
}

void append(std::vector<StoredTensor> &stored, std::vector<StoredTensor> more)
{
    stored.insert(stored.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

class TorchLanguageModel final : public LanguageModel {
public:
    TorchLanguageModel(const LanguageModelSpec &spec, const Devices &devices, NetworkKind kind);

    LanguageModelInfo info() const override;
    TrainStepResult trainStep(const Batch &batch, double learningRate,
                              std::span<const double> sequenceWeights) override;
    std::vector<double> evaluate(const Batch &batch) override;
    std::vector<float> tokenLosses(const Batch &batch) override;
    std::vector<float> nextTokenLogits(std::span<const TokenId> tokens) override;
    DomainGradients domainGradients(const Batch &batch, std::size_t numDomains, double clip) override;
    TrainStepResult applyDomainGradients(std::span<const double> weights, double learningRate) override;
    std::vector<NamedTensor> save() override;
    void restore(const std::vector<NamedTensor> &tensors) override;
    void setWeights(const std::vector<NamedTensor> &tensors) override;

private:
    bool usesOwnNetwork(NetworkKind kind) const { return m_gpu < 0 && !m_bfloat16 && kind == NetworkKind::Automatic; }
    void requireMemory(NetworkKind kind) const;
    void makeNetwork(const LanguageModelSpec &spec, NetworkKind kind);
    std::unique_ptr<KeptGradients> makeKeptGradients(std::size_t numDomains) const;
    enum class Which { All, Frozen, Trained };
    void addArena(std::vector<StoredTensor> &stored, const char *prefix, const at::Tensor &arena, Which which) const;
    std::vector<StoredTensor> storedTensors() const;

    ParameterLayout m_layout;
    int m_gpu; // -1: CPU
    int m_threads;
    bool m_bfloat16;
    std::string m_device;
    at::Tensor m_values;   // [arenaSize] fp32
    at::Tensor m_gradient; // [arenaSize] fp32
    std::unique_ptr<AdamW> m_optimizer;
    std::unique_ptr<Network> m_network;
    std::unique_ptr<KeptGradients> m_keptGradients; // none until they are asked for
};

TorchLanguageModel::TorchLanguageModel(const LanguageModelSpec &spec, const Devices &devices, NetworkKind kind)
    : m_layout(spec.model, spec.vocabulary, spec.training.promptVectors)
    , m_gpu(devices.choose(spec.training.device))
    , m_threads(numThreadsOf(spec.training))
{
    using Precision = TrainingConfig::Precision;
    m_bfloat16 =
        spec.training.precision == Precision::BFloat16 || (spec.training.precision == Precision::Auto && m_gpu >= 0);
    m_device = m_gpu >= 0 ? fmt::format("cuda:{} {}", m_gpu, devices.gpuName(m_gpu))
                          : fmt::format("CPU, {} thread{}", m_threads, m_threads == 1 ? "" : "s");
    guarded("making the model", m_device, [&] {
        useThreads(m_threads);
        if (m_gpu < 0)
            requireMemory(kind);
        makeNetwork(spec, kind);
    });
}

// Weights, gradient and two moments; a checkpoint in the making has the weights and moments again. Activations of
// LibTorch's own operators are not known beforehand.
void TorchLanguageModel::requireMemory(NetworkKind kind) const
{
    constexpr std::uint64_t kArenas = 4 + 3;
    std::uint64_t needed = kArenas * m_layout.arenaSize() * sizeof(float);
    if (usesOwnNetwork(kind))
        needed += CpuNetwork::numBytes(m_layout, m_threads, bestKernels());
    requireAvailable(needed, m_device, "the model needs");
}

void TorchLanguageModel::makeNetwork(const LanguageModelSpec &spec, NetworkKind kind)
{
    const c10::NoGradGuard noGrad;
    const at::Device device =
        m_gpu >= 0 ? at::Device(at::kCUDA, static_cast<at::DeviceIndex>(m_gpu)) : at::Device(at::kCPU);
    if (m_gpu >= 0)
        makeGpuReproducible();
    std::vector<float> initial = m_layout.initialValues(spec.seed);
    m_values = at::from_blob(initial.data(), {static_cast<std::int64_t>(initial.size())}, at::kFloat)
                   .to(device, at::kFloat, false, true);
    m_gradient = at::zeros_like(m_values);
    m_optimizer = std::make_unique<AdamW>(m_layout, spec.training, m_values, m_gradient);
    if (usesOwnNetwork(kind))
        m_network = std::make_unique<CpuNetwork>(m_layout, m_values.const_data_ptr<float>(),
                                                 m_gradient.mutable_data_ptr<float>(), m_threads, bestKernels());
    else
        m_network = std::make_unique<TensorNetwork>(m_layout, m_values, m_gradient,
                                                    m_bfloat16 ? TensorNetwork::Compute::BFloat16
                                                               : TensorNetwork::Compute::Float32);
}

LanguageModelInfo TorchLanguageModel::info() const
{
    return {.engine = torchVersion(),
            .device = m_device,
            .precision = m_bfloat16 ? "bfloat16" : "float32",
            .parameters = m_layout.numParameters(),
            .threads = m_gpu < 0 ? m_threads : 0};
}

TrainStepResult TorchLanguageModel::trainStep(const Batch &batch, double learningRate,
                                              std::span<const double> sequenceWeights)
{
    requireBatch(batch, m_layout);
    requireWeights(sequenceWeights, batch);
    return guarded("training", m_device, [&] {
        useThreads(m_threads);
        const at::Tensor losses = m_network->lossesAndGradient(batch, sequenceWeights); // [B] float64
        const at::Tensor norm = m_optimizer->step(learningRate, losses);                // [] float64
        const at::Tensor measured =
            at::cat({losses, norm.view({1})}).cpu(); // [B + 1], the step's only wait for the device
        const double *first = measured.const_data_ptr<double>();
        return TrainStepResult{.sequenceLosses = std::vector<double>(first, first + batch.numSequences),
                               .gradientNorm = first[batch.numSequences]};
    });
}

std::vector<double> TorchLanguageModel::evaluate(const Batch &batch)
{
    requireBatch(batch, m_layout);
    return guarded("evaluating", m_device, [&] {
        useThreads(m_threads);
        return hostCopy<double>(m_network->losses(batch));
    });
}

std::vector<float> TorchLanguageModel::tokenLosses(const Batch &batch)
{
    requireBatch(batch, m_layout);
    return guarded("evaluating", m_device, [&] {
        useThreads(m_threads);
        return hostCopy<float>(m_network->tokenLosses(batch));
    });
}

std::vector<float> TorchLanguageModel::nextTokenLogits(std::span<const TokenId> tokens)
{
    requireTokens(tokens, m_layout);
    return guarded("generating text", m_device, [&] {
        useThreads(m_threads);
        return hostCopy<float>(m_network->nextTokenLogits(tokens));
    });
}

// Twice the gradients: a checkpoint in the making has them again.
std::unique_ptr<KeptGradients> TorchLanguageModel::makeKeptGradients(std::size_t numDomains) const
{
    if (m_gpu < 0)
        requireAvailable(2 * KeptGradients::numBytes(m_layout, numDomains), m_device,
                         fmt::format("the gradients of {} domains need", numDomains));
    return std::make_unique<KeptGradients>(m_layout, numDomains, m_values);
}

DomainGradients TorchLanguageModel::domainGradients(const Batch &batch, std::size_t numDomains, double clip)
{
    requireBatch(batch, m_layout);
    requireDomains(batch, numDomains);
    if (m_keptGradients && m_keptGradients->numDomains() != numDomains)
        throw Error(fmt::format("The model keeps the gradients of {} domains, not of {}.",
                                m_keptGradients->numDomains(), numDomains));
    return guarded("training", m_device, [&] {
        useThreads(m_threads);
        if (!m_keptGradients)
            m_keptGradients = makeKeptGradients(numDomains);
        return m_keptGradients->update(*m_network, batch, m_gradient, clip);
    });
}

TrainStepResult TorchLanguageModel::applyDomainGradients(std::span<const double> weights, double learningRate)
{
    if (!m_keptGradients || m_keptGradients->sequenceLosses().empty())
        throw Error("The model has no gradients of domains to apply.");
    if (weights.size() != m_keptGradients->numDomains())
        throw Error(fmt::format("The model keeps the gradients of {} domains, but there are {} weights.",
                                m_keptGradients->numDomains(), weights.size()));
    return guarded("training", m_device, [&] {
        useThreads(m_threads);
        m_keptGradients->sumInto(m_gradient, weights);
        const at::Tensor norm = m_optimizer->step(learningRate, m_keptGradients->losses()); // [] float64
        return TrainStepResult{.sequenceLosses = m_keptGradients->sequenceLosses(),
                               .gradientNorm = norm.item<double>()};
    });
}

void TorchLanguageModel::addArena(std::vector<StoredTensor> &stored, const char *prefix, const at::Tensor &arena,
                                  Which which) const
{
    for (const Parameter &parameter : m_layout.parameters())
        if (which == Which::All || (which == Which::Trained) == (parameter.offset >= m_layout.firstTrained()))
            stored.push_back({prefix + parameter.name, parameter.shape, parameter.offset, parameter.size, &arena});
}

std::vector<StoredTensor> TorchLanguageModel::storedTensors() const
{
    std::vector<StoredTensor> stored;
    addArena(stored, "model.", m_values, Which::All);
    addArena(stored, "optimizer.first_moment.", m_optimizer->firstMoment(), Which::Trained);
    addArena(stored, "optimizer.second_moment.", m_optimizer->secondMoment(), Which::Trained);
    return stored;
}

std::vector<NamedTensor> TorchLanguageModel::save()
{
    return guarded("saving the model", m_device, [&] {
        std::vector<StoredTensor> stored = storedTensors();
        if (m_keptGradients)
            append(stored, KeptGradients::stored(m_layout, m_keptGradients->numDomains(), &m_keptGradients->rows()));
        std::vector<NamedTensor> tensors = saveTensors(stored);
        tensors.push_back(savedCounter("optimizer.step", m_optimizer->numSteps()));
        return tensors;
    });
}

void TorchLanguageModel::restore(const std::vector<NamedTensor> &tensors)
{
    guarded("restoring the model", m_device, [&] {
        const std::size_t numDomains = KeptGradients::numDomains(m_layout, tensors);
        std::vector<StoredTensor> stored = storedTensors();
        append(stored, KeptGradients::stored(m_layout, numDomains, nullptr));
        requireMatch(stored, "optimizer.step", tensors);
        std::unique_ptr<KeptGradients> kept;
        if (numDomains > 0)
            kept = makeKeptGradients(numDomains);
        for (StoredTensor &tensor : stored)
            tensor.arena = tensor.arena == nullptr ? &kept->rows() : tensor.arena;
        restoreTensors(stored, tensors);
        m_optimizer->setNumSteps(restoredCounter("optimizer.step", tensors));
        m_keptGradients = std::move(kept);
    });
}

void TorchLanguageModel::setWeights(const std::vector<NamedTensor> &tensors)
{
    guarded("taking another run's weights", m_device, [&] {
        std::vector<StoredTensor> stored;
        const bool isPromptKnown = m_layout.promptLength() == 0
            || std::ranges::any_of(tensors, [](const NamedTensor &tensor) { return tensor.name == kPromptName; });
        addArena(stored, "model.", m_values, isPromptKnown ? Which::All : Which::Frozen);
        requireAll(stored, tensors);
        restoreTensors(stored, tensors);
        m_optimizer->reset();
        m_keptGradients.reset();
    });
}

} // namespace

std::unique_ptr<LanguageModel> makeTorchLanguageModel(const LanguageModelSpec &spec, const Devices &devices,
                                                      NetworkKind kind)
{
    return std::make_unique<TorchLanguageModel>(spec, devices, kind);
}

std::string torchVersion()
{
    return "LibTorch " TORCH_VERSION;
}

} // namespace krater
