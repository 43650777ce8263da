// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_painting.h"

#include <qcustomplot.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace krater {
namespace {

class Painting : public QCPLayerable {
public:
    Painting(QCustomPlot *plot, const QString &layer, std::function<void(QPainter &)> paint)
        : QCPLayerable(plot, layer)
        , m_paint(std::move(paint))
    {
    }

protected:
    void applyDefaultAntialiasingHint(QCPPainter *painter) const override { painter->setAntialiasing(true); }
    void draw(QCPPainter *painter) override { m_paint(*painter); }

private:
    std::function<void(QPainter &)> m_paint;
};

// Labels that touch each other move as one.
struct Block {
    double centreOfFirst = 0;
    double sum = 0; // of wanted places less their offsets in the block
    std::size_t count = 0;
};

} // namespace

void addPainting(QCustomPlot *plot, const QString &layer, std::function<void(QPainter &)> paint)
{
    new Painting(plot, layer, std::move(paint)); // owned by the plot, as all layerables are
}

std::vector<double> spreadLabels(std::vector<double> wanted, double height, double top, double bottom)
{
    std::vector<std::size_t> order(wanted.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
    std::vector<Block> blocks;
    const auto place = [&](Block &block) {
        const double length = double(block.count - 1) * height;
        block.centreOfFirst =
            std::max(std::min(block.sum / double(block.count), bottom - height / 2 - length), top + height / 2);
    };
    for (const std::size_t label : order) {
        Block block{0, wanted[label], 1};
        place(block);
        while (!blocks.empty()
               && blocks.back().centreOfFirst + double(blocks.back().count) * height > block.centreOfFirst) {
            const Block before = blocks.back();
            blocks.pop_back();
            block.sum = before.sum + block.sum - double(block.count) * double(before.count) * height;
            block.count += before.count;
            place(block);
        }
        blocks.push_back(block);
    }
    std::vector<double> centres(wanted.size());
    std::size_t next = 0;
    for (const Block &block : blocks) {
        for (std::size_t i = 0; i < block.count; ++i)
            centres[order[next++]] = block.centreOfFirst + double(i) * height;
    }
    return centres;
}

double timeTickStep(double least)
{
    constexpr std::array kSteps{1.0,   2.0,   5.0,    10.0,   15.0,   30.0,    60.0,    120.0,   300.0,
                                600.0, 900.0, 1800.0, 3600.0, 7200.0, 10800.0, 21600.0, 43200.0, 86400.0};
    const auto found = std::find_if(kSteps.begin(), kSteps.end(), [least](double step) { return step >= least; });
    return found != kSteps.end() ? *found : std::ceil(least / 86400.0) * 86400.0;
}

} // namespace krater
