// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/score_choice.h"

#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>

namespace krater {
namespace {

constexpr int kWeightsWidth = 200;

using Kind = ScoreMixture::Kind;

} // namespace

ScoreChoice::ScoreChoice(QWidget *parent)
    : QWidget(parent)
    , m_choice(new QComboBox)
    , m_weights(new QLineEdit)
    , m_problem(new QLabel)
{
    auto *label = new QLabel(tr("&scored on"));
    label->setBuddy(m_choice);
    m_choice->addItem(tr("natural mixture"), int(Kind::Natural));
    m_choice->addItem(tr("uniform mixture"), int(Kind::Uniform));
    m_choice->addItem(tr("typed weights"), int(Kind::Typed));
    m_choice->setAccessibleName(tr("Fixed mixture that runs are scored on"));
    m_choice->setToolTip(
        tr("Every run's score is its held-out loss on this mixture, never on its own: that would reward easy text."));
    m_weights->setPlaceholderText(tr("code=0.5, quotes=0.5"));
    m_weights->setAccessibleName(tr("Weights that runs are scored on"));
    m_weights->setMinimumWidth(kWeightsWidth);
    m_weights->hide();
    m_problem->hide();
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    row->addWidget(label);
    row->addWidget(m_choice);
    row->addWidget(m_weights);
    row->addWidget(m_problem);
    connect(m_choice, &QComboBox::activated, this, &ScoreChoice::choose);
    connect(m_weights, &QLineEdit::editingFinished, this, &ScoreChoice::readWeights);
}

void ScoreChoice::setMixture(const ScoreMixture &mixture)
{
    m_mixture = mixture;
    const QSignalBlocker blocker(m_choice);
    m_choice->setCurrentIndex(m_choice->findData(int(mixture.kind)));
    m_weights->setVisible(mixture.kind == Kind::Typed);
    if (mixture.kind == Kind::Typed)
        m_weights->setText(QString::fromStdString(toString(mixture)));
}

void ScoreChoice::choose(int index)
{
    const Kind kind = Kind(m_choice->itemData(index).toInt());
    m_weights->setVisible(kind == Kind::Typed);
    m_problem->hide();
    if (kind != Kind::Typed) {
        use({kind, {}});
        return;
    }
    m_weights->setFocus();
    if (!m_weights->text().isEmpty())
        readWeights();
}

void ScoreChoice::readWeights()
{
    const QString text = m_weights->text().trimmed();
    if (m_choice->currentData().toInt() != int(Kind::Typed) || text.isEmpty())
        return;
    Issues issues;
    const std::optional<ScoreMixture> mixture = parseScoreMixture(text.toStdString(), issues);
    m_problem->setVisible(!mixture);
    if (mixture) {
        use(*mixture);
        return;
    }
    const QString message = issues.empty() ? tr("Write domain=weight, separated by commas.")
                                           : QString::fromStdString(issues.front().message);
    m_problem->setText(
        QStringLiteral("<span style='color:%1'>%2</span>").arg(Theme::of(this).bad.name(), message.toHtmlEscaped()));
    m_weights->setAccessibleDescription(message);
}

void ScoreChoice::use(const ScoreMixture &mixture)
{
    if (mixture == m_mixture)
        return;
    m_mixture = mixture;
    emit mixtureChanged(mixture);
}

} // namespace krater
