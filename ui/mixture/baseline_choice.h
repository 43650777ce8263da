// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_library.h"
#include "core/mixture/mixture.h"

#include <QComboBox>

#include <optional>
#include <string>
#include <vector>

namespace krater {

// Which mixture the ghost marks of the Mixture page show: the natural or the uniform one, the last one of a saved run with the same domains, or none.
// Lists the store's runs itself. UI thread.
class BaselineChoice : public QComboBox {
    Q_OBJECT

public:
    struct Run {
        RunId id = 0;
        QString text;
    };

    explicit BaselineChoice(RunLibrary &library, QWidget *parent = nullptr);

    // `tokens`: K training tokens, 0 where not counted.
    void setDomains(const std::vector<std::string> &domains, const std::vector<double> &tokens);

    std::optional<Mixture> mixture() const;
    QString problem() const; // why there is no mixture although one is chosen; else empty
    std::vector<Run> runs() const;

signals:
    void mixtureChanged();

private:
    void list();
    bool tokensKnown() const;

    RunLibrary &m_library;
    std::vector<std::string> m_domains;
    std::vector<double> m_tokens;
};

} // namespace krater
