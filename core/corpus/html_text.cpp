// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/html_text.h"

#include "core/corpus/html_tree.h"

#include <gumbo.h>

#include <algorithm>
#include <span>

namespace krater {

namespace {

// Collects text the way that it would be laid out. Line breaks that are asked for take effect before the next visible character
// only, so that nothing begins or ends with them, and the larger of two neighbouring requests counts.
class TextLayout {
public:
    void text(std::string_view text)
    {
        while (!text.empty()) {
            const std::size_t length = invisibleLength(text);
            if (length > 0) {
                text.remove_prefix(length);
            } else if (const std::size_t space = spaceLength(text); space > 0) {
                m_space = true;
                text.remove_prefix(space);
            } else {
                flush();
                m_text += text.front();
                text.remove_prefix(1);
            }
        }
    }

    void preformatted(std::string_view text)
    {
        for (const char c : text) {
            if (c == '\n') {
                ++m_lines;
                m_space = false;
            } else if (c != '\r') {
                flush();
                m_text += c;
            }
        }
    }

    void breakLines(int count) { m_breaks = std::max(m_breaks, count); }
    void lineBreak()
    {
        if (m_lines < 2)
            ++m_lines;
    }
    void cellBreak() { m_cell = true; }

    std::string take() { return std::move(m_text); }

private:
    // Soft hyphen, zero width space, word joiner, byte order mark: there for the layout only.
    static std::size_t invisibleLength(std::string_view text)
    {
        if (text.starts_with("\xc2\xad"))
            return 2;
        return text.starts_with("\xe2\x80\x8b") || text.starts_with("\xe2\x81\xa0") || text.starts_with("\xef\xbb\xbf")
            ? 3
            : 0;
    }

    // A no-break space is a matter of layout as well.
    static std::size_t spaceLength(std::string_view text)
    {
        const char c = text.front();
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f')
            return 1;
        return text.starts_with("\xc2\xa0") ? 2 : 0;
    }

    void flush()
    {
        const int lines = std::max(m_lines, m_breaks);
        if (!m_text.empty()) {
            if (lines > 0)
                m_text.append(static_cast<std::size_t>(lines), '\n');
            else if (m_cell)
                m_text += '\t';
            else if (m_space)
                m_text += ' ';
        }
        m_lines = 0;
        m_breaks = 0;
        m_cell = false;
        m_space = false;
    }

    std::string m_text;
    int m_lines = 0;  // line ends in the text itself: <br>, or in <pre>
    int m_breaks = 0; // line ends that blocks ask for
    bool m_cell = false;
    bool m_space = false;
};

bool isHidden(const GumboElement &element)
{
    if (gumbo_get_attribute(&element.attributes, "hidden") != nullptr)
        return true;
    const GumboAttribute *style = gumbo_get_attribute(&element.attributes, "style");
    if (style == nullptr)
        return false;
    std::string text;
    for (const char *c = style->value; *c != '\0'; ++c) {
        if (*c != ' ' && *c != '\t' && *c != '\n' && *c != '\r')
            text += *c >= 'A' && *c <= 'Z' ? static_cast<char>(*c - 'A' + 'a') : *c;
    }
    return text.find("display:none") != std::string::npos || text.find("visibility:hidden") != std::string::npos;
}

constexpr GumboTag kSkippedTags[] = {
    GUMBO_TAG_HEAD,     GUMBO_TAG_TITLE,    GUMBO_TAG_SCRIPT,         GUMBO_TAG_STYLE,  GUMBO_TAG_TEMPLATE,
    GUMBO_TAG_NOSCRIPT, GUMBO_TAG_NOFRAMES, GUMBO_TAG_NOEMBED,        GUMBO_TAG_IFRAME, GUMBO_TAG_OBJECT,
    GUMBO_TAG_APPLET,   GUMBO_TAG_AUDIO,    GUMBO_TAG_VIDEO,          GUMBO_TAG_CANVAS, GUMBO_TAG_SVG,
    GUMBO_TAG_SELECT,   GUMBO_TAG_DATALIST, GUMBO_TAG_ANNOTATION_XML, GUMBO_TAG_RP,     GUMBO_TAG_TEXTAREA,
};

// Blocks with a margin, and lists, which have none within another list.
constexpr GumboTag kSpacedTags[] = {
    GUMBO_TAG_P,         GUMBO_TAG_H1,         GUMBO_TAG_H2,     GUMBO_TAG_H3,      GUMBO_TAG_H4,
    GUMBO_TAG_H5,        GUMBO_TAG_H6,         GUMBO_TAG_HR,     GUMBO_TAG_LISTING, GUMBO_TAG_XMP,
    GUMBO_TAG_PLAINTEXT, GUMBO_TAG_BLOCKQUOTE, GUMBO_TAG_FIGURE, GUMBO_TAG_PRE,     GUMBO_TAG_TABLE,
};
constexpr GumboTag kListTags[] = {GUMBO_TAG_OL, GUMBO_TAG_UL, GUMBO_TAG_DL};
constexpr GumboTag kBlockTags[] = {
    GUMBO_TAG_LI,      GUMBO_TAG_DT,      GUMBO_TAG_DD,         GUMBO_TAG_TR,     GUMBO_TAG_DIV,
    GUMBO_TAG_BODY,    GUMBO_TAG_CAPTION, GUMBO_TAG_FIGCAPTION, GUMBO_TAG_NAV,    GUMBO_TAG_ARTICLE,
    GUMBO_TAG_SECTION, GUMBO_TAG_ASIDE,   GUMBO_TAG_HGROUP,     GUMBO_TAG_HEADER, GUMBO_TAG_FOOTER,
    GUMBO_TAG_MAIN,    GUMBO_TAG_ADDRESS, GUMBO_TAG_FORM,       GUMBO_TAG_LEGEND, GUMBO_TAG_FIELDSET,
    GUMBO_TAG_MENU,    GUMBO_TAG_DETAILS, GUMBO_TAG_SUMMARY,    GUMBO_TAG_DIR,    GUMBO_TAG_CENTER,
};
constexpr GumboTag kPreformattedTags[] = {GUMBO_TAG_PRE, GUMBO_TAG_LISTING, GUMBO_TAG_XMP, GUMBO_TAG_PLAINTEXT};

bool isOneOf(GumboTag tag, std::span<const GumboTag> tags)
{
    return std::ranges::find(tags, tag) != tags.end();
}

bool isSkipped(const GumboElement &element)
{
    if (element.tag == GUMBO_TAG_UNKNOWN) {
        // MathML's second form of a formula, as TeX.
        GumboStringPiece name = element.original_tag;
        gumbo_tag_from_original_text(&name);
        if (std::string_view(name.data, name.length) == "annotation")
            return true;
    }
    return isOneOf(element.tag, kSkippedTags) || isHidden(element);
}

// How many line ends stand before and after an element.
int breaksAround(GumboTag tag, bool inList)
{
    if (isOneOf(tag, kSpacedTags))
        return 2;
    if (isOneOf(tag, kListTags))
        return inList ? 1 : 2;
    return isOneOf(tag, kBlockTags) ? 1 : 0;
}

// Walks the tree without recursion, since its depth is the page's choice.
class TreeWalk {
public:
    explicit TreeWalk(TextLayout &layout) : m_layout(layout) { }

