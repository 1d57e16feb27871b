/* A pool, and two queries at once on one of its connections.  In Python:
 *
 *     async with pool.acquire() as conn:
 *         user, posts = await asyncio.gather(
 *             conn.fetchrow('SELECT * FROM users WHERE id = $1', user_id),
 *             conn.fetch('SELECT * FROM posts WHERE user_id = $1 ORDER BY ...', user_id))
 *
 * asyncpg refuses that: "another operation is in progress".  Here both are on their way at once:
 * the server has the second before it has answered the first. */
#include "demo_pg.h"

struct found { bide_db *connection; int user_id; bide_rows *user, *posts; };

static int fetch_user(void *arg)
{
    struct found *f = arg;
    f->user = bide_db_query(f->connection, "SELECT * FROM users WHERE id = $1",
                            bide_value(f->user_id));
    return bide_rows_next(f->user) < 0 ? bide_errcode() : 0;
}

static int fetch_posts(void *arg)
{
    struct found *f = arg;
    f->posts = bide_db_query(f->connection, "SELECT * FROM posts WHERE user_id = $1 "
                             "ORDER BY created_at DESC", bide_value(f->user_id));
    return f->posts ? 0 : bide_errcode();
}

static int show_user_with_posts(bide_db *pool, int user_id)
{
    bide_auto(db) connection = bide_db_acquire(pool);
    struct found found = { .connection = connection, .user_id = user_id };
    struct bide_call calls[] = { { .fn = fetch_user, .arg = &found },
                                 { .fn = fetch_posts, .arg = &found } };
    int rc = bide_gather(calls, 2);
    bide_auto(rows) user = found.user;
    bide_auto(rows) posts = found.posts;
    if (rc < 0)
        return rc;
    printf("%s\n", bide_rows_text(user, "name"));
    while ((rc = bide_rows_next(posts)) > 0)
        printf("  %s\n", bide_rows_text(posts, "title"));
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    bide_auto(db) pool = demo_open(.size_min = 5, .size_max = 20);
    bide_auto(rows) users = bide_db_query(pool, "SELECT id, name, email FROM users "
        "WHERE active = $1 ORDER BY created_at DESC LIMIT $2", bide_value((bool)true),
        bide_value(100));
    printf("Found %lld users\n", (long long)bide_rows_count(users));
    return show_user_with_posts(pool, 1);
}

int main(void) { return bide_run(program, NULL, .stop_on_signal = true) < 0; }
