/* Scripts by their hash, which the server knows them by once it has run them. */
#include "redis/client.h"

#include "base/memory.h"
#include "http/sha1.h"

#include <stdio.h>
#include <string.h>

enum { BEFORE_KEYS = 3, HEX = 2 * SHA1_SIZE + 1 };

static void hash(const char *lua, char hex[HEX])
{
    uint8_t sum[SHA1_SIZE];
    bide__sha1(lua, strlen(lua), sum);
    for (size_t i = 0; i < SHA1_SIZE; i++)
        snprintf(hex + 2 * i, 3, "%02x", sum[i]);
}

/* Was it refused for the server does not know the hash? */
static bool is_missing(void)
{
    return bide_errcode() == BIDE_EDB && strncmp(bide_errmsg(), "redis: NOSCRIPT", 15) == 0;
}

BIDE_WAITS static bide_redis_reply *run(bide_redis *redis, const char *lua, const char **argv,
                                        size_t count)
{
    char hex[HEX];
    hash(lua, hex);
    argv[0] = "EVALSHA";
    argv[1] = hex;
    bide_redis_reply *reply = bide_redis_command(redis, argv, count);
    if (reply || !is_missing())
        return reply;
    argv[0] = "EVAL";
    argv[1] = lua;
    return bide_redis_command(redis, argv, count);
}

bide_redis_reply *bide_redis_script(bide_redis *redis, const char *lua, const char *const *keys,
                                    size_t key_count, const char *const *args, size_t arg_count)
{
    if (!redis)
        return NULL;
    size_t count = BEFORE_KEYS + key_count + arg_count;
    const char **argv = lua ? bide__alloc(count * sizeof *argv) : NULL;
    char keys_text[24];
    if (!argv) {
        bide_fail(lua ? BIDE_ENOMEM : BIDE_EINVAL, lua ? "redis: out of memory"
                                                       : "redis: no script");
        return NULL;
    }
    snprintf(keys_text, sizeof keys_text, "%zu", key_count);
    argv[2] = keys_text;
    for (size_t i = 0; i < key_count; i++)
        argv[BEFORE_KEYS + i] = keys[i];
    for (size_t i = 0; i < arg_count; i++)
        argv[BEFORE_KEYS + key_count + i] = args[i];
    bide_redis_reply *reply = run(redis, lua, argv, count);
    bide__free((void *)argv);
    return reply;
}
