// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mixture/mixture_design.h"

#include <QColor>
#include <QString>
#include <QWidget>

#include <optional>
#include <vector>

class QDoubleSpinBox;
class QGridLayout;
class QLabel;
class QToolButton;

namespace krater {

class ColourSwatch;
class EpochMeter;
class MixtureBar;
class ShareSlider;

// The instrument: one row per domain with a lock, a bar with a handle, a typed number and an epoch meter. The bars always sum to 1: what one domain gains,
// the unlocked rest gives in proportion. Shows what setMixture() says; an edit is reported with its stroke and changes nothing by itself.
class MixtureEditor : public QWidget {
    Q_OBJECT

public:
    enum class Unit { Percent, Tokens, Epochs };

    struct Row {
        QString name;
        QColor colour;
        double tokens = 0;   // available; 0 unknown
        double epochs = 0;   // NaN unknown
        double baseline = 0; // NaN: none
    };

    explicit MixtureEditor(QWidget *parent = nullptr);

    void setMixture(const Mixture &mixture, const std::vector<Row> &rows, double tokenBudget);
    void setUnit(Unit unit);
    // Editing needs an editable mixture; when it is not, rows are shown but still.
    void setEditable(bool editable);

signals:
    // `gesture` (EditCommand::nextGesture) is the same for all changes of one drag, typed number or held key.
    void mixtureEdited(const krater::Mixture &mixture, int gesture);

private:
    struct RowWidgets {
        QString name;
        QToolButton *lock = nullptr;
        ColourSwatch *swatch = nullptr;
        QLabel *label = nullptr;
        ShareSlider *slider = nullptr;
        QDoubleSpinBox *number = nullptr;
        EpochMeter *meter = nullptr;
    };

    void rebuild(const std::vector<Row> &rows);
    RowWidgets createRow(int index, const Row &row);
    void connectRow(const RowWidgets &row, std::size_t domain);
    void showRow(std::size_t domain, const Row &row);
    void showNumber(std::size_t domain);
    void showWhole(const std::vector<Row> &rows);
    void edit(std::size_t domain, double share);
    void updateLocks();
    double shareFromNumber(std::size_t domain, double number) const;

    MixtureBar *m_whole; // all shares in one bar
    QGridLayout *m_grid;
    std::vector<RowWidgets> m_rows;
    std::vector<double> m_tokens;
    std::optional<Mixture> m_mixture;
    std::vector<bool> m_locked;
    double m_tokenBudget = 0;
    Unit m_unit = Unit::Percent;
    bool m_editable = true;
    int m_gesture = 0;
};

} // namespace krater
