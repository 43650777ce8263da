// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/domains/scan_progress.h"

#include "app/corpus_scanner.h"
#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/elided_label.h"

#include <QHBoxLayout>
#include <QProgressBar>

namespace krater {

namespace {

constexpr int kBarWidth = 240;
constexpr int kBarSteps = 1000;

} // namespace

ScanProgress::ScanProgress(CorpusScanner &scanner, QWidget *parent)
    : QWidget(parent)
    , m_scanner(scanner)
    , m_bar(new QProgressBar)
    , m_text(new ElidedLabel({}, TextRole::Body, Tone::Muted))
{
    m_bar->setTextVisible(false);
    m_bar->setAccessibleName(tr("Progress of the scan"));
    m_bar->setFixedWidth(kBarWidth);
    auto *cancel = new Button(tr("Cancel"));
    cancel->setObjectName(QStringLiteral("cancelScan"));
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(look::kGap);
    row->addWidget(m_bar);
    row->addWidget(m_text, 1);
    row->addWidget(cancel);
    connect(cancel, &Button::clicked, this, [this] { m_scanner.cancel(); });
    connect(&m_scanner, &CorpusScanner::progressChanged, this, &ScanProgress::refresh);
    connect(&m_scanner, &CorpusScanner::finished, this, &ScanProgress::refresh);
    connect(&m_scanner, &CorpusScanner::cancelled, this, &ScanProgress::refresh);
    connect(&m_scanner, &CorpusScanner::failed, this, &ScanProgress::refresh);
    refresh();
}

void ScanProgress::refresh()
{
    setVisible(m_scanner.isScanning());
    const CorpusProgress &progress = m_scanner.progress();
    const QString domain = QString::fromStdString(progress.domain);
    const bool listing = progress.bytesTotal == 0;
    m_bar->setRange(0, listing ? 0 : kBarSteps); // an empty range is the busy bar
    if (!listing)
        m_bar->setValue(int(kBarSteps * double(progress.bytesDone) / double(progress.bytesTotal)));
    m_text->setText(listing ? tr("Listing files of %1").arg(domain)
                            : tr("Reading %1: %2 of %3, %4 documents")
                                  .arg(domain, number::bytes(double(progress.bytesDone)),
                                       number::bytes(double(progress.bytesTotal)), number::count(progress.documents)));
}

} // namespace krater
