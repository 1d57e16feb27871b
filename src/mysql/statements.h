/* The prepared statements of a connection, found by their text; who was used longest ago goes
 * first. */
#ifndef MYSQL_STATEMENTS_H
#define MYSQL_STATEMENTS_H

#include <mysql.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mysql_prepared { uint64_t used; uint32_t hash; char *sql; MYSQL_STMT *statement; };
struct mysql_statements {
    struct mysql_prepared *list;
    size_t count, max;
    uint64_t uses;
};

/* NULL: it is not prepared. */
MYSQL_STMT *bide__mysql_find(struct mysql_statements *s, const char *sql);
/* Keeps it; false: there is no room or memory, and it is not kept. */
bool bide__mysql_keep(struct mysql_statements *s, const char *sql, MYSQL_STMT *statement);
/* Takes the one out that was unused for longest, if there is no room for one more; NULL: there
 * is. */
MYSQL_STMT *bide__mysql_take_oldest(struct mysql_statements *s);
/* It is not kept any more. */
void bide__mysql_forget(struct mysql_statements *s, const MYSQL_STMT *statement);
/* Frees all; the connection is closed, or has forgotten them. */
void bide__mysql_free_statements(struct mysql_statements *s);

#endif
