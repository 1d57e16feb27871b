#include "mysql/statements.h"

#include "base/memory.h"

#include <string.h>

static uint32_t hash_of(const char *sql)
{
    uint32_t hash = 2166136261u;
    for (; *sql; sql++)
        hash = (hash ^ (unsigned char)*sql) * 16777619u;
    return hash;
}

MYSQL_STMT *bide__mysql_find(struct mysql_statements *s, const char *sql)
{
    uint32_t hash = hash_of(sql);
    for (size_t i = 0; i < s->count; i++)
        if (s->list[i].hash == hash && strcmp(s->list[i].sql, sql) == 0) {
            s->list[i].used = ++s->uses;
            return s->list[i].statement;
        }
    return NULL;
}

bool bide__mysql_keep(struct mysql_statements *s, const char *sql, MYSQL_STMT *statement)
{
    if (s->count >= s->max)
        return false;
    struct mysql_prepared *list = bide__resize(s->list, (s->count + 1) * sizeof *list);
    if (!list)
        return false;
    s->list = list;
    char *copy = bide__copy_text(sql, strlen(sql));
    if (!copy)
        return false;
    list[s->count++] = (struct mysql_prepared){ ++s->uses, hash_of(sql), copy, statement };
    return true;
}

static MYSQL_STMT *take(struct mysql_statements *s, size_t i)
{
    MYSQL_STMT *statement = s->list[i].statement;
    bide__free(s->list[i].sql);
    s->list[i] = s->list[--s->count];
    return statement;
}

MYSQL_STMT *bide__mysql_take_oldest(struct mysql_statements *s)
{
    if (!s->count || s->count < s->max)
        return NULL;
    size_t oldest = 0;
    for (size_t i = 1; i < s->count; i++)
        if (s->list[i].used < s->list[oldest].used)
            oldest = i;
    return take(s, oldest);
}

void bide__mysql_forget(struct mysql_statements *s, const MYSQL_STMT *statement)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->list[i].statement == statement) {
            take(s, i);
            return;
        }
}

void bide__mysql_free_statements(struct mysql_statements *s)
{
    while (s->count)
        mysql_stmt_close(take(s, s->count - 1));
    bide__free(s->list);
    s->list = NULL;
}
