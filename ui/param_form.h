// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/parameter.h"

#include <QWidget>

#include <span>
#include <string>
#include <vector>

class QFormLayout;

namespace krater {

// A form made from ParamSpecs: one labelled control each, with unit, range and help. Weights are set elsewhere (the mixture's bars) and get no
// control. Shows what setValues() says; what a person changes is reported.
class ParamForm : public QWidget {
    Q_OBJECT

public:
    explicit ParamForm(QWidget *parent = nullptr);

    void setSpecs(std::span<const ParamSpec> specs);
    // `fromBars`: the parameter that the mixture's bars set, empty if there is none.
    void setValues(const ParameterValues &values, const std::string &fromBars = {});
    int controlWidth() const { return m_controlWidth; } // of every control, for those that stand below the form

signals:
    void valueEdited(const std::string &name, const krater::ParameterValue &value);

private:
    struct Field {
        ParamSpec spec;
        QWidget *control = nullptr;
    };

    QWidget *createControl(const ParamSpec &spec);
    QWidget *createNumber(const ParamSpec &spec);
    QWidget *createInteger(const ParamSpec &spec);
    QWidget *createChoice(const ParamSpec &spec);
    QWidget *createMixture(const ParamSpec &spec);
    QWidget *createText(const ParamSpec &spec);
    void alignControls();
    void showMixture(const Field &field, const ParameterValue &value, bool fromBars);

    QFormLayout *m_layout;
    std::vector<Field> m_fields;
    int m_controlWidth = 0;
};

} // namespace krater
