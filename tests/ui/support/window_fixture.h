// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/fake_language_model.h"
#include "tests/support/tiny_corpus.h"
#include "ui/main_actions.h"
#include "ui/main_window.h"
#include "ui/theme/theme_controller.h"
#include "ui/widgets/buttons.h"

#include <QAbstractButton>
#include <QMessageBox>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

namespace krater {

// A window on the tiny experiment with the fake engine, in a folder of its own. The trainer goes on only up to the step that the test allows.
struct WindowFixture {
    explicit WindowFixture(FakeEngineOptions options = {}, const std::string &stages = {})
    {
        options.beforeStep = [limit = m_limit](std::uint64_t step) {
            while (step > *limit)
                std::this_thread::sleep_for(std::chrono::microseconds(100));
        };
        experimentFile = QString::fromStdString(
            test::writeTinyExperiment(folder.filePath(QStringLiteral("tiny")).toStdString(), stages).string());
        workspace.settings.resetLayout();
        workspace.settings.setAppearance(Settings::Appearance::Light);
        workspace.engine.use(makeFakeEngine(std::move(options)));
        workspace.library.open(folder.filePath(QStringLiteral("runs.krater")));
        workspace.document.open(experimentFile);
        theme = std::make_unique<ThemeController>(workspace.settings);
        window = std::make_unique<MainWindow>(workspace);
        window->show();
        window->activateWindow();
        (void)QTest::qWaitForWindowActive(window.get()); // shortcuts need it
    }
    ~WindowFixture() { allowSteps(~std::uint64_t(0)); }

    void allowSteps(std::uint64_t step) { *m_limit = step; }
    bool isDone() const { return !workspace.session.isActive(); }

    template <typename Widget>
    Widget *find(const QString &text) const
    {
        for (auto *widget : window->findChildren<Widget *>()) {
            if (widget->text() == text && widget->isVisible())
                return widget;
        }
        return nullptr;
    }
    QAbstractButton *button(const QString &text) const { return find<QAbstractButton>(text); }

    // Presses a button of the next question that is asked, and keeps what it asked.
    void answer(const QString &buttonText)
    {
        QTimer::singleShot(50, window.get(), [this, buttonText] {
            auto *box = qobject_cast<QMessageBox *>(QApplication::activeModalWidget());
            if (!box)
                return;
            asked = box->text();
            for (QAbstractButton *button : box->buttons()) {
                if (button->text().remove(QLatin1Char('&')) == buttonText) {
                    button->click();
                    return;
                }
            }
            box->reject();
        });
    }

    QTemporaryDir folder;
    QString experimentFile;
    QString asked;
    Workspace workspace;
    std::unique_ptr<ThemeController> theme;
    std::unique_ptr<MainWindow> window;

private:
    std::shared_ptr<std::atomic<std::uint64_t>> m_limit = std::make_shared<std::atomic<std::uint64_t>>(~std::uint64_t(0));
};

} // namespace krater
