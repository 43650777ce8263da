// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QWidget>

#include <cstdint>
#include <vector>

namespace krater {

// Documents by length as bars; bucket b counts those of [2^b, 2^(b+1)) bytes, so the axis is logarithmic.
class LengthHistogram : public QWidget {
    Q_OBJECT

public:
    explicit LengthHistogram(QWidget *parent = nullptr);

    void setBuckets(std::vector<std::uint64_t> buckets, const QColor &colour);
    double median() const; // bytes, the middle of the median's bucket; 0 if there is no document

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    std::vector<std::uint64_t> m_buckets;
    std::size_t m_first = 0, m_last = 0; // buckets that hold something
    QColor m_colour;
};

} // namespace krater
