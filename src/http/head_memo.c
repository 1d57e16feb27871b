/* Remembering blocks of header fields. */
#include "http/head_memo.h"

#include "base/memory.h"

#include <string.h>

/* The end is looked at first: blocks of different clients begin alike. */
static bool is_there(const struct memo_block *block, const char *at, size_t left)
{
    return block->size && block->size <= left &&
           memcmp(at + block->size - 4, "\r\n\r\n", 4) == 0 &&
           memcmp(at, block->bytes, block->size) == 0;
}

/* The same fields, where they lie now. */
static void take_fields(struct head *head, const struct memo_block *block)
{
    uint16_t moved = (uint16_t)(head->line - block->line);
    memcpy(head->fields, block->fields, block->count * sizeof *block->fields);
    for (unsigned i = 0; moved && i < block->count; i++) {
        head->fields[i].name = (uint16_t)(head->fields[i].name + moved);
        head->fields[i].value = (uint16_t)(head->fields[i].value + moved);
    }
    head->count = block->count;
    head->facts = block->facts;
}

static bool is_in_vain(const struct head_memo *memo)
{
    return memo->missed >= MEMO_VAIN && memo->missed % MEMO_AGAIN >= MEMO_TRIES;
}

bool bide__memo_recall(struct head_memo *memo, struct head *head, const char *buf, size_t size)
{
    size_t most = size < head->size_max ? size : head->size_max;
    if (!memo->blocks || most < head->line || is_in_vain(memo))
        return false;
    for (unsigned i = 0; i < MEMO_BLOCKS; i++) {
        const struct memo_block *block = &memo->blocks[i];
        if (block->count > head->count_max ||
            !is_there(block, buf + head->line, most - head->line))
            continue;
        take_fields(head, block);
        head->line = head->scanned = (uint16_t)(head->line + block->size);
        memo->missed = 0;
        return true;
    }
    return false;
}

void bide__memo_keep(struct head_memo *memo, const struct head *head, const char *buf)
{
    uint16_t line = head->count > 0 ? head->fields[0].name : head->size;
    size_t size = head->size - line;
    bool in_vain = is_in_vain(memo);
    memo->missed++;
    if (in_vain || head->count == 0 || head->count > MEMO_FIELDS || size > MEMO_SIZE)
        return;
    if (!memo->blocks && !(memo->blocks = bide__zalloc(MEMO_BLOCKS * sizeof *memo->blocks)))
        return;
    struct memo_block *block = &memo->blocks[memo->next++ % MEMO_BLOCKS];
    block->size = (uint16_t)size;
    block->line = line;
    block->count = head->count;
    block->facts = head->facts;
    memcpy(block->fields, head->fields, head->count * sizeof *head->fields);
    memcpy(block->bytes, buf + line, size);
}

void bide__memo_end(struct head_memo *memo)
{
    bide__free(memo->blocks);
    *memo = (struct head_memo){ .blocks = NULL };
}
