// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/html_nesting.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace krater {

namespace {

// Names of elements, with a space before and after each.
struct Names {
    std::string_view text;
    std::array<std::uint32_t, 26> lengths = {}; // of the names that begin with each letter, as bits: most others end there

    constexpr Names(const char *names) : text(names)
    {
        for (std::size_t at = 1; at < text.size();) {
            const std::size_t length = text.find(' ', at) - at;
            lengths[static_cast<std::size_t>(text[at] - 'a')] |= 1u << length;
            at += length + 1;
        }
    }
};

// HTML Standard, 13.1.2 and 13.2.6: void elements, and those that stand only where a table, select or document lets them.
constexpr Names kNeverOpen = " area base basefont bgsound body br col colgroup embed frame head hr html image img input link meta "
                             "optgroup option param source tbody td tfoot th thead tr track wbr ";
constexpr Names kItems = " dd dt li "; // closed by the next of them
constexpr Names kImplied = " dd dt li p ";  // closed by the end of what they stand in
constexpr Names kRuby = " rb rp rt rtc ";   // so, too, by the end of <ruby>
constexpr Names kEndParagraph = " address article aside blockquote center dd details dir div dl dt fieldset figcaption figure "
                                "footer header hgroup hr li menu nav ol p section summary ul ";
constexpr Names kFormatting = " a b big code em font i nobr s small strike strong tt u ";
constexpr Names kScopes = " annotation-xml applet caption desc foreignobject marquee math mi mn mo ms mtext object select svg "
                          "table template title ";
constexpr Names kSpecial = " address applet article aside blockquote button caption center dd details dialog dir div dl dt "
                           "fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr iframe isindex li "
                           "listing main marquee menu menuitem nav noembed noframes noscript object ol p plaintext pre script "
                           "search section select style summary table template textarea title ul xmp ";
constexpr Names kRawText = " iframe noembed noframes script style textarea title xmp ";
constexpr Names kRawTextInSelect = " script textarea ";
// Those of SVG after which it goes on; in the titles there may be HTML.
constexpr Names kTitles = " desc title ";
constexpr Names kShapes = " circle clippath defs desc ellipse g line lineargradient mask path pattern polygon polyline "
                          "radialgradient rect script stop style svg symbol text title tspan use ";

constexpr std::size_t kMaxNameBytes = 32;
constexpr std::size_t kMaxSearch = 32; // how far down an end tag looks for its element

bool isIn(const Names &names, std::string_view name)
{
    if (name.size() > 31 || (names.lengths[static_cast<std::size_t>(name.front() - 'a')] >> name.size() & 1) == 0)
        return false;
    for (std::size_t at = names.text.find(name); at != std::string_view::npos; at = names.text.find(name, at + 1)) {
        if (names.text[at - 1] == ' ' && names.text[at + name.size()] == ' ')
            return true;
    }
    return false;
}

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// The tags of a page, without those in comments and attributes. The end of a tag is found as in 13.2.5.32 to 40.
class Tags {
public:
    explicit Tags(std::string_view html) : m_html(html) { }

    std::string name; // in lower case, cut if long
    bool isEnd = false;
    bool isEmpty = false; // <.../>

    bool next(bool isForeign)
    {
        while ((m_at = m_html.find('<', m_at)) != std::string_view::npos) {
            isEnd = at(m_at + 1) == '/';
            const char first = lower(at(m_at + (isEnd ? 2 : 1)));
            if (first >= 'a' && first <= 'z') {
                m_at += isEnd ? 2 : 1;
                readName();
                return skipAttributes();
            }
            if (first == '!' || first == '?' || isEnd)
                skipDeclaration(isForeign);
            else
                ++m_at; // just a sign
        }
        return false;
    }

    // Goes to the end tag of what has just been opened.
    void skipRawText()
    {
        while ((m_at = m_html.find("</", m_at)) != std::string_view::npos) {
            m_at += 2;
            const std::string_view rest = m_html.substr(m_at, name.size());
            const char after = at(m_at + name.size());
            if (std::ranges::equal(rest, name, {}, lower) && (isSpace(after) || after == '/' || after == '>')) {
                m_at -= 2;
                return;
            }
        }
    }

private:
    char at(std::size_t place) const { return place < m_html.size() ? m_html[place] : '\0'; }

    void skipDeclaration(bool isForeign)
    {
        const std::string_view rest = m_html.substr(m_at);
        if (rest.starts_with("<!--"))
            m_at = std::min(m_html.find("-->", m_at + 2), m_html.find("--!>", m_at + 4)); // <!--> is whole
        else if (isForeign && rest.starts_with("<![CDATA["))
            m_at = m_html.find("]]>", m_at);
        else
            m_at = m_html.find('>', m_at);
    }

    void readName()
    {
        name.clear();
        for (; m_at < m_html.size() && !isSpace(m_html[m_at]) && m_html[m_at] != '/' && m_html[m_at] != '>'; ++m_at) {
            if (name.size() < kMaxNameBytes)
                name += lower(m_html[m_at]);
        }
    }

