/* What SQLite failed with, as the nearest SQLSTATE. */
#include "sqlite/connection.h"

#include <bide/error.h>
#include <bide/task.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct state { int code; const char *sqlstate; };

/* The extended code first, then what it belongs to. */
static const char *sqlstate_of(int code)
{
    static const struct state states[] = {
        { SQLITE_CONSTRAINT_UNIQUE, "23505" }, { SQLITE_CONSTRAINT_PRIMARYKEY, "23505" },
        { SQLITE_CONSTRAINT_ROWID, "23505" }, { SQLITE_CONSTRAINT_FOREIGNKEY, "23503" },
        { SQLITE_CONSTRAINT_NOTNULL, "23502" }, { SQLITE_CONSTRAINT_CHECK, "23514" },
        { SQLITE_CONSTRAINT, "23000" },
        { SQLITE_BUSY_SNAPSHOT, "40001" },      /* what it has read is not the newest any more */
        { SQLITE_BUSY, "55P03" }, { SQLITE_LOCKED, "55P03" },
        { SQLITE_READONLY, "25006" }, { SQLITE_FULL, "53100" }, { SQLITE_NOMEM, "53200" },
        { SQLITE_INTERRUPT, "57014" }, { SQLITE_CORRUPT, "XX001" }, { SQLITE_NOTADB, "XX001" },
        { SQLITE_TOOBIG, "54000" }, { SQLITE_MISMATCH, "22000" }, { SQLITE_IOERR, "58030" },
        { SQLITE_CANTOPEN, "58P01" }, { SQLITE_AUTH, "42501" }, { SQLITE_PERM, "42501" },
        { SQLITE_ERROR, "42000" },
    };
    for (int mask = 0;; mask++) {
        int wanted = mask ? code & 0xff : code;
        for (size_t i = 0; i < sizeof states / sizeof *states; i++)
            if (states[i].code == wanted)
                return states[i].sqlstate;
        if (mask)
            return "HY000";
    }
}

/* Characters, not bytes. */
static int position_in(const char *sql, int offset)
{
    int position = 1;
    for (int i = 0; i < offset && sql[i]; i++)
        position += ((unsigned char)sql[i] & 0xc0) != 0x80;
    return position;
}

int bide__sqlite_note(struct sqlite_connection *c, int code, struct sqlite_refusal *why)
{
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE)
        return 0;
    why->code = code;
    snprintf(why->text, sizeof why->text, "%s", sqlite3_errmsg(c->file));
    return bide_fail(BIDE_EDB, "%s", why->text);
}

int bide__sqlite_note_at(struct sqlite_connection *c, int code, const char *sql,
                         struct sqlite_refusal *why)
{
    int rc = bide__sqlite_note(c, code, why);
    int offset = rc < 0 ? sqlite3_error_offset(c->file) : -1;
    if (offset >= 0)
        why->position = position_in(sql, offset);
    return rc;
}

int bide__sqlite_note_open(struct sqlite_connection *c, int code, struct sqlite_refusal *why)
{
    int rc = bide__sqlite_note(c, code, why);
    int reason = rc < 0 ? sqlite3_system_errno(c->file) : 0;
    size_t used = strlen(why->text);
    if (reason)
        snprintf(why->text + used, sizeof why->text - used, ": %s", bide_strerror(-reason));
    why->missing = reason == ENOENT;
    return rc;
}

int bide__sqlite_note_reading(struct sqlite_refusal *why)
{
    why->code = SQLITE_READONLY;
    snprintf(why->text, sizeof why->text, "the transaction only reads (.read_only)");
    return bide_fail(BIDE_EDB, "%s", why->text);
}

int bide__sqlite_refuse(struct sqlite_connection *c, int rc, const struct sqlite_refusal *why)
{
    if (rc >= 0 || !why->code)
        return rc;
    int code = why->code & 0xff;
    if (code == SQLITE_INTERRUPT && atomic_load(&c->broken))
        return bide_fail(BIDE_ECLOSED, "the pool was closed");
    if ((code == SQLITE_INTERRUPT || code == SQLITE_BUSY) && bide_cancelled())
        return bide_fail(BIDE_ECANCELED, "cancelled");
    if (code == SQLITE_NOMEM)
        return bide_fail(BIDE_ENOMEM, "sqlite: out of memory");
    const struct bide_db_failure failure = {
        .sqlstate = why->missing ? "3D000" : sqlstate_of(why->code), .number = why->code,
        .severity = "ERROR", .message = why->text, .position = why->position,
    };
    return bide__db_refuse(c->base.pool, &failure);
}
