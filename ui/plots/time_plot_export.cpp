// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/time_plot.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "ui/plots/plot_table_dialog.h"
#include "ui/theme/icons.h"

#include <qcustomplot.h>

#include <QAction>
#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QMenu>
#include <QSvgGenerator>

#include <cmath>

// Taking the picture and the data of a TimePlot away.

namespace krater {

QImage TimePlot::picture(double scale)
{
    const auto cursor = std::exchange(m_cursor, std::nullopt);
    const QImage image = m_plot->toPixmap(width(), height(), scale).toImage();
    m_cursor = cursor;
    redraw();
    return image;
}

bool TimePlot::saveSvg(const QString &path)
{
    QSvgGenerator generator;
    generator.setFileName(path);
    generator.setSize(size());
    generator.setViewBox(rect());
    generator.setTitle(accessibleName());
    generator.setDescription(summary());
    QCPPainter painter;
    if (!painter.begin(&generator))
        return false;
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    const auto cursor = std::exchange(m_cursor, std::nullopt);
    m_plot->toPainter(&painter, width(), height());
    m_cursor = cursor;
    return painter.end();
}

QString TimePlot::toCsv(const PlotTable &table)
{
    const auto quoted = [](QString text) {
        if (text.contains(QLatin1Char(',')) || text.contains(QLatin1Char('"')) || text.contains(QLatin1Char('\n')))
            text = QLatin1Char('"') + text.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
        return text;
    };
    QStringList cells;
    for (const QString &column : table.columns)
        cells << quoted(column);
    QStringList lines{cells.join(QLatin1Char(','))};
    for (const std::vector<double> &row : table.rows) {
        cells.clear();
        for (const double value : row)
            cells << (std::isfinite(value) ? QString::number(value, 'g', 12) : QString());
        lines << cells.join(QLatin1Char(','));
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

void TimePlot::savePicture()
{
    QString filter;
    const QString svg = tr("Vector graphics (*.svg)");
    QString path = QFileDialog::getSaveFileName(this, tr("Save the picture"), m_fileName + QStringLiteral(".png"),
                                                tr("Picture (*.png)") + QStringLiteral(";;") + svg, &filter);
    if (path.isEmpty())
        return;
    bool saved = false;
    if (path.endsWith(QStringLiteral(".svg"), Qt::CaseInsensitive) || filter == svg) {
        if (!path.endsWith(QStringLiteral(".svg"), Qt::CaseInsensitive))
            path += QStringLiteral(".svg");
        saved = saveSvg(path);
    } else {
        saved = picture(2).save(path);
    }
    if (!saved)
        emit failed(tr("The picture could not be written to %1.").arg(path),
                    tr("Choose a folder that you may write to."));
}

void TimePlot::saveData()
{
    const QString path = QFileDialog::getSaveFileName(this, tr("Save the data"), m_fileName + QStringLiteral(".csv"),
                                                      tr("Comma-separated values (*.csv)"));
    if (path.isEmpty())
        return;
    try {
        writeFileAtomically(path.toStdString(), toCsv(table()).toStdString());
    } catch (const Error &error) {
        emit failed(QString::fromUtf8(error.what()), QString::fromStdString(error.advice()));
    }
}

void TimePlot::showTable()
{
    auto *dialog = new PlotTableDialog(accessibleName(), table(), window());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->show();
}

void TimePlot::fillContextMenu(QMenu *menu)
{
    menu->addAction(icon(QStringLiteral("copy")), tr("Copy the picture"), QKeySequence::Copy, this,
                    [this] { QGuiApplication::clipboard()->setImage(picture(2)); });
    menu->addAction(icon(QStringLiteral("image")), tr("Save the picture…"), this, &TimePlot::savePicture);
    menu->addSeparator();
    menu->addAction(tr("Copy the data"), this, [this] { QGuiApplication::clipboard()->setText(toCsv(table())); });
    menu->addAction(icon(QStringLiteral("export")), tr("Save the data…"), this, &TimePlot::saveData);
    menu->addAction(icon(QStringLiteral("table")), tr("Show the data as a table"), this, &TimePlot::showTable);
    menu->addSeparator();
    menu->addAction(icon(QStringLiteral("follow")), tr("Show everything and follow"), this, &TimePlot::followRequested);
}

} // namespace krater
