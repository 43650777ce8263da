// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/mixture/mixture_editor.h"
#include "ui/page.h"

class QDoubleSpinBox;
class QStackedWidget;

namespace krater {

class BaselineChoice;
class Button;
class Card;
class EmptyState;
class MeaningCard;
class MessageBar;
class MixtureDesign;
class PolicyCard;
class PolicyPreview;
class SegmentedControl;

// The page that sets the mixture and the policy that moves it: the instrument, presets, what the mixture means, the policy.
class MixturePage : public Page {
    Q_OBJECT

public:
    MixturePage(Workspace &workspace, QUndoStack &undoStack, QWidget *parent = nullptr);

    QString title() const override;

private:
    void createToolRow(QVBoxLayout *column);
    void createCards(QVBoxLayout *column);
    QWidget *createLeftColumn();
    QWidget *createRightColumn();
    void createPresets();
    void connectWorkspace();
    void refresh();
    void showDesign(const MixtureDesign &design);
    void describeEditor(const MixtureDesign &design);
    void showRunStrip();
    void offerRuns();
    std::vector<MixtureEditor::Row> rowsOf(const MixtureDesign &design) const;
    std::vector<double> tokens() const; // K, 0 where not counted
    void choosePreset(int segment);
    void setFromRun(RunId run, bool mean);
    void showRunMenu();
    void paste();
    void copy();
    void applyToRun();

    QStackedWidget *m_stack = nullptr;
    SegmentedControl *m_presets = nullptr;
    QDoubleSpinBox *m_temperature = nullptr;
    Button *m_fromRun = nullptr;
    SegmentedControl *m_units = nullptr;
    BaselineChoice *m_baseline = nullptr;
    Card *m_editorCard = nullptr;
    MixtureEditor *m_editor = nullptr;
    EmptyState *m_noMixture = nullptr;
    MeaningCard *m_meaning = nullptr;
    PolicyCard *m_policy = nullptr;
    PolicyPreview *m_preview = nullptr;
    MessageBar *m_runStrip = nullptr;
};

} // namespace krater
