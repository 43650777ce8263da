// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window.h"

#include "ui/compare_page.h"
#include "ui/domains_page.h"
#include "ui/mixture_page.h"
#include "ui/rail.h"
#include "ui/training_page.h"

#include <QHBoxLayout>
#include <QStackedWidget>

namespace krater {

MainWindow::MainWindow(Workspace &workspace, QWidget *parent)
    : QMainWindow(parent)
    , m_workspace(workspace)
    , m_rail(new Rail)
    , m_stack(new QStackedWidget)
{
    auto *central = new QWidget;
    auto *row = new QHBoxLayout(central);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(m_rail);
    row->addWidget(m_stack, 1);
    setCentralWidget(central);
    createPages();
    showPage(Page::Id::Domains);
}

void MainWindow::createPages()
{
    const auto add = [this](Page::Id id, const QString &iconName, Page *page) {
        m_pages[id] = page;
        m_stack->addWidget(page);
        m_rail->addPage(id, iconName, page->title());
        connect(page, &Page::pageRequested, this, &MainWindow::showPage);
    };
    add(Page::Id::Domains, QStringLiteral("domains"), new DomainsPage(m_workspace, m_undoStack));
    add(Page::Id::Mixture, QStringLiteral("mixture"), new MixturePage(m_workspace, m_undoStack));
    add(Page::Id::Train, QStringLiteral("train"), new TrainingPage(m_workspace, m_undoStack));
    add(Page::Id::Compare, QStringLiteral("compare"), new ComparePage(m_workspace, m_undoStack));
    connect(m_rail, &Rail::pageChosen, this, &MainWindow::showPage);
}

Page::Id MainWindow::currentPage() const
{
    return m_pages.key(static_cast<Page *>(m_stack->currentWidget()));
}

void MainWindow::showPage(Page::Id id)
{
    m_stack->setCurrentWidget(m_pages.value(id));
    m_rail->setCurrent(id);
}

void MainWindow::openPaths(const QStringList &paths)
{
    for (const QString &path : paths) {
        if (path.endsWith(QStringLiteral(".toml")))
            m_workspace.document.open(path);
        else if (path.endsWith(QStringLiteral(".krater")))
            m_workspace.library.openLater(path);
    }
}

} // namespace krater
