// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/support/synthetic_run.h"
#include "ui/plots/crosshair_group.h"
#include "ui/plots/share_plot.h"
#include "ui/theme/theme_controller.h"
#include "ui/training/event_log.h"
#include "ui/training/event_model.h"
#include "ui/training/live_table_model.h"
#include "ui/training/plot_controls.h"
#include "ui/training/policy_model.h"
#include "ui/training/run_board.h"
#include "ui/widgets/buttons.h"

#include <qcustomplot.h>

#include <QAbstractItemModelTester>
#include <QFile>
#include <QHeaderView>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <memory>

using namespace krater;

namespace {

QString cell(const QAbstractItemModel &model, int row, int column, int role = Qt::DisplayRole)
{
    return model.index(row, column).data(role).toString();
}

} // namespace

class TestRunBoard : public QObject {
    Q_OBJECT

private slots:
    void init()
    {
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
        m_settings = std::make_unique<Settings>();
        m_settings->resetLayout();
        m_settings->setAppearance(Settings::Appearance::Light);
        m_theme = std::make_unique<ThemeController>(*m_settings);
        m_board = std::make_unique<RunBoard>();
        m_board->restoreLayout(*m_settings);
        m_board->resize(1160, 660);
        m_board->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_board.get()));
    }

    void cleanup()
    {
        m_board.reset();
        m_theme.reset();
    }

    void followsARunAsItGrows()
    {
        SyntheticRun run(400);
        m_board->setRun(run.view());
        run.advance(100);
        m_board->plots()->redrawNow();
        QCOMPARE(m_board->plots()->upper(), 100.0 * 4096);
        run.advance(100);
        m_board->plots()->redrawNow();
        QVERIFY(m_board->plots()->isFollowing());
        QCOMPARE(m_board->plots()->upper(), 200.0 * 4096);
        QVERIFY(m_board->lossPlot()->summary().contains(QStringLiteral("manual-zh from")));
        QVERIFY(m_board->sharePlot()->accessibleDescription().contains(QStringLiteral("quotes")));
    }

    void zoomEndsFollowingUntilTheButtonIsPressed()
    {
        SyntheticRun run(400);
        m_board->setRun(run.view());
        run.advance(300);
        m_board->plots()->redrawNow();
        auto *follow = findButton(QStringLiteral("Follow"));
        QVERIFY(!follow->isVisible());
        TimePlot *plot = m_board->lossPlot();
        const QPointF middle(plot->width() / 2.0, plot->height() / 2.0);
        QWidget *canvas = plot->findChild<QWidget *>();
        QWheelEvent wheel(middle, canvas->mapToGlobal(middle), {}, {0, 240}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(canvas, &wheel);
        QVERIFY(!m_board->plots()->isFollowing());
        QVERIFY(follow->isVisible());
        const double upper = m_board->plots()->upper();
        QVERIFY(upper < 300.0 * 4096);
        run.advance(50);
        m_board->plots()->redrawNow();
        QCOMPARE(m_board->plots()->upper(), upper); // new data does not move what is looked at
        QTest::mouseClick(follow, Qt::LeftButton);
        QVERIFY(m_board->plots()->isFollowing());
        QCOMPARE(m_board->plots()->upper(), 350.0 * 4096);
        QCOMPARE(m_board->plots()->lower(), 0.0);
    }

    void oneCursorRunsThroughBothPlots()
    {
        SyntheticRun run(400);
        m_board->setRun(run.view());
        run.advance(200);
        m_board->plots()->redrawNow();
        m_board->controls()->setAxis(XAxis::Step);
        emit m_board->controls()->changed();
        m_board->plots()->redrawNow();
        QSignalSpy moved(m_board->plots(), &CrosshairGroup::cursorChanged);
        m_board->sharePlot()->setFocus();
        for (int i = 0; i < 5; ++i)
            QTest::keyClick(m_board->sharePlot(), Qt::Key_Left);
        QVERIFY(moved.size() >= 4);
        QVERIFY(m_board->plots()->cursor().has_value());
        QVERIFY(*m_board->plots()->cursor() < 200);
        QTest::keyClick(m_board->sharePlot(), Qt::Key_Escape);
        QVERIFY(!m_board->plots()->cursor().has_value());
    }

    void keysZoomAndGoBack()
    {
        SyntheticRun run(400);
        m_board->setRun(run.view());
        run.advance(200);
        m_board->plots()->redrawNow();
        QTest::keyClick(m_board->lossPlot(), Qt::Key_Plus);
        QVERIFY(!m_board->plots()->isFollowing());
        QTest::keyClick(m_board->lossPlot(), Qt::Key_Home);
        QVERIFY(m_board->plots()->isFollowing());
    }

    void otherUnitsAndAxesShowTheSameRun()
    {
        SyntheticRun run(100);
        m_board->setRun(run.view());
        run.advance(100);
        for (const XAxis axis : {XAxis::Step, XAxis::Tokens, XAxis::Seconds}) {
            for (const LossUnit unit : {LossUnit::Nats, LossUnit::Bits, LossUnit::Perplexity, LossUnit::BitsPerByte}) {
                for (const bool logarithmic : {false, true}) {
                    m_board->controls()->setAxis(axis);
                    m_board->controls()->setUnit(unit);
                    m_board->controls()->setLogarithmic(logarithmic);
                    emit m_board->controls()->changed();
                    m_board->plots()->redrawNow();
                    QTest::qWait(1);
                }
            }
        }
        QCOMPARE(m_board->plots()->upper(), 30.0); // seconds
        const double nats = run.view()->latest(QString::fromLatin1(metric::kHeldOutLoss), 0);
        QCOMPARE(toUnit(nats, LossUnit::Perplexity), std::exp(nats));
        QCOMPARE(toUnit(std::log(2.0), LossUnit::Bits), 1.0);
        QCOMPARE(toUnit(std::log(2.0), LossUnit::BitsPerByte, 4.0), 0.25);
        QVERIFY(std::isnan(toUnit(nats, LossUnit::BitsPerByte)));
    }

    // The bytes come with the corpus, after the run has begun.
    void bitsPerByteAreDrawnOnceTheBytesAreKnown()
    {
        SyntheticRun run(100);
        m_board->setRun(run.view());
        m_board->controls()->setUnit(LossUnit::BitsPerByte);
        emit m_board->controls()->changed();
        run.advance(60);
        m_board->plots()->redrawNow();
        const CurvePoint measured = run.view()->curve(QString::fromLatin1(metric::kHeldOutLoss), 0).back();
        const auto shown = [&] {
            const PlotTable table = m_board->lossPlot()->table();
            for (const auto &row : table.rows)
                if (row[0] == double(measured.step))
                    return row[std::size_t(table.columns.indexOf(QStringLiteral("code")))];
            return 0.0;
        };
        QVERIFY(std::isnan(shown()));
        RunRecord record = run.view()->record();
        record.bytesPerToken.assign(record.domains.size(), 2.0);
        run.view()->setRecord(record);
        run.view()->publish();
        QCOMPARE(shown(), measured.value / (2.0 * std::log(2.0)));
    }

    void takesAnotherRunAndNone()
    {
        SyntheticRun first(100);
        SyntheticRun second(300);
        first.advance(100);
        second.advance(300);
        m_board->setRun(first.view());
        m_board->setRun(second.view());
        m_board->plots()->redrawNow();
        QCOMPARE(m_board->plots()->upper(), 300.0 * 4096);
        first.advance(10); // nobody listens any more
        m_board->setRun(nullptr);
        m_board->plots()->redrawNow();
        m_board->setRun(second.view());
        second.view()->truncate(120);
        second.view()->publish();
        m_board->plots()->redrawNow();
    }

    void recoloursWithTheTheme()
    {
        SyntheticRun run(100);
        m_board->setRun(run.view());
        run.advance(100);
        m_board->plots()->redrawNow();
        QTest::qWait(20);
        const auto ground = [&] { return m_board->lossPlot()->grab().toImage().pixelColor(3, 3); };
        QCOMPARE(ground(), Theme::light().surface);
        m_settings->setAppearance(Settings::Appearance::Dark);
        QTest::qWait(20);
        QCOMPARE(ground(), Theme::dark().surface);
    }

    void givesPictureAndData()
    {
        SyntheticRun run(60);
        m_board->setRun(run.view());
        run.advance(60);
        m_board->plots()->redrawNow();
        const PlotTable losses = m_board->lossPlot()->table();
        QCOMPARE(losses.columns.size(), 13); // step, and held-out and training of six domains
        QCOMPARE(losses.rows.size(), std::size_t(61));
        QCOMPARE(losses.rows[20][0], 20.0);
        const PlotTable shares = m_board->sharePlot()->table();
        QCOMPARE(shares.columns.size(), 13);
        QTemporaryDir folder;
        const QString svg = folder.filePath(QStringLiteral("loss.svg"));
        QVERIFY(m_board->lossPlot()->saveSvg(svg));
        QFile file(svg);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(file.readAll().contains("manual-zh"));
        const QImage picture = m_board->lossPlot()->picture(2);
        QCOMPARE(picture.width(), 2 * m_board->lossPlot()->width());
        PlotTable odd {{QStringLiteral("a,b"), QStringLiteral("c\"d")}, {{1.5, std::nan("")}}};
        QCOMPARE(TimePlot::toCsv(odd), QStringLiteral("\"a,b\",\"c\"\"d\"\n1.5,\n"));
    }

    void tableShowsNowAndThePast()
    {
        SyntheticRun run(400);
        run.advance(400);
        LiveTableModel model;
        QAbstractItemModelTester tester(&model);
        model.setRun(run.view());
        QCOMPARE(model.rowCount(), 6);
        QCOMPARE(cell(model, 3, LiveTableModel::Domain), QStringLiteral("manual-zh"));
        const Curve &loss = run.view()->curve(QString::fromLatin1(metric::kHeldOutLoss), 3);
        QCOMPARE(cell(model, 3, LiveTableModel::Loss), QString::number(loss.back().value, 'f', 3));
        QCOMPARE(model.headerData(LiveTableModel::Change, Qt::Horizontal).toString(), QStringLiteral("Δ 100"));
        model.setStep(45); // the evaluation at 40 is the last one known then
        QCOMPARE(cell(model, 3, LiveTableModel::Loss), QString::number(loss[2].value, 'f', 3));
        model.setStep(std::nullopt);
        QCOMPARE(cell(model, 3, LiveTableModel::Loss), QString::number(loss.back().value, 'f', 3));
        model.setRun(nullptr);
        QCOMPARE(model.rowCount(), 0);
    }

    void policyTermsExplainTheUpdate()
    {
        SyntheticRun run(100);
        PolicyModel model;
        QAbstractItemModelTester tester(&model);
        model.setRun(run.view());
        QVERIFY(!model.hasUpdate());
        run.advance(100);
        model.refresh();
        QVERIFY(model.hasUpdate());
        QCOMPARE(model.updateStep(), std::uint64_t(100));
        QCOMPARE(model.columnCount(), 5);
        QCOMPARE(model.headerData(1, Qt::Horizontal).toString(), QStringLiteral("H"));
        const Curve &target = run.view()->curve(QString::fromLatin1(metric::kTarget), 0);
        QCOMPARE(cell(model, 0, 3), QString::number(100 * target[99].value, 'f', 1));
        QCOMPARE(cell(model, 0, 4), QString::number(100 * target[100].value, 'f', 1));
        model.setStep(59);
        QCOMPARE(model.updateStep(), std::uint64_t(40));
    }

    void aTermThatSaysNothingNewIsLeftOut()
    {
        SyntheticRun run(100);
        run.advance(60);
        // The policy also says what it has already said, as gibbs does of "H smoothed" without smoothing.
        StepEvent again;
        again.step = 61;
        again.targetShare.assign(6, 1.0 / 6);
        again.terms = {{"H", {1, 2, 3, 4, 5, 6}}, {"H smoothed", {1, 2, 3, 4, 5, 6}}, {"log weight", {-1, -2, -3, -4, -5, -6}}};
        run.view()->apply(again);
        run.view()->publish();
        PolicyModel model;
        QAbstractItemModelTester tester(&model);
        model.setRun(run.view());
        QCOMPARE(model.updateStep(), std::uint64_t(61));
        QStringList titles;
        for (int column = 0; column < model.columnCount(); ++column)
            titles << model.headerData(column, Qt::Horizontal).toString();
        QCOMPARE(titles, QStringList({QStringLiteral("domain"), QStringLiteral("H"), QStringLiteral("log weight"),
                                      QStringLiteral("before %"), QStringLiteral("p %")}));
        QCOMPARE(cell(model, 5, 2), QStringLiteral("−6.000"));
    }

    void eventsAreNewestFirst()
    {
        SyntheticRun run(400);
        EventModel model;
        QAbstractItemModelTester tester(&model);
        model.setRun(run.view());
        QCOMPARE(model.rowCount(), 0);
        run.advance(350);
        model.refresh();
        QCOMPARE(cell(model, 0, EventModel::Step), QStringLiteral("340"));
        const int rows = model.rowCount();
        run.view()->apply(MessageEvent {MessageEvent::Kind::PolicyUpdated, 351, "p moved"});
        run.view()->publish();
        model.refresh();
        QCOMPARE(model.rowCount(), rows); // a mark on the plots, no line in the log
        QCOMPARE(marksOf(*run.view(), XAxis::Step).back().x, 351.0);
        run.view()->apply(MessageEvent {MessageEvent::Kind::Sample, 352, "Sample: once"});
        run.view()->publish();
        model.refresh();
        QCOMPARE(model.rowCount(), rows + 1); // a line, and no mark beside that of its evaluation
        QCOMPARE(marksOf(*run.view(), XAxis::Step).back().x, 351.0);
    }

    // A sample has lines of its own: it takes one until someone wants to read it.
    void aTextOfManyLinesIsFolded()
    {
        SyntheticRun run(400);
        EventModel model;
        EventLog log(model);
        log.resize(360, 300);
        log.show();
        model.setRun(run.view());
        run.advance(20);
        run.view()->apply(MessageEvent {MessageEvent::Kind::Warning, 20, "A warning of a few words that needs two lines or three in a column this narrow"});
        run.view()->apply(MessageEvent {MessageEvent::Kind::Sample, 20, "Sample: one <b>\ntwo\nthree\nfour\nfive\n"});
        run.view()->publish();
        model.refresh();
        const int line = log.verticalHeader()->defaultSectionSize();
        QTRY_VERIFY(log.rowHeight(1) > line); // read without a click
        QVERIFY(!log.isFolded(1));
        QVERIFY(log.isFolded(0));
        QCOMPARE(log.rowHeight(0), line);
        const QString tip = cell(model, 0, EventModel::Text, Qt::ToolTipRole);
        QVERIFY2(tip.contains(QStringLiteral("&lt;b&gt;")) && tip.contains(QStringLiteral("five")), qPrintable(tip));

        log.setCurrentIndex(model.index(0, 0));
        QTest::keyClick(&log, Qt::Key_Return);
        QVERIFY(!log.isFolded(0));
        QVERIFY(log.rowHeight(0) > 2 * line);
        const int unfolded = log.rowHeight(0);
        run.view()->apply(MessageEvent {MessageEvent::Kind::Info, 21, "something new"});
        run.view()->publish();
        model.refresh();
        QTRY_COMPARE(log.rowHeight(1), unfolded); // it stays open where it has moved to
        QVERIFY(!log.isFolded(1));
        const QPoint middle = log.visualRect(model.index(1, 1)).center();
        QTest::mouseClick(log.viewport(), Qt::LeftButton, {}, middle);
        QTest::mouseDClick(log.viewport(), Qt::LeftButton, {}, middle);
        QVERIFY(log.isFolded(1));
        QCOMPARE(log.rowHeight(1), line);
        run.view()->apply(MessageEvent {MessageEvent::Kind::Sample, 22, "Sample: one line\n\n"});
        run.view()->publish();
        model.refresh();
        QVERIFY(!log.isFolded(0)); // nothing to unfold
        QTRY_COMPARE(log.rowHeight(0), line);
    }

    void labelsOfTheAxisDoNotTouch()
    {
        SyntheticRun run(600);
        m_board->setRun(run.view());
        run.advance(330);
        auto *plot = m_board->lossPlot()->findChild<QCustomPlot *>();
        for (int width = 560; width < 1400; width += 35) {
            m_board->resize(width, 700);
            m_board->plots()->redrawNow();
            plot->replot(QCustomPlot::rpImmediateRefresh);
            const QFontMetricsF metrics(plot->xAxis->tickLabelFont());
            const QVector<QString> labels = plot->xAxis->tickVectorLabels();
            double end = -1e9;
            for (int tick = 0; tick < labels.size(); ++tick) {
                const double x = plot->xAxis->coordToPixel(plot->xAxis->tickVector()[tick]);
                if (labels[tick].isEmpty() || x > plot->axisRect()->right() + 1)
                    continue;
                const double half = metrics.horizontalAdvance(labels[tick]) / 2;
                QVERIFY2(x - half > end + 2, qPrintable(QStringLiteral("%1 at a width of %2").arg(labels[tick]).arg(width)));
                end = x + half;
            }
            QVERIFY(end > 0);
        }
    }

private:
    Button *findButton(const QString &text) const
    {
        for (auto *button : m_board->findChildren<Button *>()) {
            if (button->text() == text)
                return button;
        }
        return nullptr;
    }

    std::unique_ptr<Settings> m_settings;
    std::unique_ptr<ThemeController> m_theme;
    std::unique_ptr<RunBoard> m_board;
};

QTEST_MAIN(TestRunBoard)
#include "tst_run_board.moc"
