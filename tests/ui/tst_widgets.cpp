// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/settings.h"
#include "ui/theme/theme_controller.h"
#include "ui/training/event_log.h"
#include "ui/training/event_model.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/column_fit.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/segmented_control.h"
#include "ui/widgets/value_table.h"
#include "ui/widgets/wrap_layout.h"

#include <QHeaderView>
#include <QStandardItemModel>
#include <QTest>
#include <QVBoxLayout>

#include <memory>

using namespace krater;

// What every page relies on: controls keep their width, columns fit what stands in them.
class TestWidgets : public QObject {
    Q_OBJECT

private slots:
    void init()
    {
        m_settings = std::make_unique<Settings>();
        m_theme = std::make_unique<ThemeController>(*m_settings);
    }

    void cleanup() { m_theme.reset(); }

    void aNarrowRowWrapsAndSquashesNothing()
    {
        Row row;
        row.show(900);
        QCOMPARE(row.end->y(), row.start->y());
        QCOMPARE(row.end->geometry().right(), row.widget.width() - 1); // the second group stands at the right edge
        row.show(row.start->width() + row.end->width() - 20);
        QVERIFY(row.end->y() > row.start->geometry().bottom());
        QCOMPARE(row.end->x(), 0);
        for (QWidget *control : {static_cast<QWidget *>(row.start), static_cast<QWidget *>(row.end)})
            QVERIFY2(control->width() >= control->sizeHint().width(), "a control is narrower than it wants to be");
        for (const auto *segment : row.start->findChildren<QAbstractButton *>())
            QVERIFY(segment->width() >= segment->fontMetrics().horizontalAdvance(segment->text()));
    }

    void whatIsSecondaryGoesFirst()
    {
        Row row;
        row.layout->addOptional(row.hint);
        row.show(900);
        QVERIFY(row.hint->width() > 0);
        row.show(row.start->width() + row.end->width() + 20);
        QCOMPARE(row.end->y(), row.start->y()); // one line, without the hint
        QCOMPARE(row.hint->width(), 0);
    }

    void figuresAreNeverCut()
    {
        Table table;
        table.show(600);
        for (int column = 0; column < 4; ++column)
            QVERIFY(!table.view.isColumnHidden(column));
        QCOMPARE(table.view.horizontalHeader()->length(), table.view.viewport()->width());
        table.show(260);
        QVERIFY(table.view.isColumnHidden(2)); // the one that is wanted least
        QVERIFY(!table.view.isColumnHidden(3));
        QVERIFY(table.view.columnWidth(3) >= table.needed(3));
        QVERIFY(table.view.horizontalHeader()->length() <= table.view.viewport()->width());
        table.show(600);
        QVERIFY(!table.view.isColumnHidden(2));
    }

    void columnsGrowWithTheirFigures()
    {
        Table table;
        table.show(600);
        const int before = table.view.columnWidth(3);
        table.model.setItem(0, 3, new QStandardItem(QStringLiteral("−1,234,567.890")));
        QTRY_VERIFY(table.view.columnWidth(3) > before);
        QVERIFY(table.view.columnWidth(3) >= table.needed(3));
    }

    void anEventShowsItsWholeText()
    {
        QStandardItemModel model(0, EventModel::NumColumns);
        EventLog log(model);
        const QString text = QStringLiteral("The learning rate is so high that the loss of the domain “encyclopedia” has risen");
        model.appendRow({new QStandardItem(QStringLiteral("12")), new QStandardItem(text)});
        model.appendRow({new QStandardItem(QStringLiteral("8")), new QStandardItem(QStringLiteral("Short"))});
        log.resize(320, 200);
        log.show();
        QVERIFY(QTest::qWaitForWindowExposed(&log));
        const int line = log.fontMetrics().height();
        QTRY_VERIFY(log.rowHeight(0) >= 2 * line);
        QVERIFY(log.rowHeight(1) < 2 * line);
        log.resize(900, 200);
        QTRY_VERIFY(log.rowHeight(0) < 2 * line);
    }

    void aCutLabelSaysTheRestAndTheHelp()
    {
        ElidedLabel label(QStringLiteral("Fewest sequences a step"));
        label.setHelp(QStringLiteral("Expected"));
        label.resize(300, 24);
        label.grab();
        QCOMPARE(label.toolTip(), QStringLiteral("Expected"));
        label.resize(60, 24);
        label.grab();
        QCOMPARE(label.toolTip(), QStringLiteral("Fewest sequences a step\nExpected"));
    }

private:
    // Two groups of controls, as the pages have them.
    struct Row {
        Row()
        {
            auto *column = new QVBoxLayout(&widget);
            column->setContentsMargins(0, 0, 0, 0);
            layout->addWidget(start);
            layout->beginEndGroup();
            layout->addWidget(end);
            column->addLayout(layout);
            column->addStretch(1);
        }

        void show(int width)
        {
            widget.resize(width, 200);
            widget.show();
            (void)QTest::qWaitForWindowExposed(&widget);
            QTest::qWait(1);
        }

        QWidget widget;
        WrapLayout *layout = new WrapLayout;
        SegmentedControl *start = new SegmentedControl({QStringLiteral("Natural"), QStringLiteral("Uniform"), QStringLiteral("Temperature")});
        Button *end = new Button(QStringLiteral("Baseline"));
        ElidedLabel *hint = new ElidedLabel(QStringLiteral("Drop files or folders anywhere"));
    };

    struct Table {
        Table() : model(2, 4)
        {
            model.setHorizontalHeaderLabels(
                {QStringLiteral("domain"), QStringLiteral("loss"), QStringLiteral("drawn tokens"), QStringLiteral("change")});
            for (int row = 0; row < 2; ++row)
                for (int column = 0; column < 4; ++column)
                    model.setItem(row, column, new QStandardItem(column == 0 ? QStringLiteral("encyclopedia") : QStringLiteral("−0.123")));
            view.setModel(&model);
            (new ColumnFit(&view, 0))->setLeastWanted({2, 1});
        }

        void show(int width)
        {
            view.resize(width, 200);
            view.show();
            (void)QTest::qWaitForWindowExposed(&view);
            QTest::qWait(20);
        }

        int needed(int column) const
        {
            return view.fontMetrics().horizontalAdvance(model.index(0, column).data().toString()) + 2 * look::kCellMargin;
        }

        QStandardItemModel model;
        ValueTable view{QStringLiteral("Figures")};
    };

    std::unique_ptr<Settings> m_settings;
    std::unique_ptr<ThemeController> m_theme;
};

QTEST_MAIN(TestWidgets)
#include "tst_widgets.moc"
