// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/number_format.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

#include <algorithm>
#include <array>
#include <cmath>

namespace krater::number {
namespace {

const QString kNoValue = QStringLiteral("\u2013");
constexpr QChar kMinus(0x2212);
constexpr QChar kNoBreakSpace(0x00A0);

// QLocale writes a hyphen in most languages; a minus has the width of the figures.
QString withMinus(QString text)
{
    if (text.startsWith(QLatin1Char('-')))
        text.replace(0, 1, kMinus);
    return text;
}

QString threeDigits(double value, int digits)
{
    const double magnitude = std::abs(value);
    const int before = magnitude >= 100 ? 3 : magnitude >= 10 ? 2 : 1;
    return QLocale().toString(value, 'f', std::max(0, digits - before));
}

QString scaled(double value, const std::array<const char *, 5> &units, int digits)
{
    if (!std::isfinite(value))
        return kNoValue;
    std::size_t unit = 0;
    double rest = value;
    // 999.5 would be written "1000": the next unit takes over at what rounds up.
    while (std::abs(rest) >= 999.5 && unit + 1 < units.size()) {
        rest /= 1000;
        ++unit;
    }
    const bool whole = unit == 0 && rest == std::floor(rest);
    const QString figures = withMinus(whole ? QLocale().toString(rest, 'f', 0) : threeDigits(rest, digits));
    return units[unit][0] == '\0' ? figures : figures + kNoBreakSpace + QLatin1String(units[unit]);
}

} // namespace

QString count(std::uint64_t value)
{
    return QLocale().toString(qulonglong(value));
}

QString compact(double value, int digits)
{
    return scaled(value, {"", "k", "M", "G", "T"}, digits);
}

QString tokens(double value, bool exact)
{
    return exact || !std::isfinite(value) ? compact(value) : QLatin1Char('~') + compact(value);
}

QString bytes(double value)
{
    return scaled(value, {"B", "kB", "MB", "GB", "TB"}, 3);
}

QString percent(double share, int decimals)
{
    return std::isfinite(share) ? decimal(share * 100, decimals) + kNoBreakSpace + QLatin1Char('%') : kNoValue;
}

QString decimal(double value, int decimals)
{
    if (!std::isfinite(value))
        return kNoValue;
    // A loss that has run away is no figure to read digit by digit.
    constexpr double kVast = 1e5;
    constexpr double kBeyondWords = 1e15;
    if (decimals > 0 && std::abs(value) >= kVast)
        return std::abs(value) < kBeyondWords ? compact(value) : withMinus(QLocale().toString(value, 'e', 1));
    return withMinus(QLocale().toString(value, 'f', decimals));
}

QString change(double value, int decimals)
{
    if (!std::isfinite(value))
        return kNoValue;
    const QString figures = decimal(std::abs(value), decimals);
    const double shown = std::round(std::abs(value) * std::pow(10.0, decimals));
    if (shown == 0)
        return figures;
    return (value < 0 ? QString(kMinus) : QStringLiteral("+")) + figures;
}

QString epochs(double value)
{
    return decimal(value, std::abs(value) >= 10 ? 1 : 2);
}

QString duration(double seconds)
{
    if (!std::isfinite(seconds) || seconds < 0)
        return kNoValue;
    const auto tr = [](const char *text) { return QCoreApplication::translate("krater::number", text); };
    if (seconds < 59.5)
        return tr("%1 s").arg(QLocale().toString(int(std::lround(seconds))));
    const auto minutes = std::llround(seconds / 60);
    if (minutes < 60)
        return tr("%1 min").arg(QLocale().toString(minutes));
    if (minutes < 48 * 60)
        return tr("%1 h %2 min").arg(QLocale().toString(minutes / 60), QLocale().toString(minutes % 60));
    return tr("%1 d %2 h").arg(QLocale().toString(minutes / 1440), QLocale().toString(minutes % 1440 / 60));
}

QString clock(double seconds)
{
    if (!std::isfinite(seconds))
        return kNoValue;
    const auto whole = std::llround(std::max(0.0, seconds));
    const QString tail = QStringLiteral("%1:%2");
    const auto two = [](long long n) { return QStringLiteral("%1").arg(n, 2, 10, QLatin1Char('0')); };
    if (whole < 3600)
        return tail.arg(whole / 60).arg(two(whole % 60));
    return QString::number(whole / 3600) + QLatin1Char(':') + tail.arg(two(whole / 60 % 60), two(whole % 60));
}

QString relativeTime(std::int64_t unixMs)
{
    const QDateTime time = QDateTime::fromMSecsSinceEpoch(unixMs);
    const QDate today = QDate::currentDate();
    const QLocale locale;
    const QString hour = locale.toString(time.time(), QStringLiteral("HH:mm"));
    if (time.date() == today)
        return QCoreApplication::translate("krater::number", "today %1").arg(hour);
    if (time.date().year() == today.year())
        return locale.toString(time.date(), QStringLiteral("MMM d")) + QStringLiteral(", ") + hour;
    return time.date().toString(Qt::ISODate);
}

} // namespace krater::number
