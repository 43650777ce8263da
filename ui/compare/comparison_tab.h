// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QWidget>

namespace krater {

class RunSelection;

// One way to look at the selected runs, under a tab of the Compare page. It follows the selection while it is visible. UI thread only.
class ComparisonTab : public QWidget {
    Q_OBJECT

public:
    ComparisonTab(RunSelection &selection, QWidget *parent = nullptr);

    virtual QString title() const = 0;
    // The part of the tab that a picture shows; null if there is none (yet).
    virtual QWidget *chart() { return nullptr; }
    virtual QImage picture(double scale);
    virtual bool saveSvg(const QString &file);

signals:
    void failed(const QString &message, const QString &advice);

protected:
    RunSelection &selection() const { return m_selection; }
    virtual void showRuns() { }    // runs, names or colours are others
    virtual void showNumbers() { } // the comparison is another

    void showEvent(QShowEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void update(bool &isStale, void (ComparisonTab::*bringUp)());

    RunSelection &m_selection;
    bool m_runsAreStale = true;
    bool m_numbersAreStale = true;
};

} // namespace krater
