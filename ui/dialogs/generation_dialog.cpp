// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/generation_dialog.h"

#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/message_bar.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QShortcut>
#include <QSpinBox>
#include <QVBoxLayout>

#include <limits>

namespace krater {
namespace {

constexpr int kPromptLines = 4;

QSpinBox *makeSpinBox(int least, int most, int value, const QString &toolTip)
{
    auto *box = new QSpinBox;
    box->setRange(least, most);
    box->setValue(value);
    box->setToolTip(toolTip);
    return box;
}

} // namespace

GenerationDialog::GenerationDialog(EngineLoader &engine, const QString &store, const RunRecord &run, QWidget *parent)
    : QDialog(parent)
    , m_generator(engine)
    , m_store(store)
    , m_run(run.id)
    , m_prompt(new QPlainTextEdit)
    , m_checkpoint(new QComboBox)
    , m_text(new QPlainTextEdit)
    , m_status(new ElidedLabel({}, TextRole::Small, Tone::Muted))
    , m_message(new MessageBar)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Try %1 (run %2)").arg(QString::fromStdString(run.name)).arg(run.id));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(look::kPageMargin, look::kPageMargin, look::kPageMargin, look::kPageMargin);
    column->setSpacing(look::kGap);
    column->addWidget(makePrompt());
    column->addWidget(makeFields());
    column->addWidget(m_message);
    column->addWidget(makeText(), 1);
    column->addWidget(makeButtons());
    m_message->dismiss();
    resize(680, 620);

    connect(&m_generator, &TextGenerator::stateChanged, this, &GenerationDialog::showState);
    connect(&m_generator, &TextGenerator::modelLoaded, this, [this](quint64 step, const QString &device, const QStringList &notes) {
        m_model = tr("step %1 on %2").arg(number::count(step), device);
        m_clock.start();
        if (!notes.isEmpty())
            m_message->show(MessageBar::Kind::Warning, notes.join(QStringLiteral(". ")));
        showState();
    });
    connect(&m_generator, &TextGenerator::textAdded, this, &GenerationDialog::showText);
    connect(&m_generator, &TextGenerator::finished, this, &GenerationDialog::showEnd);
    connect(&m_generator, &TextGenerator::failed, this, [this](const QString &message, const QString &advice) {
        m_status->setText({});
        m_message->show(MessageBar::Kind::Error, message, advice);
    });
    showState();
    m_prompt->setFocus();
}

// A model is kept as soon as it is made, before its first step.
QString GenerationDialog::obstacle(const RunRecord &run)
{
    if (run.parameters > 0)
        return {};
    return isActive(run.state) ? tr("The run has no checkpoint yet.")
                               : tr("The run ended before its first checkpoint: it has no model to try.");
}

QWidget *GenerationDialog::makePrompt()
{
    auto *part = new QWidget;
    auto *label = new QLabel(tr("&Prompt"));
    label->setBuddy(m_prompt);
    m_prompt->setPlaceholderText(tr("What the text goes on from; the beginning of a document if there is none"));
    m_prompt->setAccessibleName(tr("Prompt"));
    m_prompt->setTabChangesFocus(true);
    m_prompt->setFixedHeight(kPromptLines * m_prompt->fontMetrics().lineSpacing() + 14);
    auto *column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(look::kGrid);
    column->addWidget(label);
    column->addWidget(m_prompt);
    return part;
}

