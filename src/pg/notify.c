/* LISTEN and NOTIFY: what other sessions say, until somebody asks for it. */
#include "pg/connection.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>

static PGnotify *take_first(struct pg_connection *c)
{
    struct pg_note *note = c->notes;
    if (!note)
        return NULL;
    PGnotify *notify = note->notify;
    c->notes = note->next;
    if (!c->notes)
        c->notes_tail = &c->notes;
    c->note_count--;
    bide__free(note);
    return notify;
}

/* The oldest go where nobody takes them. */
static void keep(struct pg_connection *c, PGnotify *notify)
{
    struct pg_note *note = bide__alloc(sizeof *note);
    if (!note) {
        PQfreemem(notify);
        return;
    }
    *note = (struct pg_note){ NULL, notify };
    *c->notes_tail = note;
    c->notes_tail = &note->next;
    if (++c->note_count > PG_NOTIFICATIONS_MAX)
        PQfreemem(take_first(c));
}

void bide__pg_collect_notes(struct pg_connection *c)
{
    PGnotify *notify;
    while ((notify = PQnotifies(c->pg)))
        keep(c, notify);
    if (c->notes)
        bide__settle_all(&c->listener, 0);
}

void bide__pg_drop_notes(struct pg_connection *c)
{
    while (c->notes)
        PQfreemem(take_first(c));
    PQfreemem(c->shown);
    c->shown = NULL;
}

int bide_pg_listen(bide_db *db, const char *channel)
{
    struct db_connection *c = bide__db_own(db, &bide_pg_driver);
    if (!c)
        return bide_errcode();
    char *name = PQescapeIdentifier(pg_of(c)->pg, channel, strlen(channel));
    if (!name)
        return bide_fail(BIDE_EINVAL, "listen: \"%.60s\" is no name of a channel", channel);
    char sql[300];
    snprintf(sql, sizeof sql, "listen %.280s", name);
    PQfreemem(name);
    return (int)bide_db_execute(db, sql);
}

int bide_pg_notification(bide_db *db, struct bide_pg_notification *n)
{
    static const struct waitkind hearing = { "a notification of PostgreSQL", bide__undo, NULL };
    struct db_connection *base = bide__db_own(db, &bide_pg_driver);
    int rc = base ? bide__enter() : bide_errcode();
    if (rc < 0)
        return rc;
    struct pg_connection *c = pg_of(base);
    if (c->listener.head)
        return bide_fail(BIDE_EBUSY, "another task waits for notifications here");
    while (!c->notes) {
        if (c->broken)
            return bide__pg_fail_lost(c);
        c->listens = true;
        bide__pg_pump(c);
        struct wait w = { .kind = &hearing };
        rc = c->broken ? 0 : bide__wait(&c->listener, &w);
        c->listens = false;
        if (rc < 0)
            return rc;
    }
    PQfreemem(c->shown);
    c->shown = take_first(c);
    *n = (struct bide_pg_notification){ c->shown->relname, c->shown->extra, c->shown->be_pid };
    return 0;
}
