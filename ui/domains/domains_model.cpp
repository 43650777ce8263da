// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/domains/domains_model.h"

#include "ui/theme/domain_colours.h"
#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/widgets/item_roles.h"

#include <QMimeData>
#include <QUrl>

#include <algorithm>
#include <limits>

namespace krater {

namespace {

const QString kRowMimeType = QStringLiteral("application/x-krater-domain-row");

QString joined(const std::vector<std::string> &parts)
{
    QStringList texts;
    for (const std::string &part : parts)
        texts << QString::fromStdString(part);
    return texts.join(QStringLiteral(", "));
}

bool concerns(const Issue &issue, const std::string &domain)
{
    return issue.domain == domain && issue.severity != Issue::Severity::Note;
}

} // namespace

DomainsModel::DomainsModel(QObject *parent) : QAbstractTableModel(parent) { }

void DomainsModel::setExperiment(const Experiment &experiment)
{
    const bool sameRows = experiment.domains.size() == m_experiment.domains.size();
    if (!sameRows)
        beginResetModel();
    m_experiment = experiment;
    m_colours = domainColours(experiment);
    if (!sameRows)
        endResetModel();
    else if (rowCount() > 0)
        emit dataChanged(index(0, 0), index(rowCount() - 1, NumColumns - 1));
}

void DomainsModel::setReport(std::shared_ptr<const CorpusReport> report, bool current)
{
    m_report = std::move(report);
    m_current = current;
    if (rowCount() > 0)
        emit dataChanged(index(0, Documents), index(rowCount() - 1, State));
}

void DomainsModel::setProgress(std::optional<CorpusProgress> progress)
{
    m_progress = std::move(progress);
    if (rowCount() > 0)
        emit dataChanged(index(0, State), index(rowCount() - 1, State));
}

// By name, so that figures of the last scan survive adding and reordering.
const DomainReport *DomainsModel::reportOf(int row) const
{
    if (!m_report || row < 0 || row >= rowCount())
        return nullptr;
    const auto found =
        std::ranges::find(m_report->domains, m_experiment.domains[std::size_t(row)].name, &DomainReport::name);
    return found == m_report->domains.end() ? nullptr : &*found;
}

int DomainsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_experiment.domains.size());
}

int DomainsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(NumColumns);
}

double DomainsModel::shareOf(int row) const
{
    double total = 0;
    for (int other = 0; other < rowCount(); ++other)
        if (const DomainReport *report = reportOf(other))
            total += report->tokens;
    const DomainReport *report = reportOf(row);
    return report && total > 0 ? report->tokens / total : std::numeric_limits<double>::quiet_NaN();
}

QString DomainsModel::text(int row, int column) const
{
    const DomainConfig &domain = m_experiment.domains[std::size_t(row)];
    if (column == Name)
        return QString::fromStdString(domain.name);
    if (column == State)
        return stateText(row);
    if (column == HeldOut)
        return number::percent(domain.heldOut, domain.heldOut * 100 == int(domain.heldOut * 100) ? 0 : 1);
    const DomainReport *report = reportOf(row);
    if (!report)
        return QStringLiteral("–");
    switch (column) {
    case Documents:
        return number::count(report->documents);
    case Bytes:
        return number::bytes(double(report->bytes));
    case Tokens:
        return number::tokens(report->tokens, report->exact);
    case Share:
        return number::percent(shareOf(row));
    default:
        return {};
    }
}

QString DomainsModel::stateText(int row) const
{
    const std::string &name = m_experiment.domains[std::size_t(row)].name;
    if (m_progress && m_progress->domain == name)
        return tr("Scanning");
    if (m_progress)
        return tr("Waiting");
    const DomainReport *report = reportOf(row);
    if (!report)
        return tr("Not scanned");
    if (!m_current)
        return tr("Changed");
    const auto numProblems =
        std::ranges::count_if(m_report->issues, [&](const Issue &issue) { return concerns(issue, name); });
    return numProblems == 0 ? tr("Ready") : numProblems == 1 ? tr("1 issue") : tr("%1 issues").arg(numProblems);
}

