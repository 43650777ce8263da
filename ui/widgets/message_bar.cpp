// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/message_bar.h"

#include "ui/theme/icons.h"
#include "ui/theme/style_painter.h"
#include "ui/widgets/buttons.h"

#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

namespace krater {
namespace {

Tone toneOf(MessageBar::Kind kind)
{
    switch (kind) {
    case MessageBar::Kind::Info:
        return Tone::Accent;
    case MessageBar::Kind::Warning:
        return Tone::Warn;
    case MessageBar::Kind::Error:
        return Tone::Bad;
    }
    return Tone::Accent;
}

QLabel *makeText()
{
    auto *label = new QLabel;
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

} // namespace

MessageBar::MessageBar(QWidget *parent)
    : QFrame(parent)
    , m_icon(new QLabel)
    , m_message(makeText())
    , m_advice(makeText())
    , m_details(makeText())
    , m_actions(new QHBoxLayout)
    , m_detailsButton(new Button(tr("Details"), {}, ButtonKind::Quiet))
    , m_copyButton(new Button(tr("Copy"), QStringLiteral("copy"), ButtonKind::Quiet))
    , m_closeButton(new IconButton(QStringLiteral("close"), tr("Dismiss this message")))
{
    m_message->setFont(textFont(TextRole::Strong, this));
    m_advice->setForegroundRole(QPalette::PlaceholderText);
    m_details->setForegroundRole(QPalette::PlaceholderText);
    m_detailsButton->setCheckable(true);
    auto *texts = new QVBoxLayout;
    texts->setSpacing(2);
    texts->addWidget(m_message);
    texts->addWidget(m_advice);
    texts->addWidget(m_details);
    m_actions->setSpacing(4);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(12, 8, 8, 8);
    row->setSpacing(10);
    m_icon->setContentsMargins(0, 5, 0, 0); // in line with the buttons' text
    texts->setContentsMargins(0, 5, 0, 4);
    row->addWidget(m_icon, 0, Qt::AlignTop);
    row->addLayout(texts, 1);
    row->setAlignment(texts, Qt::AlignTop);
    row->addLayout(m_actions);
    row->addWidget(m_detailsButton, 0, Qt::AlignTop);
    row->addWidget(m_copyButton, 0, Qt::AlignTop);
    row->addWidget(m_closeButton, 0, Qt::AlignTop);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    connect(m_detailsButton, &QPushButton::toggled, m_details, &QWidget::setVisible);
    connect(m_copyButton, &QPushButton::clicked, this, &MessageBar::copy);
    connect(m_closeButton, &QToolButton::clicked, this, &MessageBar::dismiss);
    QFrame::hide();
}

void MessageBar::show(Kind kind, const QString &message, const QString &advice, const QString &details)
{
    clearActions();
    m_kind = kind;
    m_text = message;
    m_adviceText = advice;
    m_detailsText = details;
    m_message->setText(message);
    m_advice->setText(advice);
    m_advice->setVisible(!advice.isEmpty());
    m_details->setText(details);
    m_detailsButton->setChecked(false);
    m_details->setVisible(false);
    m_detailsButton->setVisible(!details.isEmpty());
    m_copyButton->setVisible(kind != Kind::Info || !details.isEmpty());
    setAccessibleName(advice.isEmpty() ? message : message + QLatin1Char(' ') + advice);
    drawIcon();
    update();
    QFrame::show();
}

Button *MessageBar::addAction(const QString &text)
{
    auto *button = new Button(text);
    m_actions->addWidget(button, 0, Qt::AlignTop);
    return button;
}

void MessageBar::dismiss()
{
    if (isHidden())
        return;
    QFrame::hide();
    clearActions();
    m_text.clear();
    emit dismissed();
}

void MessageBar::clearActions()
{
    while (QLayoutItem *item = m_actions->takeAt(0)) {
        if (QWidget *button = item->widget()) {
            button->hide(); // at once, should the next message come before it is gone
            button->deleteLater();
        }
        delete item;
    }
}

void MessageBar::copy()
{
    QStringList lines{m_text};
    for (const QString &more : {m_adviceText, m_detailsText}) {
        if (!more.isEmpty())
            lines << more;
    }
    QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

void MessageBar::drawIcon()
{
    const QString name = m_kind == Kind::Info ? QStringLiteral("info") : QStringLiteral("warning");
    m_icon->setPixmap(iconPixmap(name, Theme::of(this).tone(toneOf(m_kind)), 18, devicePixelRatioF()));
}

void MessageBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Theme &theme = Theme::of(this);
    const QColor ink = theme.tone(toneOf(m_kind));
    style::drawBox(&painter, contentsRect(), blend(theme.surface, ink, 0.06), blend(theme.line, ink, 0.5),
                   look::kCardRadius);
}

void MessageBar::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        drawIcon();
    QFrame::changeEvent(event);
}

} // namespace krater
