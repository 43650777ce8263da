// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/event_model.h"

#include "ui/theme/number_format.h"
#include "ui/widgets/item_roles.h"

namespace krater {
namespace {

Tone toneOf(MessageEvent::Kind kind)
{
    switch (kind) {
    case MessageEvent::Kind::Warning:
        return Tone::Warn;
    case MessageEvent::Kind::Error:
        return Tone::Bad;
    case MessageEvent::Kind::MixtureEdited:
    case MessageEvent::Kind::Resumed:
        return Tone::Accent;
    default:
        return Tone::Faint;
    }
}

bool isMajor(MessageEvent::Kind kind)
{
    return kind != MessageEvent::Kind::Evaluation && kind != MessageEvent::Kind::PolicyUpdated && kind != MessageEvent::Kind::Sample;
}

// Wraps long lines and keeps those that the text has. A sample may be as long as its writer likes.
QString toolTipOf(const StoredEvent &stored)
{
    constexpr int kMostLetters = 2000;
    QString text = QString::fromStdString(stored.event.text);
    if (text.size() > kMostLetters)
        text = text.first(kMostLetters) + QStringLiteral("…");
    return QStringLiteral("<div style='white-space: pre-wrap'>%1</div><div>%2</div>")
        .arg(text.toHtmlEscaped(), number::relativeTime(stored.timeMs));
}

bool isProblem(MessageEvent::Kind kind)
{
    return kind == MessageEvent::Kind::Warning || kind == MessageEvent::Kind::Error;
}

} // namespace

EventModel::EventModel(QObject *parent) : QAbstractTableModel(parent) { }

void EventModel::setRun(std::shared_ptr<RunView> run)
{
    m_run = std::move(run);
    restart();
    refresh();
}

void EventModel::restart()
{
    beginResetModel();
    m_taken = 0;
    m_shown.clear();
    endResetModel();
}

void EventModel::refresh()
{
    if (!m_run)
        return;
    const std::vector<StoredEvent> &events = m_run->events();
    if (events.size() < m_taken)
        restart();
    std::vector<std::size_t> added;
    for (; m_taken < events.size(); ++m_taken) {
        if (events[m_taken].event.kind != MessageEvent::Kind::PolicyUpdated)
            added.push_back(m_taken);
    }
    if (added.empty())
        return;
    beginInsertRows({}, 0, int(added.size()) - 1);
    m_shown.insert(m_shown.end(), added.begin(), added.end());
    endInsertRows();
}

const StoredEvent &EventModel::event(int row) const
{
    return m_run->events()[m_shown[m_shown.size() - 1 - std::size_t(row)]];
}

int EventModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_shown.size());
}

int EventModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : NumColumns;
}

QVariant EventModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || std::size_t(index.row()) >= m_shown.size())
        return {};
    const MessageEvent &message = event(index.row()).event;
    const bool isStep = index.column() == Step;
    switch (role) {
    case Qt::DisplayRole:
        return isStep ? number::count(message.step) : QString::fromStdString(message.text);
    case Qt::ToolTipRole:
        return toolTipOf(event(index.row()));
    case MarkRole:
        return int(isProblem(message.kind)     ? EventMark::Problem
                       : isMajor(message.kind) ? EventMark::Triangle
                                               : EventMark::Tick);
    case MarkToneRole:
        return int(toneOf(message.kind));
    case ToneRole:
        if (isStep)
            return int(Tone::Muted);
        return isProblem(message.kind) ? QVariant(int(toneOf(message.kind))) : QVariant();
    default:
        return {};
    }
}

QVariant EventModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == Step ? tr("step") : tr("what happened");
}

std::vector<PlotMark> marksOf(const RunView &run, XAxis axis)
{
    std::vector<PlotMark> marks;
    for (const StoredEvent &stored : run.events()) {
        const MessageEvent &message = stored.event;
        // A sample belongs to an evaluation, which has a mark of its own.
        if (message.kind != MessageEvent::Kind::Info && message.kind != MessageEvent::Kind::Sample)
            marks.push_back({run.position(message.step, axis), toneOf(message.kind), isMajor(message.kind)});
    }
    return marks;
}

} // namespace krater
