/* Rows one at a time, however many there are.  In Python:
 *
 *     async def stream_articles(conn):
 *         async for row in conn.cursor("SELECT * FROM articles"):
 *             yield row
 *
 * asyncpg's cursor wants a transaction around it; bide_db_stream() does not.  The server runs ahead
 * by a few rows only, so the first is there long before the last is made, and whoever has seen
 * enough leaves the rest undone: closing the rows cancels the statement. */
#include "demo_pg.h"

enum { MANY = 100000000 };      /* more than the program has time and memory for */

struct article { long long id; char title[40]; };

static int stream_articles(bide_generator *generator, void *db)
{
    bide_auto(rows) rows = bide_db_stream(db,
        "select n as id, 'Article ' || n as title from generate_series(1, $1) n",
        bide_value(MANY));
    int rc;
    while ((rc = bide_rows_next(rows)) > 0) {
        struct article article = { .id = bide_rows_int(rows, "id") };
        snprintf(article.title, sizeof article.title, "%s", bide_rows_text(rows, "title"));
        if ((rc = bide_generator_yield(generator, &article)) < 0)
            break;
    }
    return rc;
}

static int read_some(bide_db *db, int wanted)
{
    struct article article;
    int rc = 0;
    bide_auto(generator) articles = bide_generator_new(stream_articles, struct article, db);
    while (wanted-- > 0 && (rc = bide_generator_next(articles, &article)) > 0)
        printf("%lld: %s\n", article.id, article.title);
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    bide_auto(db) pool = demo_open();
    int rc = read_some(pool, 3);
    if (rc < 0)
        return rc;
    bide_auto(rows) row = bide_db_row(pool, "select count(*) n from articles");
    printf("enough; there are %lld of ours\n", (long long)bide_rows_int(row, "n"));
    return bide_rows_end(row);
}

int main(void)
{
    int rc = bide_run(program, NULL, .stop_on_signal = true);
    if (rc < 0)
        fprintf(stderr, "%s\n", bide_errmsg());
    return rc < 0;
}
