/* cli/import_owner.c -- whose import it is, among processes that may all think so.
 *
 * Who was cut off from the list, and not from the database, goes on with a file that another has
 * taken over; and the last commit of who was killed may still be on its way at the server.  So who
 * begins with an import puts a number of its own into a row of bide_import, and each transaction
 * looks whether it still stands there, with a lock that lets others look but not take over before
 * its end.  So what an earlier owner has not made last by then never is, and what it has is known
 * to the next one.
 *
 * Who was stopped within a transaction, or cut off, would keep its locks for as long as its
 * connections last.  So they are signed (import_sign.c), and who takes over ends the others'. */
#include "cli/database_kind.h"
#include "cli/databases.h"
#include "cli/import.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Attempts where another takes it over in the same moment, and seconds before the next. */
#define ATTEMPTS 20
#define PAUSE 0.05

/* ---- taking ---- */

static int make_token(struct import *im)
{
    uint64_t token;
    if (getrandom(&token, sizeof token, 0) != sizeof token)
        return bide_fail(-errno, "random bytes: %s", strerror(errno));
    im->state.token = token >> 2;       /* fits every server's integers */
    return 0;
}

/* Who has it, as far as can be seen without waiting; 0: nobody. */
BIDE_WAITS static int read_token(struct import *im, uint64_t *token)
{
    char sql[200];
    snprintf(sql, sizeof sql, "select end_line from bide_import where job = '%s' and file = %d",
             im->state.job, IMPORT_OWNER);
    bide_auto(rows) rows = bide_db_query(im->db, sql);
    int rc = bide_rows_next(rows);
    *token = rc > 0 ? (uint64_t)bide_rows_int(rows, "end_line") : 0;
    return rc < 0 ? rc : 0;
}

BIDE_WAITS static int put_token(struct import *im)
{
    char sql[320];
    unsigned long long token = im->state.token;
    bide_auto(db) change = database_begin(im->db);
    if (import_sign(im, change) < 0)
        return bide_errcode();
    snprintf(sql, sizeof sql, "update bide_import set end_line = %llu where job = '%s' and "
             "file = %d", token, im->state.job, IMPORT_OWNER);
    int64_t count = bide_db_execute(change, sql);
    if (count == 0) {
        snprintf(sql, sizeof sql, IMPORT_INSERT "('%s', %d, 0, 0, %llu, 0, 0, 0)", im->state.job,
                 IMPORT_OWNER, token);
        count = bide_db_execute(change, sql);
    }
    if (count >= 0)
        count = import_doubt_open(im, change);
    return count < 0 ? (int)count : bide_db_commit(change);
}

/* Two make the same table, or the same row, in one moment: one of them is refused. */
static bool is_of_a_race(const struct import *im)
{
    static const char *const states[] = { "23", "42P07", "42710", "40" };
    const char *state = bide_db_failure(im->db)->sqlstate;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (bide_errcode() == BIDE_EDB && strncmp(state, states[i], strlen(states[i])) == 0)
            return true;
    return false;
}

/* Others are ended before, for they may have the row, and behind, for they may have begun anew. */
BIDE_WAITS static int take(struct import *im)
{
    uint64_t before = 0;
    int rc = read_token(im, &before);
    if (rc == 0)
        rc = import_sign_end_others(im, before);
    if (rc == 0)
        rc = put_token(im);
    return rc < 0 ? rc : import_sign_end_others(im, before);
}

int import_owner_take(struct import *im)
{
    int rc = make_token(im);
    for (int i = 0; rc == 0 && i < ATTEMPTS; i++) {
        int put = take(im);
        if (put == 0 || !is_of_a_race(im))
            return put;
        rc = bide_sleep(PAUSE);
    }
    return rc < 0 ? rc : bide_fail(BIDE_EBUSY, "others took it over %d times", ATTEMPTS);
}

int import_owner_drop(struct import *im)
{
    char sql[200];
    snprintf(sql, sizeof sql, "delete from bide_import where job = '%s' and file = %d and "
             "end_line = %llu", im->state.job, IMPORT_OWNER, (unsigned long long)im->state.token);
    return database_do(im->db, sql);
}

int import_owner_execute(struct import *im, const char *sql)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < ATTEMPTS; i++) {
        int64_t done = bide_db_execute(im->db, sql);
        if (done >= 0 || !im->shared || !is_of_a_race(im))
            return done < 0 ? (int)done : 0;
        rc = bide_sleep(PAUSE);
    }
    return rc < 0 ? rc : bide_errcode();
}

/* ---- looking ---- */

int import_owner_check(struct import *im, bide_db *change)
{
    char sql[200];
    snprintf(sql, sizeof sql, "select end_line from bide_import where job = '%s' and file = %d%s",
             im->state.job, IMPORT_OWNER, database_kind(im->db)->sharing);
    bide_auto(rows) rows = bide_db_query(change, sql);
    int rc = bide_rows_next(rows);
    if (rc < 0)
        return rc;
    bool ours = rc > 0 && (uint64_t)bide_rows_int(rows, "end_line") == im->state.token;
    return ours ? 0 : bide_fail(-ESTALE, "another worker has taken it over");
}
