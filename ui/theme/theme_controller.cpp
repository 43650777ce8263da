// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/theme_controller.h"

#include "ui/theme/krater_style.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QEvent>
#include <QFontDatabase>
#include <QFontInfo>
#include <QStyleHints>
#include <QToolTip>

#include <algorithm>

namespace krater {
namespace {

QString firstInstalled(const QStringList &wanted)
{
    for (const QString &family : wanted) {
        if (QFontDatabase::hasFamily(family))
            return family;
    }
    return {};
}

} // namespace

QFont applicationFont()
{
    QFont font = QFontDatabase::systemFont(QFontDatabase::GeneralFont);
    // fontconfig's last resort means that no desktop has chosen a font.
    const QString resolved = QFontInfo(font).family();
    if (resolved == QStringLiteral("DejaVu Sans") || resolved.isEmpty()) {
        const QString better =
            firstInstalled({QStringLiteral("Inter"), QStringLiteral("Noto Sans"), QStringLiteral("Cantarell"),
                            QStringLiteral("Open Sans"), QStringLiteral("Liberation Sans")});
        if (!better.isEmpty())
            font.setFamily(better);
    }
    QStringList families{QFontInfo(font).family()};
    const QString cjk = firstInstalled({QStringLiteral("Noto Sans CJK SC"), QStringLiteral("Source Han Sans SC"),
                                        QStringLiteral("WenQuanYi Micro Hei")});
    if (!cjk.isEmpty())
        families << cjk;
    font.setFamilies(families);
    // 13 px is the design's; a desktop that asks for larger text gets it.
    font.setPixelSize(std::clamp(QFontInfo(font).pixelSize(), 13, 20));
#if QT_VERSION >= QT_VERSION_CHECK(6, 7, 0)
    font.setFeature("tnum", 1);
#endif
    return font;
}

ThemeController::ThemeController(Settings &settings, QObject *parent) : QObject(parent), m_settings(settings)
{
    QApplication::setStyle(new KraterStyle);
    QApplication::setFont(applicationFont());
    qApp->installEventFilter(this);
    connect(&settings, &Settings::appearanceChanged, this, &ThemeController::apply);
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    connect(QGuiApplication::styleHints(), &QStyleHints::colorSchemeChanged, this, &ThemeController::apply);
#endif
    apply();
}

bool ThemeController::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::ThemeChange && !m_applying)
        apply();
    return QObject::eventFilter(watched, event);
}

bool ThemeController::systemIsDark() const
{
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    if (QGuiApplication::styleHints()->colorScheme() != Qt::ColorScheme::Unknown)
        return QGuiApplication::styleHints()->colorScheme() == Qt::ColorScheme::Dark;
#endif
    // An empty palette gives back the desktop's own for a moment.
    QGuiApplication::setPalette(QPalette());
    return QGuiApplication::palette().color(QPalette::Window).lightness() < 128;
}

void ThemeController::apply()
{
    m_applying = true;
    const Settings::Appearance wanted = m_settings.appearance();
    const bool dark =
        wanted == Settings::Appearance::Dark || (wanted == Settings::Appearance::System && systemIsDark());
    const QPalette palette = (dark ? Theme::dark() : Theme::light()).palette();
    QApplication::setPalette(palette);
    QPalette tip = palette;
    tip.setColor(QPalette::Window, palette.color(QPalette::ToolTipBase));
    tip.setColor(QPalette::WindowText, palette.color(QPalette::ToolTipText));
    QToolTip::setPalette(tip);
    m_applying = false;
    m_dark = dark;
    emit themeChanged(dark);
}

} // namespace krater