QWidget *GenerationDialog::makeFields()
{
    m_checkpoint->addItems({tr("newest"), tr("best")});
    m_checkpoint->setToolTip(tr("Which checkpoint of the run: the newest, or the one with the lowest held-out loss"));
    m_tokens = makeSpinBox(1, int(kMaxGeneratedTokens), 200, tr("The most tokens to generate; the model may end the document before"));
    m_temperature = new QDoubleSpinBox;
    m_temperature->setRange(0, 100);
    m_temperature->setSingleStep(0.1);
    m_temperature->setValue(0.8);
    m_temperature->setToolTip(tr("Below 1 likely tokens become likelier; 0 always takes the likeliest"));
    m_topK = makeSpinBox(0, 65'536, 0, tr("Draw among so many of the likeliest tokens only"));
    m_topK->setSpecialValueText(tr("all"));
    m_seed = makeSpinBox(0, std::numeric_limits<int>::max(), 0, tr("Another one gives another text; the same one the same"));

    auto *part = new QWidget;
    auto *grid = new QGridLayout(part);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(look::kGap);
    grid->setVerticalSpacing(look::kGrid);
    const std::pair<QString, QWidget *> fields[] = {
        {tr("&Checkpoint"), m_checkpoint}, {tr("&Tokens"), m_tokens}, {tr("Te&mperature"), m_temperature}, {tr("Top-&k"), m_topK}, {tr("&Seed"), m_seed}};
    int position = 0;
    for (const auto &[text, field] : fields) {
        auto *label = new QLabel(text);
        label->setBuddy(field);
        QString name = text;
        field->setAccessibleName(name.remove(QLatin1Char('&')));
        grid->addWidget(label, 0, position);
        grid->addWidget(field, 1, position);
        grid->setColumnStretch(position++, 1);
    }
    return part;
}

QWidget *GenerationDialog::makeText()
{
    auto *part = new QWidget;
    auto *label = new QLabel(tr("Te&xt"));
    label->setBuddy(m_text);
    m_text->setReadOnly(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_text->setAccessibleName(tr("Generated text"));
    m_text->setPlaceholderText(tr("What the model writes comes here."));
    auto *column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(look::kGrid);
    column->addWidget(label);
    column->addWidget(m_text, 1);
    column->addWidget(m_status);
    return part;
}

QWidget *GenerationDialog::makeButtons()
{
    m_generate = new Button(tr("&Generate"), QStringLiteral("start"), ButtonKind::Primary);
    m_generate->setToolTip(tr("Let the model go on from the prompt (Ctrl+Return)"));
    m_stop = new Button(tr("St&op"), QStringLiteral("stop"));
    m_copy = new Button(tr("Cop&y text"), QStringLiteral("copy"));
    m_generate->setDefault(true);
    for (QPushButton *button : {m_stop, m_copy})
        button->setAutoDefault(false);
    for (const auto &keys : {Qt::CTRL | Qt::Key_Return, Qt::CTRL | Qt::Key_Enter})
        connect(new QShortcut(QKeySequence(keys), this), &QShortcut::activated, m_generate, &QPushButton::click);
    connect(m_generate, &QPushButton::clicked, this, &GenerationDialog::generate);
    connect(m_stop, &QPushButton::clicked, &m_generator, &TextGenerator::cancel);
    connect(m_copy, &QPushButton::clicked, this, [this] { QApplication::clipboard()->setText(m_text->toPlainText()); });

    auto *part = new QWidget;
    auto *row = new QHBoxLayout(part);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(look::kGap);
    row->addStretch(1);
    row->addWidget(m_copy);
    row->addWidget(m_stop);
    row->addWidget(m_generate);
    return part;
}

void GenerationDialog::generate()
{
    m_message->dismiss();
    m_text->clear();
    showText(m_prompt->toPlainText());
    m_promptLength = int(m_prompt->toPlainText().size());
    colourPrompt();
    TextGenerator::Request request;
    request.store = m_store;
    request.run = m_run;
    request.best = m_checkpoint->currentIndex() == 1;
    request.prompt = m_prompt->toPlainText();
    request.config.maxTokens = std::size_t(m_tokens->value());
    request.config.temperature = m_temperature->value();
    request.config.topK = std::size_t(m_topK->value());
    request.config.seed = std::uint64_t(m_seed->value());
    m_generator.generate(request);
}

void GenerationDialog::showState()
{
    const TextGenerator::State state = m_generator.state();
    m_generate->setEnabled(state == TextGenerator::State::Idle);
    m_stop->setEnabled(state != TextGenerator::State::Idle);
    if (state == TextGenerator::State::Loading)
        m_status->setText(tr("Loading the model…"));
    else if (state == TextGenerator::State::Generating)
        m_status->setText(tr("Generating: %1").arg(m_model));
    m_copy->setEnabled(!m_text->document()->isEmpty());
}

// Scrolls only if the end was in view.
void GenerationDialog::showText(const QString &text)
{
    QScrollBar *bar = m_text->verticalScrollBar();
    const bool follows = bar->value() == bar->maximum();
    QTextCursor end(m_text->document());
    end.movePosition(QTextCursor::End);
    end.insertText(text, QTextCharFormat());
    if (follows)
        bar->setValue(bar->maximum());
    m_copy->setEnabled(!m_text->document()->isEmpty());
}

// Muted, so that it is seen what the model wrote.
void GenerationDialog::colourPrompt()
{
    QTextCharFormat format;
    format.setForeground(Theme::of(this).muted);
    QTextCursor prompt(m_text->document());
    prompt.setPosition(m_promptLength, QTextCursor::KeepAnchor);
    prompt.setCharFormat(format);
}

void GenerationDialog::changeEvent(QEvent *event)
{
    QDialog::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_promptLength > 0)
        colourPrompt();
}

void GenerationDialog::showEnd(const GeneratedText &text)
{
    const double seconds = double(m_clock.isValid() ? m_clock.elapsed() : 0) / 1000.0;
    QString how;
    switch (text.end) {
    case GeneratedText::End::Document:
        how = tr("The model ended the document after %1 tokens").arg(number::count(text.numTokens));
        break;
    case GeneratedText::End::Length:
        how = tr("%1 tokens").arg(number::count(text.numTokens));
        break;
    case GeneratedText::End::Cancelled:
        how = tr("Stopped after %1 tokens").arg(number::count(text.numTokens));
        break;
    }
    if (seconds > 0 && text.numTokens > 0)
        how += tr(", %1 tokens/s").arg(number::compact(double(text.numTokens) / seconds));
    m_status->setText(m_model.isEmpty() ? how : how + QStringLiteral(" · ") + m_model);
}

} // namespace krater
