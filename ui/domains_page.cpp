// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/domains_page.h"

#include "ui/domains/document_preview.h"
#include "ui/domains/domain_commands.h"
#include "ui/domains/domain_form.h"
#include "ui/domains/domains_model.h"
#include "ui/domains/domains_table.h"
#include "ui/domains/overlap_model.h"
#include "ui/domains/scan_progress.h"
#include "ui/theme/domain_colours.h"
#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/card.h"
#include "ui/widgets/column_fit.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/value_table.h"
#include "ui/widgets/wrap_layout.h"

#include <QComboBox>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>

#include <algorithm>

namespace krater {

namespace {

constexpr int kDetailsWidth = 404;
constexpr int kLeastDetailsWidth = 356;
constexpr int kLeastPreviewHeight = 248; // text and lengths

const QString kColumnsKey = QStringLiteral("domains/columns");
const QString kLeftKey = QStringLiteral("domains/left");
const QString kDetailsKey = QStringLiteral("domains/details");

QSplitter *splitterOf(Qt::Orientation orientation, QWidget *first, QWidget *second)
{
    auto *splitter = new QSplitter(orientation);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(first);
    splitter->addWidget(second);
    return splitter;
}

} // namespace

DomainsPage::DomainsPage(Workspace &workspace, QUndoStack &undoStack, QWidget *parent)
    : Page(workspace, undoStack, parent)
    , m_commands(new DomainCommands(workspace, undoStack, this))
    , m_model(new DomainsModel(this))
    , m_overlap(new OverlapModel(this))
{
    QVBoxLayout *column = makeColumn();
    createToolRow(column);
    column->addWidget(new ScanProgress(this->workspace().scanner));
    m_issues = new MessageBar;
    m_issues->hide();
    column->addWidget(m_issues);
    connect(m_issues, &MessageBar::dismissed, m_issues, &QWidget::hide);

    m_left = splitterOf(Qt::Vertical, createTable(), createOverlapCard());
    m_columns = splitterOf(Qt::Horizontal, m_left, createDetails());
    m_columns->setStretchFactor(0, 1);
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_columns);
    m_stack->addWidget(createEmptyState());
    column->addWidget(m_stack, 1);
    connectWorkspace();
    refresh();
    showScan();
}

QString DomainsPage::title() const
{
    return tr("Domains");
}

void DomainsPage::createToolRow(QVBoxLayout *column)
{
    auto *add = new Button(tr("Add domain"), QStringLiteral("add"));
    add->setObjectName(QStringLiteral("addDomain"));
    m_split = new Button(tr("Split by folder"));
    m_split->setObjectName(QStringLiteral("splitDomain"));
    m_split->setToolTip(tr("One domain for each folder below the selected domain's sources"));
    m_merge = new Button(tr("Merge"));
    m_merge->setObjectName(QStringLiteral("mergeDomains"));
    m_merge->setToolTip(tr("One domain of the selected ones' sources"));
    m_remove = new Button(tr("Remove"));
    m_remove->setObjectName(QStringLiteral("removeDomain"));
    m_scan = new Button(tr("Scan"));
    m_scan->setObjectName(QStringLiteral("scan"));
    m_scan->setToolTip(tr("Read the corpus again and count"));
    m_tokenizer = new QComboBox;
    m_tokenizer->setObjectName(QStringLiteral("tokenizer"));
    m_tokenizer->setAccessibleName(tr("Tokenizer"));
    m_tokenizer->addItem(tr("Tokenizer: bytes"), int(TokenizerConfig::Kind::Bytes));
    m_tokenizer->addItem(tr("Tokenizer: SentencePiece"), int(TokenizerConfig::Kind::SentencePiece));

    auto *row = new WrapLayout;
    for (QWidget *widget : std::initializer_list<QWidget *>{add, m_split, m_merge, m_remove})
        row->addWidget(widget);
    row->beginEndGroup();
    row->addOptional(new ElidedLabel(tr("Drop files or folders anywhere"), TextRole::Body, Tone::Muted));
    row->addWidget(m_scan);
    row->addWidget(m_tokenizer);
    column->addLayout(row);

    connect(add, &Button::clicked, m_commands, &DomainCommands::addDomain);
    connect(m_split, &Button::clicked, this, [this] { m_commands->split(m_table->currentRow()); });
    connect(m_merge, &Button::clicked, this, [this] { m_commands->merge(m_table->selectedRows()); });
    connect(m_remove, &Button::clicked, this, [this] { m_commands->remove(m_table->selectedRows()); });
    connect(m_scan, &Button::clicked, this, [this] { workspace().scanner.scan(experiment()); });
    connect(m_tokenizer, &QComboBox::activated, this,
            [this] { m_commands->chooseTokenizer(TokenizerConfig::Kind(m_tokenizer->currentData().toInt())); });
}

