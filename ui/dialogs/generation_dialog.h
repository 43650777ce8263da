// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/text_generator.h"

#include <QDialog>
#include <QElapsedTimer>

class QComboBox;
class QDoubleSpinBox;
class QPlainTextEdit;
class QSpinBox;

namespace krater {

class Button;
class ElidedLabel;
class MessageBar;

// Lets a stored run's model go on with a text, token by token as it comes. Does not block the window. UI thread only.
class GenerationDialog : public QDialog {
    Q_OBJECT

public:
    GenerationDialog(EngineLoader &engine, const QString &store, const RunRecord &run, QWidget *parent = nullptr);

    static QString obstacle(const RunRecord &run); // why it has no model to try; empty if it has one

protected:
    void changeEvent(QEvent *event) override;

private:
    QWidget *makePrompt();
    QWidget *makeFields();
    QWidget *makeText();
    QWidget *makeButtons();
    void generate();
    void showState();
    void showText(const QString &text);
    void colourPrompt();
    void showEnd(const GeneratedText &text);

    TextGenerator m_generator;
    QString m_store;
    RunId m_run;
    QPlainTextEdit *m_prompt;
    QComboBox *m_checkpoint;
    QSpinBox *m_tokens, *m_topK, *m_seed;
    QDoubleSpinBox *m_temperature;
    QPlainTextEdit *m_text; // the prompt and what follows
    ElidedLabel *m_status;
    MessageBar *m_message;
    Button *m_generate, *m_stop, *m_copy;
    int m_promptLength = 0; // characters at the beginning of the text
    QElapsedTimer m_clock; // since the model was ready
    QString m_model;       // "step 400 on CPU, 2 threads"
};

} // namespace krater
