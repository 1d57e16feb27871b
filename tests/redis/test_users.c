/* With a real server: users and passwords; databases and sockets that are not there. */
#include <bide.h>
#include <bide/redis.h>

#include "redis/server.h"

/* ---- users ----------------------------------------------------------------------------------- */

#define USERS \
    "--user", "default", "off", "--user", "alice", "on", ">wonder%land", "~a:*", "+@all", \
    "--user", "open", "on", "nopass", "~*", "+@all", \
    "--user", "one", "on", "nopass", "~*", "+@all", "-multi"

static const char *say_set(const struct server *s, const char *who, const char *key)
{
    static char said[sizeof(struct bide_error)];
    char url[96];
    snprintf(url, sizeof url, "redis://%s127.0.0.1:%d", who, s->port);
    bide_auto(redis) redis = bide_redis_open(url, .attempts = 1);
    bide_auto(redis_reply) r = bide_redis_call(redis, "SET", key, "v");
    snprintf(said, sizeof said, "%s", r ? bide_redis_text(r) : bide_errmsg());
    CHECK(r || bide_errcode() == BIDE_EDB);
    return said;
}

SERVER_TEST(users_get_in_by_their_passwords_and_do_what_they_may, USERS)
{
    (void)redis;
    CHECK_STR(say_set(server, "alice:wonder%25land@", "a:1"), "OK");
    CHECK_HAS(say_set(server, "alice:wonder%25land@", "b:1"), "NOPERM");
    CHECK_HAS(say_set(server, "alice:guess@", "a:1"), "WRONGPASS");
    CHECK_HAS(say_set(server, "bob:wonder%25land@", "a:1"), "WRONGPASS");
    CHECK_HAS(say_set(server, ":wonder%25land@", "a:1"), "WRONGPASS");
    CHECK_HAS(say_set(server, "", "a:1"), "NOAUTH");
    CHECK_STR(say_set(server, "open@", "b:1"), "OK");
    CHECK_STR(say_set(server, "open:whatever@", "b:1"), "OK");
    bide_auto(redis) single = bide_redis_open(server->url, .user = "one");
    bide_auto(redis_batch) b = bide_redis_batch_new(single);
    CHECK_EQ(bide_redis_add(b, "SET", "b:2", "v"), 0);
    CHECK(!bide_redis_exec(b));
    CHECK_EQ(bide_errcode(), BIDE_EDB);
    CHECK_HAS(bide_errmsg(), "may have been done");
    bide_auto(redis) other = bide_redis_open(server->url, .user = "alice",
                                             .password = "wonder%land");
    CHECK(!bide_redis_call(other, "BLPOP", "b:1", "1"));
    CHECK_HAS(bide_errmsg(), "NOPERM");
    CHECK(!bide_redis_subscribe(other, (const char *[]){ "secret", NULL }, NULL));
    CHECK_HAS(bide_errmsg(), "NOPERM");
}

/* ---- databases ------------------------------------------------------------------------------- */

SERVER_TEST(a_database_that_is_not_there_is_told_at_once, "--databases", "4")
{
    (void)redis;
    char url[96];
    snprintf(url, sizeof url, "redis://127.0.0.1:%d/4", server->port);
    bide_auto(redis) wrong = bide_redis_open(url);
    double begun = bide_now();
    CHECK(!bide_redis_call(wrong, "PING"));
    CHECK_EQ(bide_errcode(), BIDE_EDB);
    CHECK_HAS(bide_errmsg(), "out of range");
    CHECK(!bide_redis_call(wrong, "BLPOP", "l", "1"));
    CHECK_HAS(bide_errmsg(), "out of range");
    CHECK(bide_now() - begun < 5);
    snprintf(url, sizeof url, "unix:%s/nothing", server->folder);
    bide_auto(redis) nowhere = bide_redis_open(url, .attempts = 1);
    CHECK(!bide_redis_call(nowhere, "PING"));
    CHECK_EQ(bide_errcode(), -ENOENT);
}
