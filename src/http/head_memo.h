/* Blocks of header fields that came before, and what they meant.
 *
 * A client says the same headers with each of its requests, byte for byte; only the request line
 * differs.  Where the bytes behind that line are those of a block that was read before, nothing of
 * it need be looked at again: it means the same.  A few blocks are remembered. */
#ifndef BIDE_HTTP_HEAD_MEMO_H
#define BIDE_HTTP_HEAD_MEMO_H

#include "http/head.h"

enum {
    MEMO_BLOCKS = 8,
    MEMO_SIZE = 1024,           /* bytes of the largest block that is remembered */
    MEMO_FIELDS = 32,           /* and how many fields it may have */
};

struct memo_block {
    uint16_t size;              /* with the empty line; 0: none */
    uint16_t line;              /* where it began in its head */
    uint16_t count;
    struct head_facts facts;
    struct field fields[MEMO_FIELDS];
    char bytes[MEMO_SIZE];
};

/* All zero is empty. */
struct head_memo {
    struct memo_block *blocks;  /* MEMO_BLOCKS of them; NULL: none yet */
    unsigned next;              /* which one goes next */
};

/* The first field begins at head->line.  True: its block is remembered, and the head is as if all
 * of it had been read. */
bool bide__memo_recall(const struct head_memo *memo, struct head *head, const char *buf,
                       size_t size);
/* Remembers the block of a head that was read to its end, if it is not too large. */
void bide__memo_keep(struct head_memo *memo, const struct head *head, const char *buf);
void bide__memo_end(struct head_memo *memo);

#endif