    void run(const GumboNode *root)
    {
        const GumboNode *node = root;
        while (node != nullptr) {
            const GumboVector *children = enter(*node);
            if (children != nullptr && children->length > 0) {
                node = static_cast<const GumboNode *>(children->data[0]);
                continue;
            }
            if (children != nullptr)
                leave(*node);
            node = nextAfter(node, root);
        }
    }

private:
    static const GumboVector &childrenOf(const GumboNode &node)
    {
        return node.type == GUMBO_NODE_DOCUMENT ? node.v.document.children : node.v.element.children;
    }

    // The children to visit; null for what has none or is skipped.
    const GumboVector *enter(const GumboNode &node)
    {
        switch (node.type) {
        case GUMBO_NODE_TEXT:
        case GUMBO_NODE_WHITESPACE:
        case GUMBO_NODE_CDATA:
            if (m_preDepth > 0)
                m_layout.preformatted(node.v.text.text);
            else
                m_layout.text(node.v.text.text);
            return nullptr;
        case GUMBO_NODE_DOCUMENT:
            return &node.v.document.children;
        case GUMBO_NODE_ELEMENT:
            break;
        default:
            return nullptr;
        }
        const GumboElement &element = node.v.element;
        if (isSkipped(element))
            return nullptr;
        m_layout.breakLines(breaksAround(element.tag, m_listDepth > 0));
        if (element.tag == GUMBO_TAG_BR)
            m_layout.lineBreak();
        else if (element.tag == GUMBO_TAG_TD || element.tag == GUMBO_TAG_TH)
            m_layout.cellBreak();
        m_preDepth += isOneOf(element.tag, kPreformattedTags) ? 1 : 0;
        m_listDepth += isOneOf(element.tag, kListTags) ? 1 : 0;
        return &element.children;
    }

    void leave(const GumboNode &node)
    {
        if (node.type != GUMBO_NODE_ELEMENT)
            return;
        const GumboTag tag = node.v.element.tag;
        m_preDepth -= isOneOf(tag, kPreformattedTags) ? 1 : 0;
        m_listDepth -= isOneOf(tag, kListTags) ? 1 : 0;
        m_layout.breakLines(breaksAround(tag, m_listDepth > 0));
    }

    const GumboNode *nextAfter(const GumboNode *node, const GumboNode *root)
    {
        while (node != root) {
            const GumboNode *parent = node->parent;
            const GumboVector &siblings = childrenOf(*parent);
            if (node->index_within_parent + 1 < siblings.length)
                return static_cast<const GumboNode *>(siblings.data[node->index_within_parent + 1]);
            leave(*parent);
            node = parent;
        }
        return nullptr;
    }

    TextLayout &m_layout;
    int m_preDepth = 0;
    int m_listDepth = 0;
};

} // namespace

std::string visibleText(std::string_view html, std::stop_token stop)
{
    const HtmlTree tree(html, stop);
    TextLayout layout;
    if (tree.output() != nullptr)
        TreeWalk(layout).run(tree.output()->document);
    return layout.take();
}

} // namespace krater
