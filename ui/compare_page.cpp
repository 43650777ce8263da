// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare_page.h"

#include "app/curve_export.h"
#include "ui/compare/configuration_tab.h"
#include "ui/compare/curves_tab.h"
#include "ui/compare/details_tab.h"
#include "ui/compare/differences_tab.h"
#include "ui/compare/filter_field.h"
#include "ui/compare/mixtures_tab.h"
#include "ui/compare/run_actions.h"
#include "ui/compare/run_command.h"
#include "ui/compare/run_list_model.h"
#include "ui/compare/run_selection.h"
#include "ui/compare/run_table.h"
#include "ui/compare/score_choice.h"
#include "ui/theme/icons.h"
#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/card.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/message_bar.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QMenu>
#include <QShowEvent>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

#include <algorithm>

namespace krater {
namespace {

const QString kSplitterKey = QStringLiteral("compare/splitter");
const QString kTabKey = QStringLiteral("compare/tab");

constexpr int kFilterWidth = 420;
constexpr int kLeastRows = 2; // that the table has room for
constexpr int kMostRows = 5;

} // namespace

ComparePage::ComparePage(Workspace &workspace, QUndoStack &undoStack, QWidget *parent)
    : Page(workspace, undoStack, parent)
    , m_model(new RunTableModel(&workspace.library, this))
    , m_list(new RunListModel(*m_model, this))
    , m_selection(new RunSelection(workspace.library, *m_model, this))
    , m_actions(new RunActions(workspace, undoStack, *m_model, this))
    , m_export(new CurveExport(this))
{
    m_list->showColoursOf(m_selection);
    createActions();
    m_message = new MessageBar;
    m_splitter = new QSplitter(Qt::Vertical);
    m_splitter->setHandleWidth(look::kGap);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(makeTableCard());
    m_splitter->addWidget(makeTabCard());
    m_splitter->setStretchFactor(1, 1);
    connect(m_splitter, &QSplitter::splitterMoved, this, [this] { m_dividedByHand = true; });
    auto *content = new QWidget;
    auto *rows = new QVBoxLayout(content);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(look::kGap);
    rows->addLayout(makeToolRow());
    rows->addWidget(m_splitter, 1);
    m_stack = new QStackedWidget;
    m_stack->addWidget(content);
    m_stack->addWidget(makeEmptyState());
    QVBoxLayout *column = makeColumn();
    column->addWidget(m_message);
    column->addWidget(m_stack, 1);
    connectTable();
    connectRunActions();
    connectExport();
    restoreLayout();
    takeStore();
}

ComparePage::~ComparePage()
{
    m_table->disconnect(this); // what is selected no longer matters
}

QString ComparePage::title() const
{
    return tr("Compare");
}

void ComparePage::saveLayout()
{
    if (m_dividedByHand)
        workspace().settings.setLayout(kSplitterKey, m_splitter->saveState());
}

void ComparePage::restoreLayout()
{
    m_dividedByHand = m_splitter->restoreState(workspace().settings.layout(kSplitterKey).toByteArray());
    fitTable();
    m_tabs->setCurrentIndex(workspace().settings.layout(kTabKey, 0).toInt());
    m_table->restoreLayout();
    showScoreMixture();
}

// A few runs leave the room to their curves; many get five rows, fewer on a low window. Unless the user has divided them otherwise.
void ComparePage::fitTable()
{
    if (m_dividedByHand)
        return;
    const int all = m_splitter->height() - m_splitter->handleWidth();
    const int row = m_table->verticalHeader()->defaultSectionSize();
    const int frame = m_tableCard->sizeHint().height() - m_tableStack->sizeHint().height() + look::kRowHeight + 4;
    const int rows = std::clamp(m_list->rowCount(), kLeastRows, kMostRows);
    const int table = std::min(frame + rows * row, std::max(frame + kLeastRows * row, all * 2 / 5));
    m_splitter->setSizes({table, all - table});
}

void ComparePage::resizeEvent(QResizeEvent *event)
{
    Page::resizeEvent(event);
    fitTable();
}

void ComparePage::createActions()
{
    m_saveChart = new QAction(icon(QStringLiteral("image")), tr("This chart as a &picture (PNG, SVG)…"), this);
    m_copyChart = new QAction(icon(QStringLiteral("copy")), tr("&Copy this chart"), this);
    m_copyChart->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C));
    m_copyChart->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    addAction(m_copyChart);
    auto *find = new QAction(tr("Filter the runs"), this);
    find->setShortcut(QKeySequence::Find);
    find->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    addAction(find);
    connect(find, &QAction::triggered, this, [this] {
        m_filter->setFocus(Qt::ShortcutFocusReason);
        m_filter->lineEdit()->selectAll();
    });
    connect(m_saveChart, &QAction::triggered, this, &ComparePage::askWhereToSaveChart);
    connect(m_copyChart, &QAction::triggered, this, &ComparePage::copyChart);
}

