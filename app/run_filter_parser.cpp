// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_filter_parser.h"

#include "app/run_filter_fields.h"
#include "core/mixture/policy_registry.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace krater {

namespace {

using Operator = FilterComparison::Operator;

constexpr std::array<std::pair<QStringView, Operator>, 11> kOperators{{
    {u"<=", Operator::LessOrEqual},
    {u">=", Operator::GreaterOrEqual},
    {u"!=", Operator::NotEqual},
    {u"<>", Operator::NotEqual},
    {u"==", Operator::Equal},
    {u"≤", Operator::LessOrEqual},
    {u"≥", Operator::GreaterOrEqual},
    {u"=", Operator::Equal},
    {u"<", Operator::Less},
    {u">", Operator::Greater},
    {u"~", Operator::Contains},
}};

// Length of the operator that stands at `start`, 0 if there is none.
int operatorLength(const QString &text, int start)
{
    for (const auto &[symbol, op] : kOperators)
        if (QStringView(text).mid(start).startsWith(symbol))
            return int(symbol.size());
    return 0;
}

bool isQuote(QChar character)
{
    return character == QLatin1Char('"') || character == QLatin1Char('\'');
}

bool isSymbol(QChar character)
{
    return character == QLatin1Char('&') || character == QLatin1Char('|') || character == QLatin1Char('!');
}

// "1.5", "1e6", "10%", "8M": a plain number, a percentage, or one with k, M or G for thousands.
std::optional<double> numberFrom(const QString &text)
{
    constexpr std::array<std::pair<char, double>, 5> kSuffixes{
        {{'%', 0.01}, {'k', 1e3}, {'K', 1e3}, {'M', 1e6}, {'G', 1e9}}};
    QString digits = text;
    digits.replace(QChar(0x2212), QLatin1Char('-')); // the minus sign that the window shows
    double scale = 1;
    for (const auto &[suffix, value] : kSuffixes)
        if (digits.endsWith(QLatin1Char(suffix))) {
            scale = value;
            digits.chop(1);
            break;
        }
    bool valid = false;
    const double number = digits.toDouble(&valid); // always with a decimal point, like the experiment file
    if (!valid || !std::isfinite(number))
        return {};
    return number * scale;
}

QString suggestion(const QString &name, const QStringList &known)
{
    std::vector<std::string> names;
    for (const QString &entry : known)
        names.push_back(entry.toStdString());
    const QString nearest = QString::fromStdString(nearestName(name.toStdString(), names));
    return nearest.isEmpty() ? QString() : QLatin1Char(' ') + FilterParser::tr("Did you mean “%1”?").arg(nearest);
}

} // namespace

bool isFilterExpression(const QString &text)
{
    QChar quote;
    for (int position = 0; position < text.size(); ++position) {
        const QChar character = text[position];
        if (!quote.isNull())
            quote = character == quote ? QChar() : quote;
        else if (isQuote(character))
            quote = character;
        else if (operatorLength(text, position) > 0)
            return true;
    }
    return false;
}

FilterParser::FilterParser(const QString &text, const QStringList &domains) : m_domains(domains)
{
    tokenise(text);
}

void FilterParser::tokenise(const QString &text)
{
    int position = 0;
    while (position < text.size()) {
        const QChar character = text[position];
        if (character.isSpace()) {
            ++position;
        } else if (character == QLatin1Char('(') || character == QLatin1Char(')')) {
            const auto kind = character == QLatin1Char('(') ? Token::Kind::Open : Token::Kind::Close;
            m_tokens.push_back({kind, QString(character), position, 1});
            ++position;
        } else if (const int length = operatorLength(text, position); length > 0) {
            m_tokens.push_back({Token::Kind::Operator, text.mid(position, length), position, length});
            position += length;
        } else if (isQuote(character)) {
            position = readQuoted(text, position);
        } else {
            position = readWord(text, position);
        }
    }
    m_tokens.push_back({Token::Kind::End, {}, int(text.size()), 0});
}

int FilterParser::readQuoted(const QString &text, int start)
{
    const qsizetype end = text.indexOf(text[start], start + 1);
    const int length = int(end < 0 ? text.size() : end + 1) - start;
    m_tokens.push_back(
        {Token::Kind::Text, text.mid(start + 1, (end < 0 ? text.size() : end) - start - 1), start, length});
    if (end < 0)
        fail(m_tokens.back(), tr("The closing quote is missing."));
    return start + length;
}

// A word goes on to the next space, bracket, operator or quote; "loss." takes the quoted name of a domain behind it.
int FilterParser::readWord(const QString &text, int start)
{
    int end = start;
    while (end < text.size() && !text[end].isSpace() && !isQuote(text[end]) && text[end] != QLatin1Char('(')
           && text[end] != QLatin1Char(')') && operatorLength(text, end) == 0
           && isSymbol(text[end]) == isSymbol(text[start]))
        ++end;
    Token word{Token::Kind::Word, text.mid(start, end - start), start, end - start};
    if (end < text.size() && isQuote(text[end]) && word.text.endsWith(QLatin1Char('.'))) {
        end = readQuoted(text, end);
        word.text += m_tokens.back().text;
        word.length = end - start;
        m_tokens.pop_back();
    }
    m_tokens.push_back(word);
    return end;
}

FilterNode FilterParser::parse()
{
    FilterNode root = parseAny(0);
    if (current().kind == Token::Kind::Close)
        fail(current(), tr("This bracket was never opened."));
    else if (current().kind != Token::Kind::End)
        fail(current(), tr("“and” or “or” is missing before “%1”.").arg(current().text));
    return root;
}

