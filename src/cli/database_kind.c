/* cli/database_kind.c -- see database_kind.h. */
#include "cli/database_kind.h"
#include "db/name.h"
#include <stdlib.h>
#include <string.h>

static const struct database_kind kinds[DATABASE_KINDS] = {
    { .id = DATABASE_SQLITE, .name = "sqlite", .quote = '"', .one_writer = true, .sharing = "" },
    { .id = DATABASE_POSTGRESQL, .name = "postgresql", .quote = '"', .has_schemas = true,
      .reads_texts = true, .sharing = " for share" },
    { .id = DATABASE_MYSQL, .name = "mysql", .quote = '`', .has_schemas = true,
      .sharing = " lock in share mode" },
};

const struct database_kind *database_kind(const bide_db *db)
{
    const struct database_kind *kind = kinds;
    while (strcmp(kind->name, bide_db_kind(db)) != 0)
        kind++;
    return kind;
}

static void write_quoted(FILE *to, const struct database_kind *kind, const char *name,
                         bool of_table)
{
    char piece[DB_NAME_PIECE];
    fputc(kind->quote, to);
    for (size_t size; (size = bide__db_name_next(&name, kind->quote, of_table, piece)) > 0;)
        fwrite(piece, 1, size, to);
    fputc(kind->quote, to);
}

void database_write_name(FILE *to, const struct database_kind *kind, const char *name)
{
    write_quoted(to, kind, name, false);
}

void database_write_table(FILE *to, const struct database_kind *kind, const char *name)
{
    write_quoted(to, kind, name, kind->has_schemas);
}

char *database_table(const struct database_kind *kind, const char *name)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return NULL;
    database_write_table(to, kind, name);
    if (fclose(to) == 0)
        return text;
    free(text);
    return NULL;
}