QWidget *DomainsPage::createTable()
{
    m_table = new DomainsTable(*m_model);
    connect(m_table, &DomainsTable::selectionChanged, this, &DomainsPage::showDetails);
    connect(m_table, &DomainsTable::removeRequested, this, [this] { m_commands->remove(m_table->selectedRows()); });
    connect(m_table, &DomainsTable::moveRequested, m_commands, &DomainCommands::move);
    connect(m_model, &DomainsModel::renamed, m_commands, &DomainCommands::rename);
    connect(m_model, &DomainsModel::filesDropped, m_commands, &DomainCommands::addSources);
    connect(m_commands, &DomainCommands::rowChosen, m_table, &DomainsTable::selectRow);
    connect(m_commands, &DomainCommands::failed, this, &Page::failed);
    return m_table;
}

QWidget *DomainsPage::createOverlapCard()
{
    auto *table = new ValueTable(tr("Overlap"));
    table->setObjectName(QStringLiteral("overlapTable"));
    table->setModel(m_overlap);
    table->setItemDelegate(new ToneDelegate(table));
    table->setSelectionMode(QAbstractItemView::NoSelection);
    (new ColumnFit(table, 0))->setSpread();
    m_overlapCard =
        new Card(tr("Overlap"), tr("share of the row's documents that also stand in the column, by hash of the text"));
    m_overlapCard->addFlush(table, 1);
    return m_overlapCard;
}

QWidget *DomainsPage::createDetails()
{
    m_form = new DomainForm;
    m_preview = new DocumentPreview(workspace().scanner);
    auto *formArea = new QScrollArea;
    formArea->setWidget(m_form);
    formArea->setWidgetResizable(true);
    formArea->setFrameShape(QFrame::NoFrame);
    formArea->setFocusPolicy(Qt::NoFocus);
    formArea->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_details = splitterOf(Qt::Vertical, formArea, m_preview);
    m_details->setMinimumWidth(kLeastDetailsWidth);
    m_details->setStretchFactor(1, 1);
    connect(m_details, &QSplitter::splitterMoved, this, [this] { m_detailsByHand = true; });
    connectForm();
    return m_details;
}

void DomainsPage::connectForm()
{
    connect(m_form, &DomainForm::heightChanged, this, &DomainsPage::fitForm, Qt::QueuedConnection);
    connect(m_form, &DomainForm::domainEdited, this, [this](const DomainConfig &domain, const QString &what) {
        m_commands->replace(m_table->currentRow(), domain, what);
    });
    connect(m_form, &DomainForm::addFilesRequested, this, [this] { m_commands->addFiles(m_table->currentRow()); });
    connect(m_form, &DomainForm::addFolderRequested, this, [this] { m_commands->addFolder(m_table->currentRow()); });
}

// The form gets what it needs and the preview the rest, unless the user has divided them otherwise.
void DomainsPage::fitForm()
{
    if (m_detailsByHand)
        return;
    const int all = m_details->height() - m_details->handleWidth();
    const int wanted = m_form->sizeHint().height();
    const int form = std::max(std::min(wanted, all - kLeastPreviewHeight), all / 3);
    m_details->setSizes({form, all - form});
}

void DomainsPage::resizeEvent(QResizeEvent *event)
{
    Page::resizeEvent(event);
    fitForm();
}

void DomainsPage::saveLayout()
{
    Settings &settings = workspace().settings;
    settings.setLayout(kColumnsKey, m_columns->saveState());
    settings.setLayout(kLeftKey, m_left->saveState());
    if (m_detailsByHand)
        settings.setLayout(kDetailsKey, m_details->saveState());
}

void DomainsPage::restoreLayout()
{
    const Settings &settings = workspace().settings;
    if (!m_columns->restoreState(settings.layout(kColumnsKey).toByteArray()))
        m_columns->setSizes({10 * kDetailsWidth, kDetailsWidth});
    if (!m_left->restoreState(settings.layout(kLeftKey).toByteArray()))
        m_left->setSizes({3000, 2000});
    m_detailsByHand = m_details->restoreState(settings.layout(kDetailsKey).toByteArray());
    fitForm();
}

