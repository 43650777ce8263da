// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/run_writer.h"

#include "core/store/run_rows.h"
#include "core/store/writer_thread.h"

namespace krater {

RunWriter::RunWriter(const std::filesystem::path &file) : m_thread(std::make_unique<WriterThread>(file)) { }

RunWriter::~RunWriter() = default;

const std::filesystem::path &RunWriter::file() const
{
    return m_thread->file();
}

const std::string &RunWriter::notice() const
{
    return m_thread->notice();
}

RunId RunWriter::createRun(const RunRecord &record, const std::string &planToml)
{
    RunId run = 0;
    m_thread->execute([&](StoreWriter &store) { run = store.createRun(record, planToml); });
    return run;
}

void RunWriter::prepareResume(RunId run, std::shared_ptr<const TrainerSnapshot> from,
                              std::vector<std::string> overrides)
{
    m_thread->execute([&](StoreWriter &store) { store.prepareResume(run, from.get(), overrides); });
    m_thread->forgetLoss(run);
}

RunObserver &RunWriter::observerFor(RunId run)
{
    return m_thread->observerFor(run);
}

void RunWriter::setRunFacts(RunId run, const LanguageModelInfo &model, const CorpusFacts &corpus)
{
    m_thread->post([=](StoreWriter &store) { store.setRunFacts(run, model, corpus); });
}

void RunWriter::rename(RunId run, const std::string &name)
{
    m_thread->post([=](StoreWriter &store) { store.setText(run, "name", name); });
}

void RunWriter::setNotes(RunId run, const std::string &notes)
{
    m_thread->post([=](StoreWriter &store) { store.setText(run, "notes", notes); });
}

void RunWriter::setTags(RunId run, const std::vector<std::string> &tags)
{
    m_thread->post([=](StoreWriter &store) { store.setText(run, "tags", tagsToJson(tags)); });
}

void RunWriter::setDeleted(RunId run, bool deleted)
{
    m_thread->post([=](StoreWriter &store) { store.setDeleted(run, deleted); });
}

void RunWriter::emptyBin()
{
    m_thread->post([](StoreWriter &store) { store.emptyBin(); });
}

void RunWriter::flush()
{
    m_thread->execute([](StoreWriter &) {});
}

void RunWriter::stopWaiting()
{
    m_thread->stopWaiting();
}

void RunWriter::onFailure(std::function<void(const std::string &)> handler)
{
    m_thread->onFailure(std::move(handler));
}

void RunWriter::onCheckpointSaved(std::function<void(RunId, const CheckpointSavedEvent &)> handler)
{
    m_thread->onCheckpointSaved(std::move(handler));
}

} // namespace krater
