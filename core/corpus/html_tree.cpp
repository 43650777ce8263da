// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/html_tree.h"

#include "core/base/error.h"
#include "core/corpus/html_nesting.h"

#include <gumbo.h>

#include <algorithm>
#include <csetjmp>
#include <cstdlib>
#include <utility>

namespace krater {

namespace {

constexpr std::size_t kBlockBytes = 1 << 20;
// Pages take 10 to 40 times their size as a tree; only such as re-open formatting elements without end take more.
constexpr std::size_t kMinTreeBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxTreeBytes = std::size_t{3} << 30;
constexpr std::size_t kTreeBytesPerByte = 100;

} // namespace

struct HtmlTree::Arena {
    struct Block {
        Block *next;
        void *unused; // keeps what follows aligned to 16 bytes
    };

    Arena(std::size_t limit, std::stop_token token) : maxBytes(limit), stop(std::move(token)) { }
    ~Arena()
    {
        while (blocks != nullptr)
            std::free(std::exchange(blocks, blocks->next));
    }
    Arena(const Arena &) = delete;
    Arena &operator=(const Arena &) = delete;

    // Gumbo cannot fail, so the way out of it is a jump. Nothing but the arena holds memory then, and no frame between here and
    // parse() has anything to destroy: they are Gumbo's, which is C.
    static void *allocate(void *userdata, std::size_t size)
    {
        Arena &arena = *static_cast<Arena *>(userdata);
        size = (size + 15) & ~std::size_t{15};
        if (size > arena.freeBytes && !arena.addBlock(size))
            std::longjmp(arena.escape, 1);
        if (arena.stop.stop_requested())
            std::longjmp(arena.escape, 1);
        char *const memory = arena.free;
        arena.free += size;
        arena.freeBytes -= size;
        return memory;
    }
    // Called for tags that make no element, too: a stop is noticed however little the page has in it.
    static void deallocate(void *userdata, void *)
    {
        Arena &arena = *static_cast<Arena *>(userdata);
        if (arena.stop.stop_requested())
            std::longjmp(arena.escape, 1);
    }

    bool addBlock(std::size_t size)
    {
        const std::size_t blockBytes = std::max(kBlockBytes, size + sizeof(Block));
        if (blockBytes > maxBytes - bytes)
            return false;
        auto *block = static_cast<Block *>(std::malloc(blockBytes));
        if (block == nullptr)
            return false;
        block->next = blocks;
        blocks = block;
        bytes += blockBytes;
        free = reinterpret_cast<char *>(block + 1);
        freeBytes = blockBytes - sizeof(Block);
        return true;
    }

    const GumboOutput *parse(std::string_view html)
    {
        GumboOptions options = kGumboDefaultOptions;
        options.allocator = &allocate;
        options.deallocator = &deallocate;
        options.userdata = this;
        options.max_errors = 0;
        if (setjmp(escape) != 0)
            return nullptr;
        return gumbo_parse_with_options(&options, html.data(), html.size());
    }

    Block *blocks = nullptr;
    char *free = nullptr;
    std::size_t freeBytes = 0;
    std::size_t bytes = 0;
    std::size_t maxBytes;
    std::stop_token stop;
    std::jmp_buf escape = {};
};

HtmlTree::HtmlTree(std::string_view html, std::stop_token stop)
{
    if (!nestingOf(html).isSane())
        throw Error("The page is nested too deeply to be read", "Leave this file out.");
    m_arena = std::make_unique<Arena>(std::clamp(html.size() * kTreeBytesPerByte, kMinTreeBytes, kMaxTreeBytes), stop);
    m_output = m_arena->parse(html);
    if (m_output == nullptr && !stop.stop_requested())
        throw Error("The page takes too much memory to be read", "Leave this file out.");
}

HtmlTree::~HtmlTree() = default;

} // namespace krater
