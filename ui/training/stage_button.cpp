// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/stage_button.h"

#include "ui/run_state_text.h"
#include "ui/theme/icons.h"
#include "ui/theme/number_format.h"
#include "ui/theme/style_painter.h"

#include <QEvent>
#include <QPainter>

#include <algorithm>
#include <utility>

namespace krater {
namespace {

constexpr int kMark = 18;
constexpr int kPadding = 10;
constexpr int kMarkGap = 8; // between mark and text
constexpr int kRoleGap = 6; // between name and role
constexpr int kChevron = 12; // room of the arrow from the stage before

// How a state looks: its word, its tone, and the icon of its mark.
struct StateLook {
    QString text;
    Tone tone;
    QString icon;
};

StateLook lookOf(const std::optional<RunRecord> &run, double share)
{
    if (!run)
        return {StageButton::tr("waiting"), Tone::Muted, {}};
    const QString step = number::count(run->step);
    const QString percent = number::percent(share, 0);
    switch (run->state) {
    case RunState::Preparing:
        return {StageButton::tr("preparing"), Tone::Accent, {}};
    case RunState::Running:
    case RunState::Pausing:
    case RunState::Stopping:
        return {percent, Tone::Accent, {}};
    case RunState::Paused:
        return {StageButton::tr("paused at %1").arg(percent), Tone::Accent, QStringLiteral("pause")};
    case RunState::Done:
        return {StageButton::tr("done"), Tone::Good, QStringLiteral("done")};
    case RunState::Stopped:
        return {StageButton::tr("stopped at %1").arg(step), Tone::Warn, QStringLiteral("stop")};
    case RunState::Interrupted:
        return {StageButton::tr("interrupted at %1").arg(step), Tone::Warn, QStringLiteral("warning")};
    case RunState::Diverged:
        return {StageButton::tr("diverged at %1").arg(step), Tone::Bad, QStringLiteral("error")};
    case RunState::Failed:
        return {StageButton::tr("failed at %1").arg(step), Tone::Bad, QStringLiteral("error")};
    }
    return {};
}

QString takenBy(const StageConfig &stage)
{
    const auto from = [](const std::string &name) { return QString::fromStdString(name); };
    QStringList lines;
    if (!stage.weights.from.empty())
        lines << StageButton::tr("Starts from the weights of “%1”.").arg(from(stage.weights.from));
    if (!stage.mixture.from.empty())
        lines << (stage.mixture.take == StageMixture::Take::Average
                      ? StageButton::tr("Trains on the average mixture of “%1”.")
                      : StageButton::tr("Trains on the final mixture of “%1”."))
                     .arg(from(stage.mixture.from));
    if (!stage.reference.from.empty())
        lines << StageButton::tr("Compares its losses with those of “%1”.").arg(from(stage.reference.from));
    return lines.isEmpty() ? StageButton::tr("Takes nothing from other stages.") : lines.join(QLatin1Char('\n'));
}

} // namespace

StageButton::StageButton(int number, int numStages, QWidget *parent)
    : QAbstractButton(parent)
    , m_number(number)
    , m_numStages(numStages)
{
    setFocusPolicy(Qt::TabFocus);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
}

void StageButton::setStage(const StageConfig &stage)
{
    m_name = QString::fromStdString(stage.name);
    m_role = roleText(stage.role);
    if (stage.name == toString(stage.role))
        m_name = std::exchange(m_role, {});
    m_taken = takenBy(stage);
    updateGeometry();
    describe();
}

void StageButton::setRun(const std::optional<RunRecord> &run, bool shown)
{
    m_share = run && run->numSteps > 0 ? std::min(1.0, double(run->step) / double(run->numSteps)) : 0;
    const StateLook look = lookOf(run, m_share);
    m_run = run ? run->id : 0;
    m_shown = shown;
    m_icon = look.icon;
    m_tone = look.tone;
    if (m_state != look.text) {
        m_state = look.text;
        updateGeometry();
        describe();
    }
    update();
}

void StageButton::describe()
{
    const QString title = tr("Stage %1 of %2, %3").arg(m_number).arg(m_numStages).arg(m_name);
    setText(title);
    setAccessibleName(title);
    setAccessibleDescription(m_state + QStringLiteral(". ") + m_taken);
    QStringList lines{m_role.isEmpty() ? title : tr("%1 (%2)").arg(title, m_role), m_taken, m_state};
    if (m_run != 0)
        lines.back() = tr("Run %1: %2").arg(m_run).arg(m_state);
    setToolTip(lines.join(QLatin1Char('\n')));
}

int StageButton::textLeft() const
{
    return (m_number > 1 ? kChevron : 0) + kPadding + kMark + kMarkGap;
}

QSize StageButton::sizeHint() const
{
    const QFontMetrics strong(textFont(TextRole::Strong, this)), body(textFont(TextRole::Body, this)),
        small(textFont(TextRole::Small, this));
    int title = strong.horizontalAdvance(tr("%1 %2").arg(m_number).arg(m_name));
    if (!m_role.isEmpty())
        title += kRoleGap + body.horizontalAdvance(m_role);
    const int state = std::max(small.horizontalAdvance(m_state), small.horizontalAdvance(number::percent(1, 0)));
    return {textLeft() + std::max(title, state) + 1 + kPadding, strong.height() + small.height() + 10};
}

QSize StageButton::minimumSizeHint() const
{
    return {textLeft() + kPadding, sizeHint().height()}; // the mark alone says how far it is
}

void StageButton::drawMark(QPainter &painter, const QRectF &circle) const
{
    const Theme &theme = Theme::of(this);
    const QColor ink = theme.tone(m_tone);
    if (!m_icon.isEmpty()) {
        painter.drawPixmap(circle.topLeft(), iconPixmap(m_icon, ink, kMark, devicePixelRatioF()));
        return;
    }
    constexpr qreal kPen = 2.5;
    const QRectF ring = circle.adjusted(2, 2, -2, -2);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(m_run != 0 ? theme.line : theme.faint, m_run != 0 ? kPen : 1.5));
    painter.drawEllipse(ring);
    painter.setPen(QPen(ink, kPen, Qt::SolidLine, Qt::FlatCap));
    if (m_run != 0)
        painter.drawArc(ring, 90 * 16, -int(std::max(0.02, m_share) * 360 * 16)); // clockwise from the top
}

