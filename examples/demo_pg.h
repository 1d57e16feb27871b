/* demo_pg.h -- users, their posts, and articles in PostgreSQL, for the examples that ask for them.
 *
 *     bide_auto(db) db = demo_open(.size_max = 20);
 *
 * It is the database that the PG* variables name (PGHOST, PGPORT, PGUSER, PGDATABASE, ...); a
 * program of yours gives a URL, "postgresql://user:password@localhost/mydb".  The tables are
 * temporary, made by each connection for itself, so that nothing of yours is touched; making them
 * again does no harm. */
#ifndef DEMO_PG_H
#define DEMO_PG_H
#include <bide.h>
#include <bide/pg.h>
#include <stdio.h>

static int demo_fill(bide_db *connection, void *unused)
{
    (void)unused;
    return (int)bide_db_execute(connection,
        "create temp table if not exists users (id int primary key, name text, email text,"
        "                                       active bool, created_at timestamptz);"
        "insert into users values (1, 'Ann', 'ann@example.org', true, '2024-01-01'),"
        "                         (2, 'Bob', 'bob@example.org', false, '2024-01-02'),"
        "                         (3, 'Eve', 'eve@example.org', true, '2024-01-03')"
        " on conflict do nothing;"
        "create temp table if not exists posts (id int primary key, user_id int, title text,"
        "                                       published bool, created_at timestamptz);"
        "insert into posts values (1, 1, 'On loops', true, '2024-02-01'),"
        "                         (2, 3, 'On queues', true, '2024-02-02'),"
        "                         (3, 1, 'On \"tasks\"', false, '2024-02-03'),"
        "                         (4, 1, 'On waiting', true, '2024-02-04')"
        " on conflict do nothing;"
        "create or replace temp view articles as"
        "  select n as id, 'Article ' || n as title from generate_series(1, 3) n");
}

#define demo_open(...) bide_pg_open("", .setup = demo_fill, __VA_ARGS__)

#endif