QHBoxLayout *ComparePage::makeToolRow()
{
    m_filter = new FilterField;
    m_filter->setObjectName(QStringLiteral("filter"));
    m_filter->setMaximumWidth(kFilterWidth);
    m_scoring = new ScoreChoice;
    m_scoring->setObjectName(QStringLiteral("scoredOn"));
    auto *columns = new Button(tr("Columns"), QStringLiteral("columns"));
    columns->setObjectName(QStringLiteral("columns"));
    auto *columnsMenu = new QMenu(columns);
    connect(columnsMenu, &QMenu::aboutToShow, this, [this, columnsMenu] {
        columnsMenu->clear();
        m_table->fillColumnsMenu(columnsMenu);
    });
    columns->setMenu(columnsMenu);
    auto *exports = new Button(tr("Export"), QStringLiteral("export"));
    exports->setObjectName(QStringLiteral("export"));
    auto *exportMenu = new QMenu(exports);
    exportMenu->addAction(m_actions->exportCurves);
    exportMenu->addSeparator();
    exportMenu->addActions({m_saveChart, m_copyChart});
    connect(exportMenu, &QMenu::aboutToShow, this, [this] {
        const bool hasChart = currentTab() && currentTab()->chart();
        m_saveChart->setEnabled(hasChart);
    });
    exports->setMenu(exportMenu);
    auto *row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_filter, 1, Qt::AlignTop);
    row->addWidget(columns, 0, Qt::AlignTop);
    row->addStretch(0);
    row->addWidget(m_scoring, 0, Qt::AlignTop);
    row->addWidget(exports, 0, Qt::AlignTop);
    return row;
}

QWidget *ComparePage::makeTableCard()
{
    m_table = new RunTable(*m_list, *m_model, workspace().settings);
    m_table->setObjectName(QStringLiteral("runs"));
    m_table->addActions(m_actions->all());
    auto *nothing = new EmptyState(QStringLiteral("filter"), tr("No run matches the filter."));
    connect(nothing->addButton(tr("Clear the filter")), &QAbstractButton::clicked, this, [this] { m_filter->clear(); });
    nothing->setMinimumHeight(kLeastRows * look::kRowHeight); // or the table could not be low
    m_tableStack = new QStackedWidget;
    m_tableStack->addWidget(m_table);
    m_tableStack->addWidget(nothing);
    m_tableCard = new Card(tr("Runs"));
    m_tableCard->addFlush(m_tableStack, 1);
    return m_tableCard;
}

QWidget *ComparePage::makeTabCard()
{
    m_tabs = new QTabBar;
    m_tabs->setObjectName(QStringLiteral("tabs"));
    m_tabs->setAccessibleName(tr("Views of the selected runs"));
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    m_tabPages = new QStackedWidget;
    for (ComparisonTab *tab : std::initializer_list<ComparisonTab *>{
             new CurvesTab(*m_selection, *m_model, workspace().settings), new DifferencesTab(*m_selection),
             new MixturesTab(*m_selection), new ConfigurationTab(*m_selection)}) {
        addTab(tab, tab->title());
        connect(tab, &ComparisonTab::failed, this, &Page::failed);
    }
    m_details = new DetailsTab(workspace().library, undoStack());
    m_details->addToHeader(new Button(m_actions->tryModel, tr("Try it")));
    addTab(m_details, tr("Details"));
    auto *card = new Card;
    card->setAccessibleName(tr("Comparison"));
    card->addFlush(m_tabs);
    card->addFlush(new Divider);
    card->add(m_tabPages, 1);
    connect(m_tabs, &QTabBar::currentChanged, this, [this](int tab) {
        m_tabPages->setCurrentIndex(tab);
        workspace().settings.setLayout(kTabKey, tab);
    });
    return card;
}

void ComparePage::addTab(QWidget *tab, const QString &title)
{
    m_tabPages->addWidget(tab);
    m_tabs->addTab(title);
}

QWidget *ComparePage::makeEmptyState()
{
    auto *card = new Card;
    auto *empty = new EmptyState(QStringLiteral("compare"), tr("No saved runs yet."),
                                 tr("Every run is saved as it goes. Start one, and it appears here while it trains."));
    connect(empty->addButton(tr("Go to the Train page"), QStringLiteral("train")), &QAbstractButton::clicked, this,
            [this] { emit pageRequested(Id::Train); });
    card->add(empty, 1);
    return card;
}

ComparisonTab *ComparePage::currentTab() const
{
    return qobject_cast<ComparisonTab *>(m_tabPages->currentWidget());
}

void ComparePage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    fitTable();
    selectSomething();
}

} // namespace krater
