// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/details_tab.h"

#include "ui/compare/run_command.h"
#include "ui/theme/number_format.h"
#include "ui/widgets/card.h"
#include "ui/widgets/value_list.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QUndoStack>
#include <QVBoxLayout>

namespace krater {
namespace {

QString text(const std::string &value)
{
    return value.empty() ? QStringLiteral("–") : QString::fromStdString(value);
}

QString joined(const std::vector<std::string> &tags)
{
    QStringList list;
    for (const std::string &tag : tags)
        list << QString::fromStdString(tag);
    return list.join(QStringLiteral(", "));
}

void push(QUndoStack &stack, QUndoCommand *command)
{
    if (command)
        stack.push(command);
}

} // namespace

DetailsTab::DetailsTab(RunLibrary &library, QUndoStack &undoStack, QWidget *parent)
    : QWidget(parent)
    , m_library(library)
    , m_undoStack(undoStack)
    , m_header(new SectionHeader(QString()))
    , m_message(new QLabel)
    , m_outcome(new ValueList)
    , m_origin(new ValueList)
    , m_tags(new QLineEdit)
    , m_notes(new QPlainTextEdit)
{
    createFields();
    auto *facts = new QWidget;
    auto *columns = new QHBoxLayout(facts);
    columns->setContentsMargins(look::kGap, look::kGrid, look::kGap, look::kGap);
    columns->setSpacing(32);
    columns->addWidget(m_outcome, 1, Qt::AlignTop);
    columns->addWidget(m_origin, 1, Qt::AlignTop);
    auto *scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setWidget(facts);
    scroll->viewport()->setAutoFillBackground(false);
    facts->setAutoFillBackground(false);

    auto *editor = new QVBoxLayout;
    editor->setContentsMargins(0, 0, look::kGap, look::kGrid);
    editor->setSpacing(look::kGrid);
    auto *tagsLabel = new QLabel(tr("&Tags"));
    tagsLabel->setBuddy(m_tags);
    auto *notesLabel = new QLabel(tr("&Notes"));
    notesLabel->setBuddy(m_notes);
    editor->addWidget(tagsLabel);
    editor->addWidget(m_tags);
    editor->addSpacing(look::kGrid);
    editor->addWidget(notesLabel);
    editor->addWidget(m_notes, 1);

    auto *row = new QHBoxLayout;
    row->setSpacing(look::kGap);
    row->addWidget(scroll, 3);
    row->addLayout(editor, 2);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(look::kGrid);
    column->addWidget(m_header);
    m_message->setContentsMargins(look::kGap, 0, look::kGap, look::kGrid);
    column->addWidget(m_message);
    column->addLayout(row, 1);
    connect(&library, &RunLibrary::runsChanged, this, &DetailsTab::refresh);
    refresh();
}

void DetailsTab::createFields()
{
    m_message->setWordWrap(true);
    m_message->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_tags->setPlaceholderText(tr("separated by commas"));
    m_tags->setAccessibleName(tr("Tags of the run"));
    m_notes->setPlaceholderText(tr("What was this run for, and what came out?"));
    m_notes->setAccessibleName(tr("Notes on the run"));
    m_notes->setTabChangesFocus(true);
    m_notes->installEventFilter(this);
    connect(m_tags, &QLineEdit::editingFinished, this, &DetailsTab::saveTags);
}

void DetailsTab::addToHeader(QWidget *widget)
{
    m_header->add(widget);
}

void DetailsTab::setRun(RunId run)
{
    if (run == m_run)
        return;
    saveNotes(); // of the run that is left
    m_run = run;
    const QSignalBlocker tagsBlocker(m_tags), notesBlocker(m_notes);
    m_tags->clear();
    m_notes->clear();
    m_tags->setModified(false);
    m_notes->document()->setModified(false);
    refresh();
}

void DetailsTab::refresh()
{
    const RunRecord *run = m_library.run(m_run);
    setEnabled(run != nullptr);
    m_header->setHeading(run ? QString::fromStdString(run->name) : tr("No run is selected"));
    m_header->setHint(run ? tr("run %1, %2").arg(m_run).arg(QString::fromLatin1(toString(run->state).data()))
                          : QString());
    m_message->setVisible(run && !run->message.empty());
    if (!run)
        return;
    m_message->setText(QString::fromStdString(run->message));
    showFacts(*run);
    // What is being typed stays; an undo elsewhere or another program is shown.
    if (!m_tags->hasFocus() && m_tags->text() != joined(run->tags))
        m_tags->setText(joined(run->tags));
    const QString notes = QString::fromStdString(run->notes);
    if (!m_notes->document()->isModified() && m_notes->toPlainText() != notes) {
        m_notes->setPlainText(notes);
        m_notes->document()->setModified(false);
    }
    m_tags->setReadOnly(!m_library.isWritable());
    m_notes->setReadOnly(!m_library.isWritable());
}

void DetailsTab::showFacts(const RunRecord &run)
{
    m_outcome->setValue(tr("Steps"), tr("%1 of %2").arg(number::count(run.step), number::count(run.numSteps)));
    m_outcome->setValue(
        tr("Tokens"), tr("%1 of %2").arg(number::tokens(double(run.tokens)), number::tokens(double(run.tokenBudget))));
    m_outcome->setValue(tr("Training time"), number::duration(run.seconds));
    m_outcome->setValue(tr("Started"), number::relativeTime(run.createdMs));
    m_outcome->setValue(tr("Finished"),
                        run.finishedMs > 0 ? number::relativeTime(run.finishedMs) : QStringLiteral("–"));
    m_outcome->setValue(tr("Policy"), text(run.policy));
    m_outcome->setValue(tr("Seed"), number::count(run.seed));
    m_outcome->setValue(tr("Parameters"),
                        run.parameters > 0 ? number::compact(double(run.parameters)) : QStringLiteral("–"));
    m_origin->setValue(tr("Experiment file"), text(std::filesystem::path(run.experimentFile).filename().string()),
                       Tone::Text, QString::fromStdString(run.experimentFile));
    m_origin->setValue(tr("Device"), text(run.device));
    m_origin->setValue(tr("Precision"), text(run.precision));
    m_origin->setValue(tr("Engine"), text(run.engine));
    m_origin->setValue(tr("Host"), text(run.host));
    m_origin->setValue(tr("Krater"), text(run.programVersion));
    m_origin->setValue(tr("Commit"), text(run.gitCommit));
    m_origin->setValue(tr("Corpus"), text(run.corpusHash.substr(0, 12)));
}

void DetailsTab::saveTags()
{
    QStringList tags;
    for (const QString &tag : m_tags->text().split(QLatin1Char(','), Qt::SkipEmptyParts))
        if (!tag.trimmed().isEmpty())
            tags << tag.trimmed();
    push(m_undoStack, tagsCommand(m_library, m_run, tags));
}

void DetailsTab::saveNotes()
{
    if (!m_notes->document()->isModified())
        return;
    m_notes->document()->setModified(false);
    push(m_undoStack, notesCommand(m_library, m_run, m_notes->toPlainText()));
}

// Notes are saved when the field is left: one step of undo for one sitting.
bool DetailsTab::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_notes && (event->type() == QEvent::FocusOut || event->type() == QEvent::Hide))
        saveNotes();
    return QWidget::eventFilter(watched, event);
}

} // namespace krater
