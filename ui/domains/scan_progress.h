// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QProgressBar;

namespace krater {

class CorpusScanner;
class ElidedLabel;

// The running scan: bar, what is being read, Cancel. Hidden while there is none.
class ScanProgress : public QWidget {
    Q_OBJECT

public:
    explicit ScanProgress(CorpusScanner &scanner, QWidget *parent = nullptr);

    void refresh();

private:
    CorpusScanner &m_scanner;
    QProgressBar *m_bar;
    ElidedLabel *m_text;
};

} // namespace krater
