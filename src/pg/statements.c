#include "pg/statements.h"

#include "base/memory.h"
#include "core/park.h"
#include "pg/decode.h"
#include "pg/portion.h"

#include <stdio.h>
#include <string.h>

static uint32_t hash_of(const char *sql)
{
    uint32_t hash = 2166136261u;
    for (; *sql; sql++)
        hash = (hash ^ (unsigned char)*sql) * 16777619u;
    return hash;
}

void bide__pg_name(uint64_t number, char name[PG_NAME_SIZE])
{
    snprintf(name, PG_NAME_SIZE, "bide_%llu", (unsigned long long)number);
}

struct pg_statement *bide__pg_find(struct pg_statements *s, const char *sql)
{
    uint32_t hash = hash_of(sql);
    for (size_t i = 0; i < s->count; i++) {
        struct pg_statement *p = s->list[i];
        if (p->hash == hash && strcmp(p->sql, sql) == 0) {
            p->used = ++s->uses;
            return p;
        }
    }
    return NULL;
}

static void free_statement(struct pg_statement *p)
{
    bide__settle_all(&p->waiters, 0);
    p->forgotten = true;
    if (p->holders)
        return;
    bide__free(p->types);
    bide__free(p->sql);
    bide__free(p);
}

void bide__pg_hold(struct pg_statement *p)
{
    if (p)
        p->holders++;
}

void bide__pg_release(struct pg_statement *p)
{
    if (p && --p->holders == 0 && p->forgotten)
        free_statement(p);
}

void bide__pg_forget(struct pg_statements *s, struct pg_statement *p)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->list[i] == p) {
            s->list[i] = s->list[--s->count];
            break;
        }
    free_statement(p);
}

void bide__pg_forget_all(struct pg_statements *s)
{
    for (size_t i = s->count; i-- > 0;)
        if (s->list[i]->ready)
            bide__pg_forget(s, s->list[i]);
}

void bide__pg_statements_free(struct pg_statements *s)
{
    while (s->count)
        free_statement(s->list[--s->count]);
    bide__free(s->list);
    s->list = NULL;
}

static struct pg_statement *longest_unused(struct pg_statements *s)
{
    struct pg_statement *found = NULL;
    for (size_t i = 0; i < s->count; i++)
        if (s->list[i]->ready && (!found || s->list[i]->used < found->used))
            found = s->list[i];
    return found;
}

/* Is there a place for one more? */
static bool make_room(struct pg_statements *s, uint64_t *dropped)
{
    if (!s->list)
        s->list = bide__alloc(s->max * sizeof *s->list);
    if (!s->list)
        return false;
    if (s->count < s->max)
        return true;
    struct pg_statement *p = longest_unused(s);
    if (!p)
        return false;
    *dropped = p->number;
    bide__pg_forget(s, p);
    return true;
}

struct pg_statement *bide__pg_keep(struct pg_statements *s, const char *sql, uint64_t *dropped)
{
    *dropped = 0;
    struct pg_statement *p = bide__zalloc(sizeof *p);
    if (!p)
        return NULL;
    p->sql = bide__copy_text(sql, strlen(sql));
    if (!p->sql || !make_room(s, dropped)) {
        free_statement(p);
        return NULL;
    }
    p->hash = hash_of(sql);
    p->number = ++s->numbers;
    bide__pg_name(p->number, p->name);
    p->used = ++s->uses;
    s->list[s->count++] = p;
    return p;
}

void bide__pg_describe(struct pg_statements *s, struct pg_statement *p, const PGresult *description)
{
    p->ready = true;
    if (description) {
        p->parameters = PQnparams(description);
        p->types = bide__alloc((size_t)p->parameters * sizeof *p->types + 1);
    }
    if (!p->types) {
        bide__pg_forget(s, p);
        return;
    }
    for (int i = 0; i < p->parameters; i++)
        p->types[i] = PQparamtype(description, i);
    p->binary = bide__pg_reads_binary(description);
    p->portion = p->binary ? bide__pg_portion(description) : PG_PORTION_ROWS;
    bide__settle_all(&p->waiters, 0);
}
