/* cli/database_kind.h -- what differs from one kind of database to another, for who loads them. */
#ifndef CLI_DATABASE_KIND_H
#define CLI_DATABASE_KIND_H
#include <bide/db.h>
#include <stdio.h>

/* Places in tables of what each has of its own. */
enum database_id { DATABASE_SQLITE, DATABASE_POSTGRESQL, DATABASE_MYSQL, DATABASE_KINDS };

struct database_kind {
    enum database_id id;
    const char *name;           /* as bide_db_kind() says it */
    char quote;                 /* around names */
    bool has_schemas;           /* a dot in the name of a table parts one from it; two are one */
    bool one_writer;            /* at a time: a transaction takes that lock when it begins */
    bool reads_texts;           /* of every type, and says at which row and column it failed */
    const char *sharing;        /* behind a select: others may read the row, and not change it */
};

/* That of a database of this program. */
const struct database_kind *database_kind(const bide_db *db);
/* A name as this kind quotes it. */
void database_write_name(FILE *to, const struct database_kind *kind, const char *name);
/* That of a table, with its schema. */
void database_write_table(FILE *to, const struct database_kind *kind, const char *name);
/* The same in memory of its own; NULL: there is none. */
char *database_table(const struct database_kind *kind, const char *name);

#endif
