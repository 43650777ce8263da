// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace krater {

// How often a domain's tokens would be repeated: a short bar and "1.42 epochs"; amber above 1, red above `limit`, with the worth of the repeats
// in the tool tip. Full at `limit` epochs.
class EpochMeter : public QWidget {
    Q_OBJECT

public:
    explicit EpochMeter(QWidget *parent = nullptr);

    // NaN where the tokens are not counted yet.
    void setEpochs(double epochs, double tokensAvailable, double tokensToDraw);
    double epochs() const { return m_epochs; }
    QString text() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override; // the words without the bar

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    int textWidth() const;

    double m_epochs;
};

} // namespace krater
