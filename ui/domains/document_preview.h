// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/corpus_scan.h"
#include "ui/widgets/card.h"

class QPlainTextEdit;

namespace krater {

class CorpusScanner;
class ElidedLabel;
class IconButton;
class LengthHistogram;

// Reads a domain as it will be trained on: one document at a time, with next, previous and random, what the filter threw away and why, and the
// histogram of document lengths.
class DocumentPreview : public Card {
    Q_OBJECT

public:
    explicit DocumentPreview(CorpusScanner &scanner, QWidget *parent = nullptr);

    // Shows the domain's first document; `report` may be null (not scanned).
    void setDomain(const Experiment &experiment, std::size_t domain, const DomainReport *report, const QColor &colour);
    void clear();

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void createControls();
    void showLengths();
    void request(std::uint64_t position);
    void showRandom();
    void takeDocuments(std::size_t domain, std::uint64_t position, const std::vector<PreviewDocument> &documents);
    void updateControls();

    CorpusScanner &m_scanner;
    Experiment m_experiment;
    std::size_t m_domain = 0;
    std::uint64_t m_position = 0;
    std::uint64_t m_numDocuments = 0; // kept and rejected; 0 unknown
    bool m_atEnd = false;
    bool m_active = false;
    bool m_hasReport = false;
    IconButton *m_previous;
    IconButton *m_next;
    IconButton *m_random;
    ElidedLabel *m_fate;
    QPlainTextEdit *m_text;
    SectionHeader *m_lengths;
    LengthHistogram *m_histogram;
};

} // namespace krater
