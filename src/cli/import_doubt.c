/* cli/import_doubt.c -- under --queue: which lines of the file of refused rows count.
 *
 * A batch's lines are in the file before its commit is sent.  If the answer does not come, or the
 * server has lost again what it had answered for, whoever goes on with the batch refuses the same
 * rows again.  So how long the file was stands in a row of bide_import, that is this worker's and
 * this import's alone, and is written by the transactions of the rows.  When the import has failed,
 * what is on its way for it is ended, the row is asked, and the file is cut to what it says; before
 * that is known nothing more is written there.
 *
 * A worker that is killed cannot ask any more: the lines of its last batch may stay. */
#include "cli/databases.h"
#include "cli/import.h"
#include <stdio.h>
#include <string.h>

/* So long, in seconds, the answer may take when the import has ended. */
#define LAST_WORDS 10

#define WHERE "where job = '%s' and file = %d and start_at = %llu"

static bool is_kept(const struct import *im)
{
    return im->shared && im->reject.fd >= 0;
}

int import_doubt_open(struct import *im, bide_db *change)
{
    char sql[320];
    struct import_reject *r = &im->reject;
    if (!is_kept(im))
        return 0;
    memcpy(r->claim.job, im->state.job, sizeof r->claim.job);
    r->claim.token = im->state.token;
    r->claim_size = r->size;
    snprintf(sql, sizeof sql, IMPORT_INSERT "('%s', %d, %llu, 0, 0, 0, 0, %llu)", r->claim.job,
             IMPORT_REFUSED, (unsigned long long)r->claim.token, (unsigned long long)r->size);
    return database_do(change, sql);
}

int import_doubt_note(struct import *im, bide_db *change)
{
    char sql[200];
    const struct import_reject *r = &im->reject;
    if (!is_kept(im))
        return 0;
    snprintf(sql, sizeof sql, "update bide_import set reject_size = %llu " WHERE,
             (unsigned long long)r->size, r->claim.job, IMPORT_REFUSED,
             (unsigned long long)r->claim.token);
    return database_do(change, sql);
}

/* The change of nothing waits until nobody else is at the row.  1; 0: it is not there. */
BIDE_WAITS static int ask(struct import *im, uint64_t *size)
{
    char sql[200];
    const struct import_claim *whose = &im->reject.claim;
    bide_auto(db) change = database_begin(im->db);
    snprintf(sql, sizeof sql, "update bide_import set end_at = 0 " WHERE, whose->job,
             IMPORT_REFUSED, (unsigned long long)whose->token);
    int64_t found = bide_db_execute(change, sql);
    if (found <= 0)
        return (int)found;
    snprintf(sql, sizeof sql, "select reject_size from bide_import " WHERE, whose->job,
             IMPORT_REFUSED, (unsigned long long)whose->token);
    bide_auto(rows) rows = bide_db_query(change, sql);
    int rc = bide_rows_next(rows);
    if (rc > 0)
        *size = (uint64_t)bide_rows_int(rows, "reject_size");
    return rc;
}

BIDE_WAITS static int drop(struct import *im)
{
    char sql[200];
    const struct import_claim *whose = &im->reject.claim;
    snprintf(sql, sizeof sql, "delete from bide_import " WHERE, whose->job, IMPORT_REFUSED,
             (unsigned long long)whose->token);
    return database_do(im->db, sql);
}

/* In this order, so that it can be done again: the row goes when the lines have gone. */
int import_doubt_settle(struct import *im)
{
    struct import_reject *r = &im->reject;
    uint64_t size = r->size;
    if (!is_kept(im) || !r->unsure)
        return 0;
    int rc = import_sign_end(im, &r->claim);
    if (rc == 0)
        rc = ask(im, &size);
    if (rc >= 0 && size < r->size)
        import_reject_cut(r, size);
    if (rc >= 0)
        rc = drop(im);
    if (rc < 0)
        return bide_within("%s: which of its last lines count", r->name);
    r->unsure = false;
    return 0;
}

int import_doubt_close(struct import *im)
{
    struct import_reject *r = &im->reject;
    bool ours = im->state.token && r->claim.token == im->state.token;
    if (!is_kept(im) || !ours || im->state.over)
        return 0;
    BIDE_SHIELD(shield, LAST_WORDS);
    r->unsure = true;
    return import_doubt_settle(im);
}
