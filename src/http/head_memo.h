/* Blocks of header fields that came before, and what they meant.
 *
 * A client says the same headers with each of its requests, byte for byte; only the request line
 * differs.  So does a server with short answers, from one second to the next (Date).  Where the
 * bytes behind that line are those of a block that was read before, nothing of it need be looked at
 * again: it means the same.  A few blocks are remembered.
 *
 * Where no head is like one before, as those of many files, looking is in vain; after a while it is
 * tried now and then only. */
#ifndef BIDE_HTTP_HEAD_MEMO_H
#define BIDE_HTTP_HEAD_MEMO_H

#include "http/head.h"

enum {
    MEMO_BLOCKS = 8,
    MEMO_SIZE = 1024,           /* bytes of the largest block that is remembered */
    MEMO_FIELDS = 32,           /* and how many fields it may have */
    MEMO_VAIN = 32,             /* heads in a row that were not there, until it is given up, */
    MEMO_AGAIN = 64,            /* but for the first few of so many */
    MEMO_TRIES = 4,
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
    unsigned missed;            /* heads in a row that were not there */
};

/* The first field begins at head->line.  True: its block is remembered, and the head is as if all
 * of it had been read. */
bool bide__memo_recall(struct head_memo *memo, struct head *head, const char *buf, size_t size);
/* Remembers the block of a head that was read to its end and not recalled, if it is not too
 * large. */
void bide__memo_keep(struct head_memo *memo, const struct head *head, const char *buf);
void bide__memo_end(struct head_memo *memo);

#endif