QString DomainsModel::toolTip(int row) const
{
    const DomainConfig &domain = m_experiment.domains[std::size_t(row)];
    QStringList lines{joined(domain.sources)};
    if (m_report && m_current)
        for (const Issue &issue : m_report->issues)
            if (concerns(issue, domain.name))
                lines << QString::fromStdString(issue.message);
    constexpr int kMostLines = 12;
    if (lines.size() > kMostLines)
        lines = lines.mid(0, kMostLines) << QStringLiteral("…");
    return lines.join(QLatin1Char('\n'));
}

QVariant DomainsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const int row = index.row();
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return text(row, column);
    case Qt::EditRole:
        return column == Name ? text(row, column) : QVariant();
    case Qt::TextAlignmentRole:
        return int((column == Name || column == State || column == Share ? Qt::AlignLeft : Qt::AlignRight)
                   | Qt::AlignVCenter);
    case Qt::ToolTipRole:
        return toolTip(row);
    case ColourRole:
        return m_colours[std::size_t(row)];
    case DetailRole:
        return column == Name ? joined(m_experiment.domains[std::size_t(row)].sources) : QVariant();
    case ShareRole:
        return column == Share ? shareOf(row) : QVariant();
    case ToneRole: {
        const QString state = column == State ? text(row, column) : QString();
        if (column == State)
            return int(state == tr("Ready")                            ? Tone::Muted
                           : reportOf(row) && m_current && !m_progress ? Tone::Warn
                                                                       : Tone::Muted);
        return int(column == Name || m_current ? Tone::Text : Tone::Faint);
    }
    default:
        return {};
    }
}

bool DomainsModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    const QString name = value.toString().trimmed();
    if (role != Qt::EditRole || index.column() != Name || name.isEmpty() || name == text(index.row(), Name))
        return false;
    emit renamed(index.row(), name);
    return true;
}

QVariant DomainsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((section == Name || section == State || section == Share ? Qt::AlignLeft : Qt::AlignRight)
                   | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("domain");
    case Documents:
        return tr("documents");
    case Bytes:
        return tr("bytes");
    case Tokens:
        return tr("tokens");
    case Share:
        return tr("share of corpus");
    case HeldOut:
        return tr("held-out");
    case State:
        return tr("state");
    default:
        return {};
    }
}

Qt::ItemFlags DomainsModel::flags(const QModelIndex &index) const
{
    if (!index.isValid())
        return Qt::ItemIsDropEnabled; // between and below the rows
    Qt::ItemFlags flags = QAbstractTableModel::flags(index) | Qt::ItemIsDropEnabled | Qt::ItemIsDragEnabled;
    if (index.column() == Name)
        flags |= Qt::ItemIsEditable;
    return flags;
}

QStringList DomainsModel::mimeTypes() const
{
    return {kRowMimeType, QStringLiteral("text/uri-list")};
}

QMimeData *DomainsModel::mimeData(const QModelIndexList &indexes) const
{
    auto *data = new QMimeData;
    if (!indexes.isEmpty())
        data->setData(kRowMimeType, QByteArray::number(indexes.first().row()));
    return data;
}

bool DomainsModel::canDropMimeData(const QMimeData *data, Qt::DropAction, int, int, const QModelIndex &) const
{
    return data->hasFormat(kRowMimeType) || data->hasUrls();
}

// Reports the move instead of making it: the change goes through undo. Returning false keeps the view from removing the source row.
bool DomainsModel::dropMimeData(const QMimeData *data, Qt::DropAction, int row, int, const QModelIndex &parent)
{
    if (data->hasUrls()) {
        QStringList paths;
        for (const QUrl &url : data->urls())
            if (url.isLocalFile())
                paths << url.toLocalFile();
        emit filesDropped(parent.isValid() ? parent.row() : -1, paths);
        return false;
    }
    bool ok = false;
    const int from = data->data(kRowMimeType).toInt(&ok);
    if (!ok || from < 0 || from >= rowCount())
        return false;
    int to = parent.isValid() ? parent.row() : row < 0 ? rowCount() - 1 : row > from ? row - 1 : row;
    to = std::clamp(to, 0, rowCount() - 1);
    if (to != from)
        emit moved(from, to);
    return false;
}

} // namespace krater
