// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_table_model.h"

#include "app/run_library.h"

#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>
#include <utility>

namespace krater {

namespace {

using Kind = RunTableModel::Kind;

struct KindInfo {
    Kind kind;
    const char *key;
    const char *title;
    bool isText;
};
// In the order of the enumeration.
constexpr std::array<KindInfo, 15> kKinds{{
    {Kind::Name, "name", QT_TRANSLATE_NOOP("krater::RunTableModel", "run"), true},
    {Kind::Mixture, "mixture", QT_TRANSLATE_NOOP("krater::RunTableModel", "mixture, mean"), false},
    {Kind::State, "state", QT_TRANSLATE_NOOP("krater::RunTableModel", "state"), true},
    {Kind::Score, "score", QT_TRANSLATE_NOOP("krater::RunTableModel", "score"), false},
    {Kind::Difference, "difference", QT_TRANSLATE_NOOP("krater::RunTableModel", "Δ baseline"), false},
    {Kind::Loss, "loss", QT_TRANSLATE_NOOP("krater::RunTableModel", "loss"), false},
    {Kind::Distance, "distance", QT_TRANSLATE_NOOP("krater::RunTableModel", "mixture distance"), false},
    {Kind::Policy, "policy", QT_TRANSLATE_NOOP("krater::RunTableModel", "policy"), true},
    {Kind::Tokens, "tokens", QT_TRANSLATE_NOOP("krater::RunTableModel", "tokens"), false},
    {Kind::Duration, "duration", QT_TRANSLATE_NOOP("krater::RunTableModel", "duration"), false},
    {Kind::Seed, "seed", QT_TRANSLATE_NOOP("krater::RunTableModel", "seed"), false},
    {Kind::Device, "device", QT_TRANSLATE_NOOP("krater::RunTableModel", "device"), true},
    {Kind::Tags, "tags", QT_TRANSLATE_NOOP("krater::RunTableModel", "tags"), true},
    {Kind::Run, "run", QT_TRANSLATE_NOOP("krater::RunTableModel", "number"), false},
    {Kind::Started, "started", QT_TRANSLATE_NOOP("krater::RunTableModel", "started"), false},
}};

const KindInfo &info(Kind kind)
{
    return kKinds[std::size_t(kind)];
}

// The C locale compares code by code and knows no numbers.
QLocale collationLocale()
{
    return QLocale().language() == QLocale::C ? QLocale(QLocale::English) : QLocale();
}

QString joinedTags(const RunRecord &record)
{
    QStringList tags;
    for (const std::string &tag : record.tags)
        tags.append(QString::fromStdString(tag));
    return tags.join(QStringLiteral(", "));
}

bool isShownAlike(const RunRecord &a, const RunRecord &b)
{
    return a.step == b.step && a.tokens == b.tokens && a.state == b.state && a.name == b.name && a.tags == b.tags
        && a.notes == b.notes && a.seconds == b.seconds && a.device == b.device && a.domainTokens == b.domainTokens
        && a.message == b.message;
}

} // namespace

QString RunTableModel::Column::key() const
{
    const QString name = QString::fromLatin1(info(kind).key);
    return kind == Kind::Loss ? name + QLatin1Char('.') + domain : name;
}

RunTableModel::RunTableModel(RunLibrary *library, QObject *parent)
    : QAbstractTableModel(parent)
    , m_library(library)
    , m_collator(collationLocale())
{
    m_collator.setNumericMode(true); // "run 9" before "run 10"
    m_collator.setCaseSensitivity(Qt::CaseInsensitive);
    for (const KindInfo &entry : kKinds)
        if (entry.kind != Kind::Loss)
            m_columns.push_back({entry.kind, {}});
    connect(library, &RunLibrary::runsChanged, this, &RunTableModel::refresh);
    refresh();
}

int RunTableModel::rowOf(RunId run) const
{
    const auto found =
        std::find_if(m_rows.begin(), m_rows.end(), [run](const RunRow &row) { return row.record.id == run; });
    return found == m_rows.end() ? -1 : int(found - m_rows.begin());
}

int RunTableModel::columnOf(const Column &column) const
{
    const auto found = std::find(m_columns.begin(), m_columns.end(), column);
    return found == m_columns.end() ? -1 : int(found - m_columns.begin());
}

QStringList RunTableModel::domains() const
{
    QStringList names;
    for (const Column &column : m_columns)
        if (column.kind == Kind::Loss)
            names.append(column.domain);
    return names;
}

void RunTableModel::setScoreMixture(const ScoreMixture &mixture)
{
    m_mixture = mixture;
    rescore();
}

void RunTableModel::setBaseline(std::optional<RunId> run)
{
    m_baseline = run;
    rescore();
}

std::optional<RunId> RunTableModel::baseline() const
{
    const RunRow *row = baselineRow();
    return row ? std::optional(row->record.id) : std::nullopt;
}

const RunRow *RunTableModel::baselineRow() const
{
    const int row = m_baseline ? rowOf(*m_baseline) : -1;
    return row < 0 ? nullptr : &m_rows[std::size_t(row)];
}

void RunTableModel::refresh()
{
    const std::vector<RunRecord> &runs = m_library->runs();
    if (m_storeFile != m_library->storeFile())
        forget();
    const bool hadBaseline = baselineRow() != nullptr;
    addDomains(runs);
    removeGone(runs);
    insertNew(runs);
    updateChanged(runs);
    if (hadBaseline != (baselineRow() != nullptr) || m_weights != findWeights())
        rescore();
}

// Another store: the same numbers are other runs there.
void RunTableModel::forget()
{
    beginResetModel();
    m_storeFile = m_library->storeFile();
    m_rows.clear();
    std::erase_if(m_columns, [](const Column &column) { return column.kind == Kind::Loss; });
    endResetModel();
}

// New domains come behind the known ones: columns that people have arranged keep their places.
void RunTableModel::addDomains(const std::vector<RunRecord> &runs)
{
    std::set<std::string> known;
    for (const QString &domain : domains())
        known.insert(domain.toStdString());
    std::vector<Column> added;
    for (const RunRecord &run : runs)
        for (const std::string &domain : run.domains)
            if (known.insert(domain).second)
                added.push_back({Kind::Loss, QString::fromStdString(domain)});
    if (added.empty())
        return;
    const auto end = std::find_if(m_columns.rbegin(), m_columns.rend(), [](const Column &column) {
                         return column.kind <= Kind::Loss;
                     }).base();
    const int first = int(end - m_columns.begin());
    beginInsertColumns({}, first, first + int(added.size()) - 1);
    m_columns.insert(end, added.begin(), added.end());
    endInsertColumns();
}

void RunTableModel::removeGone(const std::vector<RunRecord> &runs)
{
    std::set<RunId> present;
    for (const RunRecord &run : runs)
        present.insert(run.id);
    for (int last = int(m_rows.size()) - 1; last >= 0; --last) {
        if (present.contains(row(last).record.id))
            continue;
        int first = last;
        while (first > 0 && !present.contains(row(first - 1).record.id))
            --first;
        beginRemoveRows({}, first, last);
        m_rows.erase(m_rows.begin() + first, m_rows.begin() + last + 1);
        endRemoveRows();
        last = first;
    }
}

void RunTableModel::insertNew(const std::vector<RunRecord> &runs)
{
    std::set<RunId> known;
    for (const RunRow &row : m_rows)
        known.insert(row.record.id);
    for (std::size_t first = 0; first < runs.size(); ++first) {
        std::size_t end = first;
        while (end < runs.size() && !known.contains(runs[end].id))
            ++end;
        if (end == first)
            continue;
        std::vector<RunRow> added;
        for (std::size_t index = first; index < end; ++index) {
            added.push_back(makeRow(runs[index], m_library->summaries(runs[index].id)));
            scoreRow(added.back(), m_weights, baselineRow());
        }
        beginInsertRows({}, int(first), int(end) - 1);
        m_rows.insert(m_rows.begin() + std::ptrdiff_t(first), std::make_move_iterator(added.begin()),
                      std::make_move_iterator(added.end()));
        endInsertRows();
        first = end;
    }
}

void RunTableModel::updateChanged(const std::vector<RunRecord> &runs)
{
    int first = -1, last = -1;
    for (std::size_t index = 0; index < runs.size(); ++index) {
        RunRow &row = m_rows[index];
        const auto summaries = m_library->summaries(runs[index].id);
        if (row.record.id == runs[index].id && isShownAlike(row.record, runs[index]) && row.summaries == summaries)
            continue;
        row = makeRow(runs[index], summaries);
        scoreRow(row, m_weights, baselineRow());
        first = first < 0 ? int(index) : first;
        last = int(index);
    }
    if (first < 0)
        return;
    emit dataChanged(index(first, 0), index(last, columnCount() - 1));
    const int baseline = m_baseline ? rowOf(*m_baseline) : -1;
    if (baseline >= first && baseline <= last)
        rescore();
}

// Of the baseline, or else of the newest run for which they can be told: one that failed early has no tokens.
ScoreWeights RunTableModel::findWeights() const
{
    if (const RunRow *baseline = baselineRow())
        return scoreWeights(m_mixture, baseline->record);
    for (const RunRow &row : m_rows)
        if (ScoreWeights weights = scoreWeights(m_mixture, row.record); !weights.empty())
            return weights;
    return {};
}

void RunTableModel::rescore()
{
    const RunRow *baseline = baselineRow();
    m_weights = findWeights();
    const std::optional<RunRow> fixed = baseline ? std::optional(*baseline) : std::nullopt;
    for (RunRow &row : m_rows)
        scoreRow(row, m_weights, fixed ? &*fixed : nullptr);
    if (!m_rows.empty())
        emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
    emit scoringChanged();
}

double RunTableModel::number(const RunRow &row, const Column &column) const
{
    switch (column.kind) {
    case Kind::Score:
        return row.score;
    case Kind::Difference:
        return row.scoreDifference;
    case Kind::Loss:
        return row.of(row.losses, column.domain.toStdString());
    case Kind::Mixture:
    case Kind::Distance:
        return row.mixtureDistance;
    case Kind::Tokens:
        return double(row.record.tokens);
    case Kind::Duration:
        return row.record.seconds;
    case Kind::Seed:
        return double(row.record.seed);
    case Kind::Run:
        return double(row.record.id);
    case Kind::Started:
        return double(row.record.createdMs);
    default:
        return RunRow::kMissing;
    }
}

QString RunTableModel::text(const RunRow &row, const Column &column) const
{
    switch (column.kind) {
    case Kind::Name:
        return QString::fromStdString(row.record.name);
    case Kind::State:
        return QString::fromLatin1(toString(row.record.state).data());
    case Kind::Policy:
        return QString::fromStdString(row.record.policy);
    case Kind::Device:
        return QString::fromStdString(row.record.device);
    case Kind::Tags:
        return joinedTags(row.record);
    default:
        return {};
    }
}

bool RunTableModel::isMissing(int row, int column) const
{
    const Column &which = m_columns[std::size_t(column)];
    const RunRow &run = m_rows[std::size_t(row)];
    if (info(which.kind).isText)
        return text(run, which).isEmpty();
    const double value = number(run, which);
    return value != value;
}

bool RunTableModel::isLess(int left, int right, int column) const
{
    const Column &which = m_columns[std::size_t(column)];
    const RunRow &a = m_rows[std::size_t(left)];
    const RunRow &b = m_rows[std::size_t(right)];
    if (!info(which.kind).isText)
        return number(a, which) < number(b, which);
    return m_collator.compare(text(a, which), text(b, which)) < 0;
}

int RunTableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int RunTableModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_columns.size());
}

QVariant RunTableModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid) || (role != Qt::DisplayRole && role != Qt::EditRole))
        return {};
    const Column &column = m_columns[std::size_t(index.column())];
    const RunRow &run = row(index.row());
    if (info(column.kind).isText)
        return text(run, column);
    const double value = number(run, column);
    return value == value ? QVariant(value) : QVariant();
}

QVariant RunTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount() || role != Qt::DisplayRole)
        return {};
    const Column &column = m_columns[std::size_t(section)];
    return column.kind == Kind::Loss ? column.domain : tr(info(column.kind).title);
}

Qt::ItemFlags RunTableModel::flags(const QModelIndex &index) const
{
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (index.isValid() && m_columns[std::size_t(index.column())].kind == Kind::Name && m_library->isWritable())
        flags |= Qt::ItemIsEditable;
    return flags;
}

bool RunTableModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    const QString name = value.toString().trimmed();
    if (role != Qt::EditRole || !flags(index).testFlag(Qt::ItemIsEditable) || name.isEmpty())
        return false;
    if (name != data(index, Qt::EditRole).toString())
        emit renameRequested(row(index.row()).record.id, name); // the window makes it undoable
    return true;
}

} // namespace krater
