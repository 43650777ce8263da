// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_view.h"
#include "ui/theme/theme.h"

#include <QStringList>
#include <QWidget>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

class QCustomPlot;
class QMenu;

namespace krater {

// Something that happened, drawn at a place on the x axis. Major marks get a triangle and a dotted line through the plot, minor ones a tick on the
// base line.
struct PlotMark {
    double x = 0;
    Tone tone = Tone::Faint;
    bool isMajor = true;
};

// The words at the right end of a curve or an area.
struct EndLabel {
    double y = 0; // where it would stand if it were alone, in the y axis's values
    QString text;
    QColor colour;
    double weight = 1; // labels of the least weight go first when there is no room for all
};

// A chart's data as rows, for CSV and the table.
struct PlotTable {
    QStringList columns;
    std::vector<std::vector<double>> rows; // NaN: empty
};

// What the plots over a run's time have in common: base line and faint rules, labels at the ends, marks, the cursor on a layer of its own, zoom and
// pan by mouse and keyboard, and taking picture and data away. Sub-classes fill in the data for the range and the width that are visible. Plots of a page
// are joined by a CrosshairGroup, which alone calls redraw(). UI thread.
class TimePlot : public QWidget {
    Q_OBJECT

public:
    ~TimePlot() override;

    void setXAxis(XAxis axis); // how x is written
    void setRange(double lower, double upper);
    double lower() const { return m_lower; }
    double upper() const { return m_upper; }
    void setMarks(std::vector<PlotMark> marks);
    void setCursor(std::optional<double> x);
    void setFileName(const QString &name) { m_fileName = name; } // proposed when saving
    void setRightMargin(int pixels);
    int wantedRightMargin() const; // for the end labels
    int plotWidth() const;         // of the axis rectangle, in pixels

    // Fills in the data for the range and replots at the next paint.
    void redraw();
    double replotMs() const; // of the last replots, on average

    virtual PlotTable table() const = 0;
    // What is seen, in words, for screen readers and tests.
    virtual QString summary() const = 0;

    QImage picture(double scale);
    bool saveSvg(const QString &path);
    static QString toCsv(const PlotTable &table);
    QString tickText(double x) const;
    void fillContextMenu(QMenu *menu);

    QSize minimumSizeHint() const override { return {240, 90}; }
    QSize sizeHint() const override { return {640, 240}; }

signals:
    void cursorMoved(std::optional<double> x);
    void rangeChosen(double lower, double upper); // by wheel, drag or keys
    void followRequested();
    void failed(const QString &message, const QString &advice);

protected:
    explicit TimePlot(QWidget *parent);

    QCustomPlot *plot() const { return m_plot; }
    const Theme &theme() const { return Theme::of(this); }
    void setEndLabels(std::vector<EndLabel> labels);
    // Dots of the cursor: y and colour, at the cursor's x.
    virtual std::vector<std::pair<double, QColor>> cursorDots(double x) const;
    // The sub-class's part of redraw(), and of a change of theme.
    virtual void fill(double lower, double upper, int columns) = 0;
    virtual void applyTheme() { }

    bool eventFilter(QObject *watched, QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void changeEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    void createPlot();
    void createLayers();
    void restyle();
    void zoom(double factor, double around);
    void savePicture();
    void saveData();
    void showTable();
    void paintMarks(QPainter &painter) const;
    void paintLabels(QPainter &painter) const;
    void paintCursor(QPainter &painter) const;
    double xAt(double pixel) const;
    double pixelOf(double x) const;

    QCustomPlot *m_plot;
    XAxis m_axis = XAxis::Step;
    double m_lower = 0;
    double m_upper = 1;
    std::vector<PlotMark> m_marks;
    std::vector<EndLabel> m_labels;
    std::optional<double> m_cursor;
    std::optional<double> m_dragFrom; // x under the pointer when the drag began
    QString m_fileName;
};

} // namespace krater
