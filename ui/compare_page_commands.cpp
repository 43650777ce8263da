// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the Compare page does when something is chosen, typed or pressed.
#include "app/curve_export.h"
#include "ui/compare/comparison_tab.h"
#include "ui/compare/details_tab.h"
#include "ui/compare/filter_field.h"
#include "ui/compare/run_actions.h"
#include "ui/compare/run_command.h"
#include "ui/compare/run_list_model.h"
#include "ui/compare/run_selection.h"
#include "ui/compare/run_table.h"
#include "ui/compare/score_choice.h"
#include "ui/compare_page.h"
#include "ui/dialogs/generation_dialog.h"
#include "ui/theme/number_format.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/card.h"
#include "ui/widgets/message_bar.h"

#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QSplitter>
#include <QStackedWidget>

#include <utility>

namespace krater {
namespace {

const QString kScoreKey = QStringLiteral("compare/scoredOn");
const QString kBaselineKey = QStringLiteral("compare/baseline"); // store file and number of the run

} // namespace

void ComparePage::connectTable()
{
    m_selectionTimer.setSingleShot(true);
    m_selectionTimer.setInterval(0);
    connect(&m_selectionTimer, &QTimer::timeout, this, &ComparePage::takeSelection);
    connect(m_table, &RunTable::chosenRunsChanged, &m_selectionTimer, qOverload<>(&QTimer::start));
    connect(m_filter, &FilterField::filterChanged, this, [this](const RunFilter &filter) {
        m_list->setFilter(filter);
        m_filtered = true; // what is hidden now is still chosen when the filter goes
        m_table->select(m_chosen);
        m_selectionTimer.start();
        showCount();
    });
    connect(m_list, &QAbstractItemModel::modelReset, &m_selectionTimer, qOverload<>(&QTimer::start));
    connect(m_scoring, &ScoreChoice::mixtureChanged, this, [this](const ScoreMixture &mixture) {
        workspace().settings.setLayout(kScoreKey, QString::fromStdString(toString(mixture)));
        m_model->setScoreMixture(mixture);
    });
    connect(m_model, &RunTableModel::scoringChanged, this, &ComparePage::showCount);
    connect(m_model, &RunTableModel::renameRequested, this, &ComparePage::rename);
    connect(&workspace().library, &RunLibrary::runsChanged, this, &ComparePage::refresh);
    connect(&workspace().library, &RunLibrary::storeChanged, this, &ComparePage::takeStore);
}

void ComparePage::connectRunActions()
{
    connect(m_actions, &RunActions::renameRequested, m_table, &RunTable::editName);
    connect(m_actions, &RunActions::baselinePinned, this, &ComparePage::saveBaseline);
    connect(m_actions, &RunActions::exportRequested, this, &ComparePage::askWhereToExport);
    connect(m_actions, &RunActions::tryRequested, this, [this](RunId run) {
        if (const RunRecord *record = workspace().library.run(run))
            (new GenerationDialog(workspace().engine, workspace().library.storeFile(), *record, this))->show();
    });
    connect(m_actions, &RunActions::runRequested, this, &Page::runRequested);
    connect(m_actions, &RunActions::runResumed, this, [this] { emit pageRequested(Id::Train); });
    connect(m_actions, &RunActions::experimentUsed, this, [this] { emit pageRequested(Id::Mixture); });
    connect(m_actions, &RunActions::openRequested, this, &ComparePage::openRequested);
    connect(m_actions, &RunActions::failed, this, &Page::failed);
}

void ComparePage::connectExport()
{
    connect(m_export, &CurveExport::progressChanged, this, [this](int done, int total) {
        m_message->show(MessageBar::Kind::Info,
                        tr("Writing points: %1 of %2 curves.")
                            .arg(number::count(std::uint64_t(done)), number::count(std::uint64_t(total))));
        connect(m_message->addAction(tr("Cancel")), &QAbstractButton::clicked, m_export, &CurveExport::cancel);
    });
    connect(m_export, &CurveExport::finished, this, [this](const QString &file, qint64 numPoints) {
        m_message->show(MessageBar::Kind::Info,
                        tr("%1 points were written to %2.").arg(number::count(std::uint64_t(numPoints)), file));
    });
    connect(m_export, &CurveExport::cancelled, m_message, &MessageBar::dismiss);
    connect(m_export, &CurveExport::failed, this, [this](const QString &message, const QString &advice) {
        m_message->dismiss();
        emit failed(message, advice);
    });
}

// Another store, or only another message about it.
void ComparePage::takeStore()
{
    if (m_storeFile != workspace().library.storeFile()) {
        m_storeFile = workspace().library.storeFile();
        m_chosen.clear();
        m_chosenOnce = false;
        restoreBaseline();
    }
    refresh();
}

void ComparePage::refresh()
{
    m_filter->setDomains(m_model->domains());
    m_stack->setCurrentIndex(m_model->rowCount() > 0 ? 0 : 1);
    fitTable();
    showCount();
    if (isVisible())
        selectSomething();
}

// The first time that there is something to see, it is seen: the two newest runs.
void ComparePage::selectSomething()
{
    if (m_chosenOnce || m_model->rowCount() == 0)
        return;
    m_chosenOnce = true;
    std::vector<RunId> newest;
    for (int row = 0; row < m_model->rowCount() && newest.size() < 2; ++row)
        newest.push_back(m_model->row(row).record.id);
    m_table->select(newest);
}

void ComparePage::takeSelection()
{
    const std::vector<RunId> runs = m_table->selectedRuns();
    if (!std::exchange(m_filtered, false))
        m_chosen = runs;
    m_actions->setRuns(runs, m_table->currentRun());
    m_details->setRun(m_table->currentRun());
    m_selection->select(runs);
    showCount();
}

void ComparePage::showCount()
{
    const int all = m_model->rowCount(), shown = m_list->rowCount();
    m_tableStack->setCurrentIndex(all > 0 && shown == 0 ? 1 : 0);
    m_tableCard->setHint(tr("scores: last held-out loss on the %1 mixture, nats per token; lower is better")
                             .arg(scoreMixtureName(m_model->scoreMixture())));
    const QString total = all == 1 ? tr("1 run") : tr("%1 runs").arg(number::count(std::uint64_t(all)));
    const QString count = shown == all ? total : tr("%1 of %2").arg(number::count(std::uint64_t(shown)), total);
    const std::size_t numSelected = m_actions->runs().size();
    m_tableCard->setValue(numSelected > 0 ? tr("%1, %2 selected").arg(count, number::count(numSelected)) : count);
}

void ComparePage::showScoreMixture()
{
    Issues issues;
    const std::string stored =
        workspace().settings.layout(kScoreKey, QStringLiteral("natural")).toString().toStdString();
    const ScoreMixture mixture =
        parseScoreMixture(stored, issues).value_or(ScoreMixture{ScoreMixture::Kind::Natural, {}});
    m_scoring->setMixture(mixture);
    m_model->setScoreMixture(mixture);
}

void ComparePage::rename(RunId run, const QString &name)
{
    if (QUndoCommand *command = renameCommand(workspace().library, run, name))
        undoStack().push(command);
}

void ComparePage::restoreBaseline()
{
    const QStringList stored = workspace().settings.layout(kBaselineKey).toStringList();
    const bool isOurs = stored.size() == 2 && stored[0] == workspace().library.storeFile();
    m_model->setBaseline(isOurs ? std::optional<RunId>(stored[1].toLongLong()) : std::nullopt);
}

void ComparePage::saveBaseline()
{
    const std::optional<RunId> baseline = m_model->baseline();
    workspace().settings.setLayout(kBaselineKey,
                                   baseline ? QStringList{workspace().library.storeFile(), QString::number(*baseline)}
                                            : QStringList());
}

void ComparePage::askWhereToExport()
{
    const QString file = QFileDialog::getSaveFileName(this, tr("Export every point"), tr("curves.csv"),
                                                      tr("Comma-separated values (*.csv)"));
    if (!file.isEmpty())
        exportCurves(file);
}

void ComparePage::exportCurves(const QString &file)
{
    m_export->start(workspace().library.storeFile().toStdString(), m_actions->runs(), file.toStdString());
}

void ComparePage::askWhereToSaveChart()
{
    ComparisonTab *tab = currentTab();
    if (!tab || !tab->chart())
        return;
    const QString file = QFileDialog::getSaveFileName(this, tr("Save the chart"), tab->title() + QStringLiteral(".png"),
                                                      tr("Picture (*.png);;Vector graphics (*.svg)"));
    if (!file.isEmpty() && !saveChart(file))
        emit failed(tr("The chart could not be written to %1.").arg(file),
                    tr("Choose a folder that you may write to."));
}

bool ComparePage::saveChart(const QString &file)
{
    constexpr double kScale = 2;
    ComparisonTab *tab = currentTab();
    if (!tab || !tab->chart())
        return false;
    return file.endsWith(QStringLiteral(".svg"), Qt::CaseInsensitive) ? tab->saveSvg(file)
                                                                      : tab->picture(kScale).save(file);
}

void ComparePage::copyChart()
{
    constexpr double kScale = 2;
    if (ComparisonTab *tab = currentTab(); tab && tab->chart())
        QGuiApplication::clipboard()->setImage(tab->picture(kScale));
}

} // namespace krater
