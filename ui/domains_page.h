// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/page.h"

class QComboBox;
class QSplitter;
class QStackedWidget;

namespace krater {

class Button;
class Card;
class DocumentPreview;
class DomainCommands;
class DomainForm;
class DomainsModel;
class DomainsTable;
class MessageBar;
class OverlapModel;

// The page that cuts the corpus into domains: the table, the selected domain's sources and predicates, its documents, and what the scan found.
class DomainsPage : public Page {
    Q_OBJECT

public:
    DomainsPage(Workspace &workspace, QUndoStack &undoStack, QWidget *parent = nullptr);

    QString title() const override;
    bool takeFiles(const QStringList &paths) override; // a new domain of them
    void saveLayout() override;
    void restoreLayout() override;

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void createToolRow(QVBoxLayout *column);
    QWidget *createTable();
    QWidget *createOverlapCard();
    QWidget *createDetails();
    QWidget *createEmptyState();
    void connectForm();
    void fitForm();
    void connectWorkspace();
    void refresh();
    void showScan();
    void showIssues();
    void showDetails();
    void scanIfNeeded();

    DomainCommands *m_commands;
    DomainsModel *m_model = nullptr;
    OverlapModel *m_overlap = nullptr;
    DomainsTable *m_table = nullptr;
    Card *m_overlapCard = nullptr;
    DomainForm *m_form = nullptr;
    DocumentPreview *m_preview = nullptr;
    QStackedWidget *m_stack = nullptr;
    QSplitter *m_columns = nullptr; // tables and details
    QSplitter *m_left = nullptr;    // domains above overlap
    QSplitter *m_details = nullptr; // form above preview
    bool m_detailsByHand = false;   // the user has divided them
    Button *m_split = nullptr;
    Button *m_merge = nullptr;
    Button *m_remove = nullptr;
    Button *m_scan = nullptr;
    QComboBox *m_tokenizer = nullptr;
    MessageBar *m_issues = nullptr;
};

} // namespace krater
