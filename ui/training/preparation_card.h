// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/corpus_scan.h"
#include "ui/widgets/card.h"

#include <QElapsedTimer>

#include <optional>

class QProgressBar;

namespace krater {

class ElidedLabel;

// What the Train page shows before the first step: what is being prepared, how far it is, how long it takes, and a button that stops it.
class PreparationCard : public Card {
    Q_OBJECT

public:
    explicit PreparationCard(QWidget *parent = nullptr);

    // `message` stands in for the progress while there is none.
    void setProgress(const std::optional<CorpusProgress> &progress, const QString &message);

signals:
    void cancelRequested();

private:
    QString timeLeft(const CorpusProgress &progress);

    ElidedLabel *m_phase;
    ElidedLabel *m_amount;
    QProgressBar *m_bar;
    QElapsedTimer m_sincePhase;
    CorpusProgress::Phase m_timedPhase = CorpusProgress::Phase::Listing;
    std::uint64_t m_bytesAtStart = 0;
};

// "tokenising code": the phase of a piece of work on the corpus, and the domain it is at.
QString phaseText(const CorpusProgress &progress);

} // namespace krater
