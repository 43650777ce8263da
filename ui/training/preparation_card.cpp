// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/preparation_card.h"

#include "ui/theme/number_format.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/elided_label.h"

#include <QProgressBar>
#include <QVBoxLayout>

namespace krater {
namespace {

constexpr qint64 kFirstEstimateMs = 1500; // an earlier one would be a guess

} // namespace

QString phaseText(const CorpusProgress &progress)
{
    const QString domain = QString::fromStdString(progress.domain);
    switch (progress.phase) {
    case CorpusProgress::Phase::Listing:
        return PreparationCard::tr("Listing files");
    case CorpusProgress::Phase::Scanning:
        return PreparationCard::tr("Reading %1").arg(domain);
    case CorpusProgress::Phase::TrainingTokenizer:
        return PreparationCard::tr("Training the tokenizer");
    case CorpusProgress::Phase::Tokenising:
        return PreparationCard::tr("Tokenising %1").arg(domain);
    }
    return {};
}

PreparationCard::PreparationCard(QWidget *parent)
    : Card({}, {}, parent)
    , m_phase(new ElidedLabel({}, TextRole::Title))
    , m_amount(new ElidedLabel({}, TextRole::Body, Tone::Muted))
    , m_bar(new QProgressBar)
{
    setAccessibleName(tr("Preparing the run"));
    m_phase->setTextAlignment(Qt::AlignCenter);
    m_amount->setTextAlignment(Qt::AlignCenter);
    m_bar->setTextVisible(false);
    m_bar->setFixedWidth(360);
    m_bar->setAccessibleName(tr("Progress of the preparation"));
    auto *cancel = new Button(tr("Cancel"), QStringLiteral("cancel"));
    connect(cancel, &QPushButton::clicked, this, &PreparationCard::cancelRequested);
    body()->addStretch(2);
    body()->addWidget(m_phase);
    body()->addWidget(m_bar, 0, Qt::AlignHCenter);
    body()->addWidget(m_amount);
    body()->addSpacing(8);
    body()->addWidget(cancel, 0, Qt::AlignHCenter);
    body()->addStretch(3);
}

void PreparationCard::setProgress(const std::optional<CorpusProgress> &progress, const QString &message)
{
    if (!progress) {
        m_phase->setText(message.isEmpty() ? tr("Preparing") : message);
        m_bar->setRange(0, 0);
        m_amount->setText({});
        m_sincePhase.invalidate();
        return;
    }
    m_phase->setText(phaseText(*progress));
    m_bar->setRange(0, progress->bytesTotal > 0 ? 1000 : 0);
    if (progress->bytesTotal == 0) {
        m_amount->setText({});
        return;
    }
    m_bar->setValue(int(1000 * double(progress->bytesDone) / double(progress->bytesTotal)));
    m_amount->setText(tr("%1 of %2%3")
                          .arg(number::bytes(double(progress->bytesDone)), number::bytes(double(progress->bytesTotal)),
                               timeLeft(*progress)));
}

QString PreparationCard::timeLeft(const CorpusProgress &progress)
{
    if (!m_sincePhase.isValid() || progress.phase != m_timedPhase || progress.bytesDone < m_bytesAtStart) {
        m_sincePhase.start();
        m_timedPhase = progress.phase;
        m_bytesAtStart = progress.bytesDone;
        return {};
    }
    const double done = double(progress.bytesDone - m_bytesAtStart);
    if (m_sincePhase.elapsed() < kFirstEstimateMs || done <= 0)
        return {};
    const double seconds =
        double(m_sincePhase.elapsed()) / 1000 * double(progress.bytesTotal - progress.bytesDone) / done;
    return tr(", %1 left").arg(number::duration(seconds));
}

} // namespace krater