void StageButton::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme &theme = Theme::of(this);
    const int chevron = m_number > 1 ? kChevron : 0;
    const QRect box = rect().adjusted(chevron, 0, 0, 0);
    if (m_shown || isDown())
        style::drawBox(&painter, box, theme.isDark ? theme.line : theme.rowSelected, Qt::transparent, look::kControlRadius);
    else if (underMouse() && m_run != 0)
        style::drawBox(&painter, box, theme.rowHover, Qt::transparent, look::kControlRadius);
    if (chevron > 0)
        style::drawChevron(&painter, QRectF(0, 0, chevron, height()), Qt::RightArrow, theme.faint);
    drawMark(painter, QRectF(box.left() + kPadding, (height() - kMark) / 2.0, kMark, kMark));

    const QFont strong = textFont(TextRole::Strong, this), body = textFont(TextRole::Body, this), small = textFont(TextRole::Small, this);
    const int lineHeight = QFontMetrics(strong).height();
    QRect line(textLeft(), 5, width() - textLeft() - kPadding, lineHeight);
    const QString title = QFontMetrics(strong).elidedText(tr("%1 %2").arg(m_number).arg(m_name), Qt::ElideRight, line.width());
    painter.setFont(strong);
    painter.setPen(m_run != 0 ? theme.text : theme.muted);
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, title);
    painter.setFont(small);
    painter.setPen(theme.readable(theme.tone(m_tone)));
    painter.drawText(line.translated(0, lineHeight).adjusted(0, 0, 0, QFontMetrics(small).height() - lineHeight), Qt::AlignLeft | Qt::AlignVCenter,
                     QFontMetrics(small).elidedText(m_state, Qt::ElideRight, line.width()));
    line.setLeft(line.left() + QFontMetrics(strong).horizontalAdvance(title) + kRoleGap);
    if (!m_role.isEmpty() && line.width() > 0) {
        painter.setFont(body);
        painter.setPen(theme.muted);
        painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, QFontMetrics(body).elidedText(m_role, Qt::ElideRight, line.width()));
    }
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange))
        style::drawFocusRing(&painter, box, theme, look::kControlRadius);
}

void StageButton::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        updateGeometry();
    QAbstractButton::changeEvent(event);
}

} // namespace krater