    // False if the page ends within the tag, which then is none.
    bool skipAttributes()
    {
        isEmpty = false;
        while (m_at < m_html.size()) {
            const char c = m_html[m_at];
            if (c == '>')
                return true;
            isEmpty = c == '/';
            ++m_at;
            if (c == '/' || isSpace(c))
                continue;
            while (m_at < m_html.size() && !isSpace(m_html[m_at]) && m_html[m_at] != '/' && m_html[m_at] != '>'
                   && m_html[m_at] != '=')
                ++m_at;
            std::size_t value = std::min(m_at, m_html.size());
            while (isSpace(at(value)))
                ++value;
            if (at(value) == '=')
                skipValue(value + 1);
        }
        return false;
    }

    void skipValue(std::size_t begin)
    {
        while (isSpace(at(begin)))
            ++begin;
        const char quote = at(begin);
        if (quote == '"' || quote == '\'') {
            const std::size_t end = m_html.find(quote, begin + 1);
            m_at = end == std::string_view::npos ? m_html.size() : end + 1;
            return;
        }
        for (m_at = begin; m_at < m_html.size() && !isSpace(m_html[m_at]) && m_html[m_at] != '>';)
            ++m_at;
    }

    std::string_view m_html;
    std::size_t m_at = 0;
};

// The stack of open elements of 13.2.6, simplified. Where in doubt an element stays open: what is missed here costs Gumbo time.
class OpenElements {
public:
    HtmlNesting nesting;

    bool isForeign() const { return m_isShape; } // certainly
    bool isRawText(std::string_view name) const
    {
        return m_numForeign == 0 && isIn(m_numSelects == 0 ? kRawText : kRawTextInSelect, name);
    }

    void begin(const std::string &name, bool isEmpty)
    {
        if (isIn(kSpecial, name))
            nesting.steps += m_open.size();
        m_isShape = m_isShape && (m_open.empty() || !isIn(kTitles, m_open.back()));
        if (isEmpty && (name == "svg" || (m_isShape && isIn(kShapes, name))))
            return;
        m_isShape = (m_isShape || name == "svg") && isIn(kShapes, name);
        if (m_numForeign == 0 && isIn(kEndParagraph, name))
            close("p");
        if (m_numForeign == 0 && isIn(kNeverOpen, name))
            return;
        if (m_numForeign == 0 && (isIn(kItems, name) || name == "a" || name == "nobr"))
            close(name); // one of these closes the last
        m_open.push_back(name);
        count(name, 1);
        nesting.depth = std::max(nesting.depth, m_open.size());
    }

    void end(const std::string &name)
    {
        if (!m_open.empty() && m_open.back() == name) {
            pop();
        } else {
            nesting.steps += m_open.size();
            m_isShape = close(name) && m_isShape;
        }
        if (name == "svg")
            m_isShape = false;
    }

private:
    // Takes out the element, but not those in it that HTML might leave open.
    bool close(const std::string &name)
    {
        const bool passesSpecial = isIn(kFormatting, name) || isIn(kSpecial, name);
        std::size_t at = m_open.size();
        for (std::size_t left = kMaxSearch; at > 0 && left > 0; --left) {
            const std::string &open = m_open[--at];
            if (open == name) {
                remove(at);
                return true;
            }
            if ((isIn(kScopes, open) && name != "select") || (isIn(kSpecial, open) && (!passesSpecial || stopsImplied(name, open))))
                return false;
        }
        return false;
    }

    // A list in an item of a list has items of its own.
    static bool stopsImplied(const std::string &name, const std::string &open)
    {
        if (name == "p")
            return open == "button";
        return isIn(kItems, name) && open != "address" && open != "div" && open != "p";
    }

    void remove(std::size_t at)
    {
        count(m_open[at], -1);
        const bool isShape = m_isShape && m_open[at] == "svg"; // all in it is closed with it
        const bool isRuby = m_open[at] == "ruby";
        const bool closesImplied = !isIn(kFormatting, m_open[at]) && m_open[at] != "form";
        m_open.erase(m_open.begin() + static_cast<std::ptrdiff_t>(at));
        const auto inIt = std::ranges::remove_if(m_open.begin() + static_cast<std::ptrdiff_t>(at), m_open.end(),
                                                 [&](const std::string &open) {
                                                     const bool closes = isShape || (isRuby && isIn(kRuby, open))
                                                         || (closesImplied && isIn(kImplied, open));
                                                     if (closes)
                                                         count(open, -1);
                                                     return closes;
                                                 });
        m_open.erase(inIt.begin(), inIt.end());
    }

    void pop()
    {
        count(m_open.back(), -1);
        m_open.pop_back();
    }

    void count(const std::string &name, int change)
    {
        const auto changeBy = static_cast<std::size_t>(change); // wraps round
        m_numForeign += name == "svg" || name == "math" ? changeBy : 0;
        m_numSelects += name == "select" ? changeBy : 0;
    }

    std::vector<std::string> m_open;
    std::size_t m_numForeign = 0; // <svg> and <math>, in which nothing closes itself
    std::size_t m_numSelects = 0;
    bool m_isShape = false; // nothing but shapes since <svg>: an empty one of them is complete
};

} // namespace

HtmlNesting nestingOf(std::string_view html)
{
    OpenElements open;
    Tags tags(html);
    while (open.nesting.isSane() && tags.next(open.isForeign())) {
        if (tags.isEnd) {
            open.end(tags.name);
        } else if (tags.name == "plaintext" && open.isRawText("style")) {
            break; // all that follows is text
        } else {
            open.begin(tags.name, tags.isEmpty);
            if (open.isRawText(tags.name))
                tags.skipRawText();
        }
    }
    return open.nesting;
}

} // namespace krater
