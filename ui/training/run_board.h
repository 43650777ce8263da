// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/share_series.h"
#include "ui/training/run_curves.h"

#include <QTimer>
#include <QWidget>

#include <memory>
#include <optional>

class QSplitter;

namespace krater {

class Card;
class CrosshairGroup;
class DomainsCard;
class EventLog;
class EventModel;
class PlotControls;
class Settings;
class SharePlot;

// One run as the Train page shows it: loss and share over time with one cursor, the table of domains, why the mixture moved, and what happened. Knows no
// session: it draws any RunView, live or saved. UI thread.
class RunBoard : public QWidget {
    Q_OBJECT

public:
    explicit RunBoard(QWidget *parent = nullptr);
    ~RunBoard() override;

    void setRun(std::shared_ptr<RunView> run);
    const std::shared_ptr<RunView> &run() const { return m_run; }

    void saveLayout(Settings &settings) const;
    void restoreLayout(const Settings &settings);

    CurvePlot *lossPlot() const { return m_lossPlot; }
    SharePlot *sharePlot() const { return m_sharePlot; }
    CrosshairGroup *plots() const { return m_plots; }
    PlotControls *controls() const { return m_controls; }

signals:
    void failed(const QString &message, const QString &advice);
    void tryRequested(); // the run's model

private:
    void createPlots();
    void createLayout();
    void connectControls();
    void connectRun();
    void rebuildCurves(); // another run, axis, unit or smoothing
    void takeNewPoints();
    void updateMarks();
    void updateRunText();
    void onCursorChanged(std::optional<double> x);
    void onRedrawn();

    std::shared_ptr<RunView> m_run;
    std::unique_ptr<RunCurves> m_curves;
    ShareSeries m_shares;
    QTimer m_tableTimer;

    PlotControls *m_controls;
    CrosshairGroup *m_plots;
    CurvePlot *m_lossPlot;
    SharePlot *m_sharePlot;
    Card *m_lossCard, *m_shareCard;
    DomainsCard *m_domainsCard;
    Card *m_eventCard;
    EventModel *m_eventModel;
    EventLog *m_eventTable;
    QSplitter *m_columns, *m_left, *m_right;
};

} // namespace krater