FilterNode FilterParser::parseAny(int depth)
{
    FilterNode node{FilterNode::Kind::Any, {}, {}};
    do
        node.parts.push_back(parseAll(depth));
    while (!m_problem && acceptWord("or", "||"));
    return node;
}

FilterNode FilterParser::parseAll(int depth)
{
    FilterNode node{FilterNode::Kind::All, {}, {}};
    do
        node.parts.push_back(parseFactor(depth));
    while (!m_problem && acceptWord("and", "&&"));
    return node;
}

FilterNode FilterParser::parseFactor(int depth)
{
    if (depth > kMaxDepth) {
        fail(current(), tr("The condition is nested too deeply."));
        return {};
    }
    if (acceptWord("not", "!")) {
        FilterNode node{FilterNode::Kind::Not, {}, {}};
        node.parts.push_back(parseFactor(depth + 1));
        return node;
    }
    if (current().kind != Token::Kind::Open)
        return parseComparison();
    const Token open = take();
    FilterNode inside = parseAny(depth + 1);
    if (current().kind == Token::Kind::Close)
        take();
    else
        fail(open, tr("The closing bracket is missing."));
    return inside;
}

FilterNode FilterParser::parseComparison()
{
    FilterNode node{FilterNode::Kind::Comparison, {}, {}};
    parseField(take(), node.comparison);
    if (!m_problem)
        parseOperator(take(), node.comparison);
    if (!m_problem)
        parseValue(take(), node.comparison);
    return node;
}

void FilterParser::parseField(const Token &token, FilterComparison &comparison)
{
    if (token.kind != Token::Kind::Word) {
        fail(token, tr("A field is missing here, such as policy or loss.code."));
        return;
    }
    const qsizetype dot = token.text.indexOf(QLatin1Char('.'));
    const QString name = token.text.left(dot < 0 ? token.text.size() : dot);
    const QString domain = dot < 0 ? QString() : token.text.mid(dot + 1);
    const FilterField *field = findFilterField(name);
    if (!field) {
        QStringList known = RunFilter::fields();
        known.replaceInStrings(QStringLiteral("."), QString());
        fail(token, tr("There is no field “%1”.").arg(name) + suggestion(name, known));
    } else if (field->domainNumber && domain.isEmpty()) {
        fail(token, tr("“%1” needs a domain: %1.%2").arg(name, m_domains.value(0, QStringLiteral("code"))));
    } else if (!field->domainNumber && dot >= 0) {
        fail(token, tr("“%1” is not told per domain.").arg(name));
    } else if (field->domainNumber && !m_domains.contains(domain)) {
        fail(token, tr("No run has a domain “%1”.").arg(domain) + suggestion(domain, m_domains));
    }
    comparison.field = field;
    comparison.domain = domain.toStdString();
}

void FilterParser::parseOperator(const Token &token, FilterComparison &comparison)
{
    const auto known = std::find_if(kOperators.begin(), kOperators.end(),
                                    [&](const auto &entry) { return token.text == entry.first; });
    if (token.kind != Token::Kind::Operator || known == kOperators.end()) {
        fail(token, tr("An operator is missing here: = != < <= > >= or ~ (contains)."));
        return;
    }
    comparison.op = known->second;
    const bool isText = bool(comparison.field->texts);
    const bool isTextOperator =
        comparison.op == Operator::Equal || comparison.op == Operator::NotEqual || comparison.op == Operator::Contains;
    if (isText && !isTextOperator)
        fail(token,
             tr("“%1” is text: compare it with =, != or ~ (contains).")
                 .arg(QString::fromLatin1(comparison.field->name)));
    else if (!isText && comparison.op == Operator::Contains)
        fail(token, tr("~ looks inside text, and “%1” is a number.").arg(QString::fromLatin1(comparison.field->name)));
}

void FilterParser::parseValue(const Token &token, FilterComparison &comparison)
{
    if (token.kind != Token::Kind::Word && token.kind != Token::Kind::Text) {
        fail(token, tr("A value is missing here."));
        return;
    }
    comparison.text = token.text;
    if (comparison.field->texts)
        return;
    if (comparison.field->timeMs) {
        const QDate day = QDate::fromString(token.text, QStringLiteral("yyyy-MM-dd"));
        comparison.wholeDay = day.isValid();
        comparison.time = day.isValid() ? day.startOfDay() : QDateTime::fromString(token.text, Qt::ISODate);
        if (!comparison.time.isValid())
            fail(token, tr("“%1” is no date: write 2026-01-31 or 2026-01-31T14:00.").arg(token.text));
        return;
    }
    const std::optional<double> number = numberFrom(token.text);
    if (!number)
        fail(token, tr("“%1” is no number: write 2.1, 10%, 8M or 1e6.").arg(token.text));
    comparison.number = number.value_or(0);
}

bool FilterParser::acceptWord(const char *word, const char *symbol)
{
    if (current().kind != Token::Kind::Word)
        return false;
    const bool matches = current().text.compare(QLatin1String(word), Qt::CaseInsensitive) == 0
        || current().text == QLatin1String(symbol);
    if (matches)
        take();
    return matches;
}

FilterParser::Token FilterParser::take()
{
    const Token token = current();
    if (m_next + 1 < m_tokens.size())
        ++m_next;
    return token;
}

// The first problem is the one to tell.
void FilterParser::fail(const Token &token, const QString &message)
{
    if (!m_problem)
        m_problem = FilterProblem{token.position, std::max(1, token.length), message};
}

} // namespace krater
