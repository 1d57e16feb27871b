/* What a server said: of a statement that failed, and by the way. */
#include "db/pool.h"

#include "base/memory.h"

#include <bide/log.h>

#include <string.h>

enum { TEXTS = 10 };

/* The texts of a failure, one after the other. */
static void list_texts(struct bide_db_failure *f, const char **texts[TEXTS])
{
    const char **list[TEXTS] = {
        &f->sqlstate, &f->severity, &f->message, &f->detail, &f->hint, &f->schema, &f->table,
        &f->column, &f->constraint, &f->context,
    };
    memcpy(texts, list, sizeof list);
}

/* Copies them into one piece of memory; where there is none they are "". */
static void keep(struct db_pool *pool, const struct bide_db_failure *said)
{
    struct bide_db_failure copy = *said;
    const char **texts[TEXTS];
    list_texts(&copy, texts);
    size_t bytes = 0;
    for (int i = 0; i < TEXTS; i++) {
        if (!*texts[i])
            *texts[i] = "";
        bytes += strlen(*texts[i]) + 1;
    }
    char *at = bide__alloc(bytes);
    char *memory = at;
    for (int i = 0; i < TEXTS; i++) {
        const char *text = *texts[i];
        *texts[i] = at ? at : "";
        if (at)
            at = stpcpy(at, text) + 1;
    }
    bide__free(pool->failure_text);
    pool->failure_text = memory;
    pool->failure = copy;
}

int bide__db_refuse(struct db_pool *pool, const struct bide_db_failure *said)
{
    keep(pool, said);
    const char *state = said->sqlstate ? said->sqlstate : "";
    const char *detail = said->detail ? said->detail : "";
    return bide_fail(BIDE_EDB, "%s%s%s%s%s%s", state, *state ? ": " : "",
                     said->message ? said->message : "failed", *detail ? " (" : "", detail,
                     *detail ? ")" : "");
}

const struct bide_db_failure *bide_db_failure(const bide_db *db)
{
    static const struct bide_db_failure nothing = { "", 0, "", "", "", "", "", "", "", "", 0,
                                                    "" };
    return db && db->pool->failure.message ? &db->pool->failure : &nothing;
}

void bide__db_notice(struct db_pool *pool, const char *severity, const char *sentence)
{
    if (pool->opts.notice)
        pool->opts.notice(pool->opts.arg, severity, sentence);
    else
        bide_log(BIDE_LOG_DEBUG, "%s: %s: %s", pool->driver->kind, severity, sentence);
}