QWidget *DomainsPage::createEmptyState()
{
    auto *card = new Card;
    auto *empty = new EmptyState(QStringLiteral("domains"), tr("No domains yet."),
                                 tr("A domain is a named part of the corpus. Drop files or folders here, or add one."));
    connect(empty->addButton(tr("Add domain"), QStringLiteral("add")), &Button::clicked, m_commands,
            &DomainCommands::addDomain);
    card->add(empty, 1);
    return card;
}

void DomainsPage::connectWorkspace()
{
    CorpusScanner &scanner = workspace().scanner;
    connect(&workspace().document, &ExperimentDocument::changed, this, &DomainsPage::refresh);
    connect(&workspace().document, &ExperimentDocument::fileChanged, this, &DomainsPage::scanIfNeeded);
    connect(&scanner, &CorpusScanner::progressChanged, this, &DomainsPage::showScan);
    connect(&scanner, &CorpusScanner::finished, this, [this] {
        showScan();
        refresh();
    });
    connect(&scanner, &CorpusScanner::cancelled, this, &DomainsPage::showScan);
    connect(&scanner, &CorpusScanner::failed, this, [this](const QString &message, const QString &advice) {
        showScan();
        m_issues->show(MessageBar::Kind::Error, message, advice);
    });
}

// A file that was just opened is scanned without being asked; while it is edited, the Scan button says that the figures are old.
void DomainsPage::scanIfNeeded()
{
    CorpusScanner &scanner = workspace().scanner;
    if (!experiment().domains.empty() && !workspace().document.isModified() && !scanner.isCurrent(experiment()))
        scanner.scan(experiment());
}

void DomainsPage::refresh()
{
    const int row = m_table->currentRow();
    const auto report = workspace().scanner.report();
    const bool current = workspace().scanner.isCurrent(experiment());
    m_model->setExperiment(experiment());
    m_model->setReport(report, current);
    m_overlap->setReport(current ? report : nullptr);
    m_overlapCard->setVisible(current && m_overlap->hasOverlap());
    m_tokenizer->setCurrentIndex(m_tokenizer->findData(int(experiment().tokenizer.kind)));
    m_stack->setCurrentIndex(experiment().domains.empty() ? 1 : 0);
    m_table->showTotals();
    m_table->keepSelection(row);
    showIssues();
    showDetails();
}

void DomainsPage::showScan()
{
    const CorpusScanner &scanner = workspace().scanner;
    m_scan->setEnabled(!scanner.isScanning() && !experiment().domains.empty());
    m_model->setProgress(scanner.isScanning() ? std::optional(scanner.progress()) : std::nullopt);
}

// What the scan found wrong, in one line with the details to open and copy.
void DomainsPage::showIssues()
{
    const auto report = workspace().scanner.report();
    if (!report || !workspace().scanner.isCurrent(experiment())) {
        m_issues->hide();
        return;
    }
    QStringList lines;
    bool errors = false;
    for (const Issue &issue : report->issues) {
        if (issue.severity == Issue::Severity::Note)
            continue;
        errors = errors || issue.severity == Issue::Severity::Error;
        lines << QString::fromStdString(toString(issue));
    }
    if (lines.isEmpty())
        m_issues->hide();
    else
        m_issues->show(
            errors ? MessageBar::Kind::Error : MessageBar::Kind::Warning,
            lines.size() == 1 ? tr("The scan found an issue.") : tr("The scan found %1 issues.").arg(lines.size()),
            lines.size() == 1 ? lines.first() : tr("Open the details to read them."), lines.join(QLatin1Char('\n')));
}

void DomainsPage::showDetails()
{
    const int row = m_table->currentRow();
    const auto numSelected = m_table->selectedRows().size();
    m_split->setEnabled(numSelected == 1);
    m_merge->setEnabled(numSelected > 1);
    m_remove->setEnabled(numSelected > 0);
    m_details->setEnabled(row >= 0);
    if (row < 0) {
        m_preview->clear();
        return;
    }
    const QColor colour = domainColours(experiment())[std::size_t(row)];
    const DomainReport *report = m_model->reportOf(row);
    m_form->setDomain(experiment().domains[std::size_t(row)], colour);
    m_form->setSummary(report ? tr("%1 documents kept, %2 rejected")
                                    .arg(number::count(report->documents), number::count(report->rejected))
                              : tr("not scanned yet"));
    m_preview->setDomain(experiment(), std::size_t(row), report, colour);
}

bool DomainsPage::takeFiles(const QStringList &paths)
{
    m_commands->addSources(-1, paths);
    return true;
}

} // namespace krater
