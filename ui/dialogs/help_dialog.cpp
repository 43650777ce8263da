// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/help_dialog.h"

#include "core/base/version.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QDialogButtonBox>
#include <QFile>
#include <QMessageBox>
#include <QTextBlock>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace krater {

HelpDialog::HelpDialog(QWidget *parent) : QDialog(parent), m_browser(new QTextBrowser)
{
    setWindowTitle(tr("Krater help"));
    m_browser->setAccessibleName(tr("Help text"));
    m_browser->setFrameShape(QFrame::NoFrame);
    m_browser->setOpenExternalLinks(true);
    m_browser->document()->setDocumentMargin(20);
    QFile file(QStringLiteral(":/help/help.md"));
    if (file.open(QIODevice::ReadOnly))
        m_browser->setMarkdown(QString::fromUtf8(file.readAll()));
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_browser, 1);
    auto *row = new QHBoxLayout;
    row->setContentsMargins(12, 8, 12, 12);
    row->addWidget(buttons);
    column->addLayout(row);
    resize(720, 640);
}

void HelpDialog::showSection(const QString &heading)
{
    for (QTextBlock block = m_browser->document()->begin(); block.isValid(); block = block.next()) {
        if (block.blockFormat().headingLevel() > 0 && block.text() == heading) {
            // To the end first, so that the heading is scrolled to the top rather than just into view.
            m_browser->moveCursor(QTextCursor::End);
            m_browser->setTextCursor(QTextCursor(block));
            return;
        }
    }
    m_browser->moveCursor(QTextCursor::Start);
}

void showAbout(QWidget *parent)
{
    const auto text = [](std::string_view view) { return QString::fromUtf8(view.data(), qsizetype(view.size())); };
    auto *box = new QMessageBox(parent);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setWindowTitle(HelpDialog::tr("About Krater"));
    box->setIconPixmap(QIcon(QStringLiteral(":/icons/krater.svg")).pixmap(64, 64));
    box->setText(HelpDialog::tr("Krater %1").arg(text(programVersion())));
    box->setInformativeText(
        HelpDialog::tr("A workbench for data mixtures: design them, watch them train, compare what came of them.\n\n"
                       "Commit %1, %2 build, Qt %3.\n"
                       "Built on Qt, QCustomPlot, LibTorch, SQLite, SentencePiece, RE2 and others.\n"
                       "Licence: GNU General Public License, version 3 or later. There is no warranty.")
            .arg(text(gitCommit()), text(buildType()), QString::fromLatin1(qVersion())));
    box->setTextInteractionFlags(Qt::TextSelectableByMouse);
    box->open();
}

} // namespace krater
