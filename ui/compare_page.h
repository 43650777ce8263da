// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_table_model.h"
#include "ui/page.h"

#include <QTimer>

class QHBoxLayout;
class QMenu;
class QSplitter;
class QStackedWidget;
class QTabBar;

namespace krater {

class Button;
class Card;
class ComparisonTab;
class CurveExport;
class DetailsTab;
class FilterField;
class MessageBar;
class RunActions;
class RunListModel;
class RunSelection;
class RunTable;
class ScoreChoice;

// The page that lays saved runs side by side: the table of all runs, and below it the selected ones' curves, differences to a baseline, mixtures and
// configurations. Follows the store while this or another process trains into it.
class ComparePage : public Page {
    Q_OBJECT

public:
    ComparePage(Workspace &workspace, QUndoStack &undoStack, QWidget *parent = nullptr);
    ~ComparePage() override;

    QString title() const override;
    void saveLayout() override;
    void restoreLayout() override;

    void exportCurves(const QString &file); // of the selected runs
    bool saveChart(const QString &file);    // .svg, else a picture

signals:
    void openRequested(const QString &file); // an experiment file

protected:
    void showEvent(QShowEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void createActions();
    QHBoxLayout *makeToolRow();
    QWidget *makeTableCard();
    QWidget *makeTabCard();
    QWidget *makeEmptyState();
    void addTab(QWidget *tab, const QString &title);
    void connectTable();
    void connectRunActions();
    void connectExport();
    void refresh();
    void takeStore();
    void takeSelection();
    void selectSomething();
    void showCount();
    void fitTable();
    void showScoreMixture();
    void rename(RunId run, const QString &name);
    void restoreBaseline();
    void saveBaseline();
    void askWhereToExport();
    void askWhereToSaveChart();
    void copyChart();
    ComparisonTab *currentTab() const;

    RunTableModel *m_model;
    RunListModel *m_list;
    RunSelection *m_selection;
    RunActions *m_actions;
    CurveExport *m_export;
    FilterField *m_filter = nullptr;
    ScoreChoice *m_scoring = nullptr;
    MessageBar *m_message = nullptr;
    Card *m_tableCard = nullptr;
    RunTable *m_table = nullptr;
    QStackedWidget *m_tableStack = nullptr; // the table, or that the filter leaves nothing
    QStackedWidget *m_stack = nullptr;      // the page, or that there is no run
    QSplitter *m_splitter = nullptr;
    QTabBar *m_tabs = nullptr;
    QStackedWidget *m_tabPages = nullptr;
    DetailsTab *m_details = nullptr;
    QAction *m_saveChart = nullptr;
    QAction *m_copyChart = nullptr;
    QTimer m_selectionTimer; // several signals of one click become one
    QString m_storeFile;
    std::vector<RunId> m_chosen; // by the user, also what the filter hides
    bool m_filtered = false;     // the selection changed because the filter did
    bool m_chosenOnce = false;
    bool m_dividedByHand = false; // the user has moved the splitter
};

} // namespace krater
