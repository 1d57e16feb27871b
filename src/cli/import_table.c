/* cli/import_table.c -- the table at the server: looked at, made. */
#include "cli/database_kind.h"
#include "cli/import.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

char *import_table_text(const struct import *im, bool if_missing)
{
    const struct import_columns *c = &im->columns;
    const struct database_kind *kind = database_kind(im->db);
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return NULL;
    fprintf(to, "create table %s", if_missing ? "if not exists " : "");
    database_write_table(to, kind, im->options->table);
    for (size_t i = 0; i < c->count; i++) {
        fputs(i ? ",\n    " : " (\n    ", to);
        database_write_name(to, kind, c->list[i].name);
        fprintf(to, " %s", import_type_name(c->list[i].type, kind->id));
    }
    fputs("\n)", to);
    if (fclose(to) == 0)
        return text;
    free(text);
    return NULL;
}

BIDE_WAITS static int make_table(struct import *im)
{
    char *text = import_table_text(im, im->state.kept);
    if (!text)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    int rc = import_owner_execute(im, text);
    free(text);
    return rc;
}

/* The table's column of this name, or none. */
static const char *type_in(bide_rows *rows, const char *name)
{
    for (size_t i = 0; i < bide_rows_width(rows); i++)
        if (strcasecmp(bide_rows_name(rows, i), name) == 0)
            return bide_rows_type(rows, i);
    return NULL;
}

/* The table's types count, not those guessed; but MariaDB's boolean is an integer. */
static enum import_type type_of(const char *declared, enum import_type guessed)
{
    bool is_truth = guessed == TYPE_BOOL && strcasecmp(declared, "tinyint") == 0;
    return is_truth ? TYPE_BOOL : import_type_declared(declared);
}

static int take_types(struct import *im, bide_rows *rows)
{
    struct import_columns *c = &im->columns;
    for (size_t i = 0; i < c->count; i++) {
        const char *type = type_in(rows, c->list[i].name);
        if (!type)
            return bide_fail(BIDE_EINVAL, "the table %s has no column '%s' (--columns chooses)",
                             im->options->table, c->list[i].name);
        c->list[i].type = type_of(type, c->list[i].type);
    }
    return 0;
}

int import_table_open(struct import *im)
{
    char *name = database_table(database_kind(im->db), im->options->table);
    char *query = NULL;
    if (!name || asprintf(&query, "select * from %s where 1 = 0", name) < 0)
        query = NULL;
    free(name);
    if (!query)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    int rc = im->options->create ? make_table(im) : 0;
    bide_auto(rows) rows = rc < 0 ? NULL : bide_db_query(im->db, query);
    free(query);
    if (rc == 0 && !rows)
        rc = bide_errcode() == BIDE_EDB ? bide_within("--create makes the table") : bide_errcode();
    return rc < 0 ? rc : take_types(im, rows);
}
