// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/domains/document_preview.h"

#include "app/corpus_scanner.h"
#include "ui/domains/length_histogram.h"
#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/elided_label.h"

#include <QFileInfo>
#include <QLayout>
#include <QPlainTextEdit>
#include <QRandomGenerator>

namespace krater {
namespace {

constexpr int kLeastHeightWithLengths = 244;

} // namespace

DocumentPreview::DocumentPreview(CorpusScanner &scanner, QWidget *parent)
    : Card(tr("Preview"), {}, parent)
    , m_scanner(scanner)
    , m_previous(new IconButton(QStringLiteral("previous"), tr("Previous document")))
    , m_next(new IconButton(QStringLiteral("next"), tr("Next document")))
    , m_random(new IconButton(QStringLiteral("random"), tr("Random document")))
    , m_fate(new ElidedLabel({}, TextRole::Small, Tone::Muted))
    , m_text(new QPlainTextEdit)
    , m_lengths(new SectionHeader(tr("Document lengths")))
    , m_histogram(new LengthHistogram)
{
    createControls();
    connect(m_previous, &IconButton::clicked, this, [this] { request(m_position - 1); });
    connect(m_next, &IconButton::clicked, this, [this] { request(m_position + 1); });
    connect(m_random, &IconButton::clicked, this, &DocumentPreview::showRandom);
    connect(&m_scanner, &CorpusScanner::previewReady, this, &DocumentPreview::takeDocuments);
}

void DocumentPreview::createControls()
{
    for (IconButton *button : {m_previous, m_next, m_random})
        addToHeader(button);
    m_text->setObjectName(QStringLiteral("previewText"));
    m_text->setAccessibleName(tr("Text of the document"));
    m_text->setReadOnly(true);
    m_text->setFrameShape(QFrame::NoFrame);
    m_text->setMinimumHeight(64);
    add(m_fate);
    add(m_text, 1);
    addDivider();
    m_lengths->layout()->setContentsMargins(0, 0, 0, 0);
    add(m_lengths);
    add(m_histogram);
}

void DocumentPreview::setDomain(const Experiment &experiment, std::size_t domain, const DomainReport *report,
                                const QColor &colour)
{
    m_numDocuments = report ? report->documents + report->rejected : 0;
    m_histogram->setBuckets(report ? report->lengthHistogram : std::vector<std::uint64_t>(), colour);
    m_hasReport = report;
    showLengths();
    m_lengths->setValue(report ? tr("median about %1").arg(number::bytes(m_histogram->median())) : QString());
    const bool same = m_active && domain == m_domain && domain < m_experiment.domains.size()
        && experiment.domains[domain] == m_experiment.domains[domain] && experiment.folder == m_experiment.folder;
    m_experiment = experiment;
    m_domain = domain;
    m_active = true;
    if (!same)
        request(0);
    updateControls();
}

void DocumentPreview::clear()
{
    m_active = false;
    m_text->clear();
    m_fate->setText({});
    setHint({});
    m_hasReport = false;
    showLengths();
    updateControls();
}

// On a low window the text comes first.
void DocumentPreview::showLengths()
{
    const bool shown = m_hasReport && height() >= kLeastHeightWithLengths;
    m_lengths->setVisible(shown);
    m_histogram->setVisible(shown);
}

void DocumentPreview::resizeEvent(QResizeEvent *event)
{
    Card::resizeEvent(event);
    showLengths();
}

void DocumentPreview::request(std::uint64_t position)
{
    m_scanner.preview(m_experiment, m_domain, position, 1);
}

void DocumentPreview::showRandom()
{
    if (m_numDocuments > 0)
        request(QRandomGenerator::global()->bounded(quint64(m_numDocuments)));
}

void DocumentPreview::takeDocuments(std::size_t domain, std::uint64_t position,
                                    const std::vector<PreviewDocument> &documents)
{
    if (!m_active || domain != m_domain)
        return;
    m_atEnd = documents.empty();
    if (documents.empty() && position == 0) {
        m_text->clear();
        setHint({});
        m_fate->setTone(Tone::Muted);
        m_fate->setText(tr("There is no document: check the sources."));
    }
    if (!documents.empty()) {
        m_position = position;
        const PreviewDocument &document = documents.front();
        const QString name = QFileInfo(QString::fromStdString(document.file)).fileName();
        setHint(m_numDocuments > 0
                    ? tr("%1, document %2 of %3").arg(name, number::count(position + 1), number::count(m_numDocuments))
                    : tr("%1, document %2").arg(name, number::count(position + 1)));
        m_fate->setTone(document.kept ? Tone::Muted : Tone::Warn);
        m_fate->setText(!document.kept         ? tr("Left out: %1").arg(QString::fromStdString(document.reason))
                            : document.heldOut ? tr("Held out, %1").arg(number::bytes(double(document.length)))
                                               : tr("Trained on, %1").arg(number::bytes(double(document.length))));
        m_text->setPlainText(QString::fromStdString(document.text));
    }
    updateControls();
}

void DocumentPreview::updateControls()
{
    m_previous->setEnabled(m_active && m_position > 0);
    m_next->setEnabled(m_active && !m_atEnd && (m_numDocuments == 0 || m_position + 1 < m_numDocuments));
    m_random->setEnabled(m_active && m_numDocuments > 1);
}

} // namespace krater
