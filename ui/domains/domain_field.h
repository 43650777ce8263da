// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"

#include <QLineEdit>

namespace krater {

QString joined(const std::vector<std::string> &parts, const QString &separator);
std::vector<std::string> split(const QString &text, QChar separator); // trimmed, without empty ones

// A line of text bound to one value of a domain. Reports the changed domain when it is left or Enter is pressed; what cannot be a value goes back.
class DomainField : public QLineEdit {
    Q_OBJECT

public:
    enum class Value { Exclude, TextField, Split, WhereText, WherePath, WhereField, MinLength, MaxLength, MaxDocuments, MaxBytes };

    explicit DomainField(Value value, QWidget *parent = nullptr);

    void setDomain(const DomainConfig &domain);

signals:
    void domainEdited(const krater::DomainConfig &domain);

private:
    QString shownText() const; // of the value as it is
    void finish();

    Value m_value;
    DomainConfig m_domain;
};

} // namespace krater
