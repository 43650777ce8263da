// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/domain_colours.h"
#include "ui/theme/icons.h"
#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/theme/theme_controller.h"

#include <QApplication>
#include <QFile>
#include <QLabel>
#include <QSignalSpy>
#include <QTest>

#include <array>
#include <cmath>
#include <limits>

using namespace krater;

namespace {

using Linear = std::array<double, 3>;

Linear linear(const QColor &colour)
{
    const auto channel = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    return {channel(colour.redF()), channel(colour.greenF()), channel(colour.blueF())};
}

// Ottosson, "A perceptual color space for image processing" (OKLab), 2020.
Linear okLab(const Linear &c)
{
    const auto root = [](double v) { return std::cbrt(std::max(0.0, v)); };
    const double l = root(0.4122214708 * c[0] + 0.5363325363 * c[1] + 0.0514459929 * c[2]);
    const double m = root(0.2119034982 * c[0] + 0.6806995451 * c[1] + 0.1073969566 * c[2]);
    const double s = root(0.0883024619 * c[0] + 0.2817188376 * c[1] + 0.6299787005 * c[2]);
    return {0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s, 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

// Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color vision deficiency", 2009, severity 1.
using Matrix = std::array<Linear, 3>;
constexpr std::array<Matrix, 4> kVisions {{
    {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
    {{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}},
    {{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}},
    {{{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}},
}};

double distance(const QColor &a, const QColor &b, const Matrix &vision)
{
    const auto seen = [&](const QColor &colour) {
        const Linear c = linear(colour);
        Linear out {};
        for (std::size_t row = 0; row < 3; ++row)
            out[row] = vision[row][0] * c[0] + vision[row][1] * c[1] + vision[row][2] * c[2];
        return okLab(out);
    };
    const Linear x = seen(a);
    const Linear y = seen(b);
    return std::hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]);
}

} // namespace

class TestTheme : public QObject {
    Q_OBJECT

private slots:
    void textIsReadable_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }

    void textIsReadable()
    {
        QFETCH(bool, dark);
        const Theme &theme = dark ? Theme::dark() : Theme::light();
        for (const QColor &ground : {theme.window, theme.surface, theme.rowSelected}) {
            QVERIFY(contrastRatio(theme.text, ground) >= 7);
            QVERIFY(contrastRatio(theme.muted, ground) >= 4.3);
        }
        QVERIFY(contrastRatio(theme.onAccent, theme.accent) >= 4.5);
        QVERIFY(contrastRatio(theme.accent, theme.accentSoft) >= 4.5);
        for (const QColor &colour : domainPalette())
            QVERIFY(contrastRatio(theme.readable(colour), theme.surface) >= 4.5);
    }

    void domainColoursKeepTheirDistance()
    {
        const auto palette = domainPalette();
        for (const Matrix &vision : kVisions) {
            for (std::size_t i = 0; i < palette.size(); ++i) {
                for (std::size_t j = 0; j < i; ++j)
                    QVERIFY2(distance(palette[i], palette[j], vision) >= 0.07,
                             qPrintable(palette[i].name() + QLatin1Char(' ') + palette[j].name()));
            }
        }
        for (std::size_t i = 6; i < palette.size(); ++i) { // the first six are Okabe and Ito's
            QVERIFY(contrastRatio(palette[i], Theme::light().surface) >= 3);
            QVERIFY(contrastRatio(palette[i], Theme::dark().surface) >= 3);
        }
    }

    void domainsGetColoursThatNobodyHas()
    {
        Experiment experiment;
        experiment.domains.resize(3);
        experiment.domains[1].colour = "#0072B2"; // the palette's first
        const auto colours = domainColours(experiment);
        QCOMPARE(colours[1], QColor(0x00, 0x72, 0xB2));
        QCOMPARE(colours[0], domainPalette()[1]);
        QCOMPARE(colours[2], domainPalette()[2]);
        QCOMPARE(nextDomainColour(experiment), std::string("#CC79A7"));
        experiment.domains.resize(40);
        QCOMPARE(domainColours(experiment).size(), std::size_t(40));
        QVERIFY(domainColours(experiment).back().isValid());
        QCOMPARE(domainColours({"not a colour"}, 1)[0], domainPalette()[0]);
    }

    void followsTheSettings()
    {
        Settings settings;
        settings.setAppearance(Settings::Appearance::Light);
        ThemeController controller(settings);
        QSignalSpy changed(&controller, &ThemeController::themeChanged);
        QVERIFY(!Theme::current().isDark);
        QLabel label;
        settings.setAppearance(Settings::Appearance::Dark);
        QCOMPARE(changed.size(), 1);
        QVERIFY(controller.isDark());
        QTRY_VERIFY(Theme::of(&label).isDark);
        QCOMPARE(label.palette().color(QPalette::Window), Theme::dark().window);
        settings.setAppearance(Settings::Appearance::Light);
        QTRY_VERIFY(!Theme::of(&label).isDark);
        QVERIFY(QApplication::font().pixelSize() >= 13);
    }

    void iconsFollowThePalette()
    {
        Settings settings;
        settings.setAppearance(Settings::Appearance::Light);
        ThemeController controller(settings);
        const QIcon start = icon(QStringLiteral("start"));
        const auto ink = [&] { return start.pixmap(QSize(24, 24)).toImage().pixelColor(12, 12); };
        QCOMPARE(ink().rgb(), Theme::light().text.rgb());
        settings.setAppearance(Settings::Appearance::Dark);
        QCOMPARE(ink().rgb(), Theme::dark().text.rgb());
        settings.setAppearance(Settings::Appearance::Light);
    }

    void writesNumbersAsPeopleReadThem_data()
    {
        QTest::addColumn<QString>("found");
        QTest::addColumn<QString>("wanted");
        const auto row = [](const char *name, const QString &found, const char *wanted) {
            QTest::newRow(name) << found << QString::fromUtf8(wanted);
        };
        QLocale::setDefault(QLocale::c());
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
        row("count", number::count(29326), "29,326");
        row("millions", number::compact(9.21e6), "9.21\u00a0M");
        row("small", number::compact(812), "812");
        row("run away", number::decimal(18'137'480.585, 3), "18.1\u00a0M");
        row("run away by far", number::change(2e20, 3), "+2.0E+20");
        row("rounds up to the next unit", number::compact(999'700), "1.00\u00a0M");
        row("estimate", number::tokens(21.1e6, false), "~21.1\u00a0M");
        row("bytes", number::bytes(28.1e6), "28.1\u00a0MB");
        row("percent", number::percent(0.168), "16.8\u00a0%");
        row("fall", number::change(-0.0211, 3), "\u22120.021");
        row("rise", number::change(0.045, 3), "+0.045");
        row("no change", number::change(-0.0001, 3), "0.000");
        row("no value", number::decimal(std::numeric_limits<double>::quiet_NaN(), 2), "\u2013");
        row("seconds", number::duration(44.6), "45 s");
        row("minutes", number::duration(372), "6 min");
        row("hours", number::duration(7800), "2 h 10 min");
        row("axis", number::clock(3661), "1:01:01");
        row("infinite", number::duration(std::numeric_limits<double>::infinity()), "\u2013");
    }

    void writesNumbersAsPeopleReadThem()
    {
        QFETCH(QString, found);
        QFETCH(QString, wanted);
        QCOMPARE(found, wanted);
    }
};

QTEST_MAIN(TestTheme)
#include "tst_theme.moc"
