// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/domains/domain_field.h"
#include "ui/widgets/card.h"

#include <QColor>

class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLayout;
class QPlainTextEdit;

namespace krater {

class Button;
class IconButton;

// The selected domain: sources, what is left out, format, split, predicates, caps, held-out share. Shows a domain; an edit is reported as the
// changed domain when a field is left or Enter is pressed. What few domains need stands in a section that is open when the domain uses it.
class DomainForm : public Card {
    Q_OBJECT

public:
    explicit DomainForm(QWidget *parent = nullptr);

    void setDomain(const DomainConfig &domain, const QColor &colour);
    void setSummary(const QString &text); // "13 documents kept, 0 rejected"

signals:
    void domainEdited(const krater::DomainConfig &domain, const QString &what);
    void addFilesRequested();
    void addFolderRequested();
    void heightChanged(); // the section was opened or closed, or rows came and went

protected:
    bool eventFilter(QObject *watched, QEvent *event) override; // the sources' field is left

private:
    void createSources();
    void createFormat();
    void createHeldOut();
    void createReadingFields();
    void createPredicateFields();
    void createLimitFields();
    void createMoreButton();
    void setMoreOpen(bool open);
    static bool usesMore(const DomainConfig &domain);
    DomainField *makeField(DomainField::Value value);
    void finishSources();
    void showRows();
    void chooseColour();
    void report(const DomainConfig &changed, const QString &what);
    void showColour(const QColor &colour);

    DomainConfig m_domain;
    QColor m_colour;
    QFormLayout *m_form;
    IconButton *m_colourButton = nullptr;
    QPlainTextEdit *m_sources = nullptr;
    QComboBox *m_format = nullptr;
    DomainField *m_textField = nullptr;
    DomainField *m_whereField = nullptr;
    QDoubleSpinBox *m_heldOut = nullptr;
    Button *m_more = nullptr;
    std::vector<QLayout *> m_moreRows;
    DomainField *m_wherePath = nullptr;
    bool m_moreWanted = false; // the user has opened the section
    std::vector<DomainField *> m_fields;
};

} // namespace krater
