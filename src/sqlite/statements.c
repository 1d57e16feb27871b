#include "sqlite/statements.h"

#include "base/memory.h"

#include <stdbool.h>
#include <string.h>

static uint32_t hash_of(const char *sql)
{
    uint32_t hash = 2166136261u;
    for (; *sql; sql++)
        hash = (hash ^ (unsigned char)*sql) * 16777619u;
    return hash;
}

static struct sqlite_prepared *find(struct sqlite_statements *s, const char *sql, uint32_t hash)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->list[i].hash == hash && strcmp(sqlite3_sql(s->list[i].statement), sql) == 0)
            return &s->list[i];
    return NULL;
}

static struct sqlite_prepared *oldest(struct sqlite_statements *s)
{
    struct sqlite_prepared *found = NULL;
    for (size_t i = 0; i < s->count; i++)
        if (!sqlite3_stmt_busy(s->list[i].statement) && (!found || s->list[i].used < found->used))
            found = &s->list[i];
    return found;
}

/* A place for one more; NULL: none, and it is not kept. */
static struct sqlite_prepared *place(struct sqlite_statements *s)
{
    if (s->count < s->max) {
        struct sqlite_prepared *list = bide__resize(s->list, (s->count + 1) * sizeof *list);
        if (!list)
            return NULL;
        s->list = list;
        return &s->list[s->count++];
    }
    struct sqlite_prepared *p = oldest(s);
    if (p)
        sqlite3_finalize(p->statement);
    return p;
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n;")] == '\0';
}

int bide__sqlite_prepare(struct sqlite_statements *s, sqlite3 *file, const char *sql,
                         sqlite3_stmt **statement, const char **rest)
{
    uint32_t hash = hash_of(sql);
    struct sqlite_prepared *p = find(s, sql, hash);
    if (p && !sqlite3_stmt_busy(p->statement)) {
        p->used = ++s->uses;
        *statement = p->statement;
        *rest = "";
        return SQLITE_OK;
    }
    int rc = sqlite3_prepare_v3(file, sql, -1, s->max ? SQLITE_PREPARE_PERSISTENT : 0, statement,
                                rest);
    /* sqlite3_sql() is the statement's own text, so only what is all of it can be found again. */
    bool whole = rc == SQLITE_OK && *statement && is_blank(*rest)
        && strcmp(sqlite3_sql(*statement), sql) == 0;
    p = whole && !p ? place(s) : NULL;
    if (p)
        *p = (struct sqlite_prepared){ ++s->uses, hash, *statement };
    return rc;
}

void bide__sqlite_put_back(struct sqlite_statements *s, sqlite3_stmt *statement)
{
    if (!statement)
        return;
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    for (size_t i = 0; i < s->count; i++)
        if (s->list[i].statement == statement)
            return;
    sqlite3_finalize(statement);
}

void bide__sqlite_finalize_all(struct sqlite_statements *s)
{
    for (size_t i = 0; i < s->count; i++)
        sqlite3_finalize(s->list[i].statement);
    bide__free(s->list);
    s->list = NULL;
    s->count = 0;
}
