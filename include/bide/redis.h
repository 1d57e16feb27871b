/* bide/redis.h -- Redis and what speaks its protocol (Valkey, KeyDB): redis.asyncio, aioredis.
 *
 *     bide_auto(redis) redis = bide_redis_open("redis://127.0.0.1:6379/0");
 *     bide_auto(redis_reply) name = bide_redis_call(redis, "GET", "name");
 *     if (!name)
 *         return bide_errcode();      // BIDE_EDB, "redis: WRONGTYPE Operation against ..."
 *     puts(bide_redis_is_null(name) ? "nobody" : bide_redis_text(name));
 *
 * The commands of all tasks go down one connection, as they come: what the tasks of one turn of the
 * loop ask for is one write, and each gets its own reply.  Commands that make a connection wait
 * (BLPOP, XREAD with BLOCK, WAIT), what is watched and what is subscribed to have connections of
 * their own, from a pool.  Commands that would change the shared connection for everybody (MULTI,
 * SELECT, SUBSCRIBE, ...) are refused, with a sentence that says which call does that.
 *
 * A lost connection is made again, with growing delays.  What had not been written by then is
 * written to the new one; what had been written and not answered fails, for it may have been done,
 * unless the call said `.repeatable`.  So nothing is ever done twice that was asked for once.  A
 * cancelled task leaves at once, and its reply is dropped when it comes; the command may be done
 * all the same.
 *
 * Failures: BIDE_EDB is the server's word; BIDE_ELIMIT a limit below; BIDE_ETIMEDOUT, BIDE_EEOF,
 * -ECONNRESET, -ECONNREFUSED, BIDE_EDNS, BIDE_ETLS the connection; BIDE_ECLOSED: it was closed.
 * RESP3 is spoken where libhiredis can (1.0), RESP2 elsewhere; bide_redis_field() hides the
 * difference between maps and lists of pairs.  RESP3's attributes are refused (BIDE_EDB), and
 * libhiredis reads no deeper than seven arrays in each other (nine with 1.0). */
#ifndef BIDE_REDIS_H
#define BIDE_REDIS_H
#include <bide/pair.h>
#include <bide/tls.h>
BIDE_BEGIN_

/* A client: its connections, and who waits for them.  Belongs to the loop that opened it. */
typedef struct bide_redis bide_redis;
/* What the server answered: a value, or a tree of values. */
typedef struct bide_redis_reply bide_redis_reply;

/* How many connections there are at most besides the shared one, unless set otherwise. */
#define BIDE_REDIS_SIZE_MAX 10
/* How many bytes of memory a reply may take, unless set otherwise: 64 MiB. */
#define BIDE_REDIS_REPLY_MAX ((size_t)64 << 20)
/* How many commands may await their replies, unless set otherwise. */
#define BIDE_REDIS_QUEUE_MAX 65536
/* How often a connection is tried for, unless set otherwise. */
#define BIDE_REDIS_ATTEMPTS 5

/* Options of bide_redis_open(); 0 is the default of each.  Texts are copied.  Seconds must not be
 * negative or NaN: BIDE_EINVAL. */
struct bide_redis_opts {
    size_t abi_;
    const char *url;            /* "redis://user:password@host:6379/0", "rediss://..." over TLS,
                                   "unix:/run/redis.sock?db=0".  User and password may be
                                   percent-encoded; a user alone has an empty password */
    const char *user;           /* instead of the URL's */
    const char *password;       /* instead of the URL's */
    const char *name;           /* what CLIENT LIST calls the connections; default: none */
    bide_tls *tls;              /* for rediss; default: a client's, which verifies.  Must live as
                                   long as the client */
    size_t size_max;            /* connections besides the shared one; default
                                   BIDE_REDIS_SIZE_MAX */
    size_t reply_max;           /* bytes of memory for a reply; default BIDE_REDIS_REPLY_MAX.  More:
                                   BIDE_ELIMIT, and the connection is made again */
    size_t queue_max;           /* commands on the shared connection that await their replies;
                                   default BIDE_REDIS_QUEUE_MAX.  More: BIDE_ELIMIT */
    size_t attempts;            /* to connect, before those who wait fail, and to do what is
                                   repeatable; default BIDE_REDIS_ATTEMPTS; BIDE_UNLIMITED */
    double retry_base;          /* seconds before the second attempt; default 0.05, doubled for each
                                   further one, and drawn from half of it to all of it */
    double retry_cap;           /* seconds, at most; default 2 */
    double connect_timeout;     /* seconds for one attempt, with TLS and log-in; default 10 */
    double acquire_timeout;     /* seconds to wait for a connection of one's own; default 30 */
    double timeout;             /* seconds without any reply on the shared connection after which it
                                   is given up, if one is due; and for a reply on one that watches.
                                   Default 30; BIDE_FOREVER */
    double heartbeat;           /* seconds of silence after which a subscription asks whether the
                                   server is there, and the system does (TCP's keep-alive) for a
                                   command that blocks; default 30 */
};
/* A client; connects when the first command comes.  NULL: BIDE_EURL, BIDE_EINVAL, BIDE_ENOMEM,
 * BIDE_EPERM outside of a loop.  Counterpart: redis.asyncio.from_url(). */
#define bide_redis_open(...) \
    bide_redis_open_opts(BIDE_OPTS_(bide_redis_opts, .url = __VA_ARGS__))
bide_redis *bide_redis_open_opts(const struct bide_redis_opts *opts);
/* How many connections a client has, and what it did. */
struct bide_redis_stats {
    size_t open;                /* connections, the shared one among them */
    size_t idle;                /* of those besides it */
    size_t waiting;             /* tasks that wait for one of those */
    size_t queued;              /* commands on the shared one that were not answered yet */
    uint64_t connected;         /* how often a connection was made */
    uint64_t writes;            /* to the shared connection */
};
/* As it is now; all zero for NULL. */
struct bide_redis_stats bide_redis_stats(const bide_redis *redis);
/* Closes the connections; who waits for a reply fails with BIDE_ECLOSED, batches and subscriptions
 * that are still there do so from now on.  NULL: nothing. */
void bide_redis_close(bide_redis *redis);
BIDE_AUTO_(redis, bide_redis_close)

/* ---- commands -------------------------------------------------------------------------------- */

/* bide_redis_call(redis, "SET", key, value): any command, of texts, and its reply, which is yours;
 * NULL: it failed, BIDE_EINVAL if one of the texts is NULL.  Counterpart: execute_command(). */
#define bide_redis_call(redis, ...) \
    bide_redis_call_(redis, BIDE_COUNT_(const char *, __VA_ARGS__), __VA_ARGS__)
BIDE_WAITS bide_redis_reply *bide_redis_call_(bide_redis *redis, size_t count, ...);
/* Options of bide_redis_command(). */
struct bide_redis_command_opts {
    size_t abi_;
    size_t count;               /* how many arguments, the command's name among them */
    const size_t *sizes;        /* of the arguments, in bytes; default: they are texts */
    double timeout;             /* seconds; default: the client's, of silence.  Negative or NaN:
                                   BIDE_EINVAL */
    bool repeatable;            /* may be done twice: it is asked for again when the connection was
                                   lost before its reply came */
    bool own_connection;        /* where bide cannot know that the command blocks (a module's) */
};
/* bide_redis_command(redis, argv, count, .sizes = sizes): the same with arguments that may hold any
 * bytes, and options. */
#define bide_redis_command(redis, argv, ...) \
    bide_redis_command_opts(redis, argv, \
                            BIDE_OPTS_(bide_redis_command_opts, .count = __VA_ARGS__))
BIDE_WAITS bide_redis_reply *bide_redis_command_opts(bide_redis *redis, const char *const *argv,
                                                     const struct bide_redis_command_opts *opts);
/* bide_redis_script(redis, lua, keys, key_count, args, arg_count): runs a script by its hash
 * (EVALSHA), and sends it (EVAL) where the server does not have it.  lua is UTF-8.  NULL: as
 * bide_redis_call().  Counterpart: register_script(). */
BIDE_WAITS bide_redis_reply *bide_redis_script(bide_redis *redis, const char *lua,
                                               const char *const *keys, size_t key_count,
                                               const char *const *args, size_t arg_count);

/* ---- replies --------------------------------------------------------------------------------- */

/* What a reply, or an element of one, is. */
enum bide_redis_type {
    BIDE_REDIS_NULL,            /* there is no such thing */
    BIDE_REDIS_INT,
    BIDE_REDIS_REAL,            /* RESP3 */
    BIDE_REDIS_BOOL,            /* RESP3 */
    BIDE_REDIS_TEXT,            /* any bytes; also big numbers and verbatim strings of RESP3 */
    BIDE_REDIS_STATUS,          /* "OK" */
    BIDE_REDIS_ERROR,           /* within a batch's, an EXEC's or a script's reply */
    BIDE_REDIS_ARRAY,
    BIDE_REDIS_MAP,             /* RESP3: key, value, key, value, ... */
    BIDE_REDIS_SET,             /* RESP3 */
    BIDE_REDIS_PUSH,            /* RESP3: messages */
};
/* What it is; NULL is BIDE_REDIS_NULL. */
enum bide_redis_type bide_redis_type(const bide_redis_reply *r);
/* Is it nothing (or NULL)? */
bool bide_redis_is_null(const bide_redis_reply *r);
/* A number, or a text that is one from beginning to end; true is 1.  Else `otherwise`. */
int64_t bide_redis_int(const bide_redis_reply *r, int64_t otherwise);
/* The same with a fraction. */
double bide_redis_real(const bide_redis_reply *r, double otherwise);
/* true, 1 or any other number but 0, "OK"; all else is false. */
bool bide_redis_bool(const bide_redis_reply *r);
/* The bytes of a text, a status or an error, with a NUL behind; NULL for all else.  The reply's. */
const char *bide_redis_text(const bide_redis_reply *r);
/* How many bytes that is, without the NUL; 0 for all else. */
size_t bide_redis_size(const bide_redis_reply *r);
/* How many elements an array, a set, or a push has; a map has two for each pair.  0 for all
   else. */
size_t bide_redis_count(const bide_redis_reply *r);
/* One of its elements, which is the reply's; NULL: there are not so many. */
const bide_redis_reply *bide_redis_at(const bide_redis_reply *r, size_t index);
/* The value beside a key, of a map or of an array of pairs (HGETALL, XRANGE's fields, CONFIG GET),
 * first of all that are there; NULL: it is not. */
const bide_redis_reply *bide_redis_field(const bide_redis_reply *r, const char *key);
/* Ends a reply that a call returned, with all its elements.  NULL: nothing. */
void bide_redis_reply_free(bide_redis_reply *r);
BIDE_AUTO_(redis_reply, bide_redis_reply_free)

/* ---- batches and transactions ---------------------------------------------------------------- */

/* Commands that are gathered and sent together, at once or as a transaction. */
typedef struct bide_redis_batch bide_redis_batch;
/* An empty batch.  NULL: a NULL client, BIDE_ECLOSED, BIDE_ENOMEM.  Counterpart: pipeline(). */
bide_redis_batch *bide_redis_batch_new(bide_redis *redis);
/* bide_redis_add(batch, "INCR", key): puts a command (a copy) at the end; nothing is sent.  0;
 * BIDE_EINVAL, BIDE_ELIMIT (the client's queue_max), BIDE_ENOMEM.  A batch that could not take one
 * is not sent: then sending fails the same way, so checks may be put off. */
#define bide_redis_add(batch, ...) \
    bide_redis_add_(batch, BIDE_COUNT_(const char *, __VA_ARGS__), __VA_ARGS__)
int bide_redis_add_(bide_redis_batch *batch, size_t count, ...);
/* The same with arguments that may hold any bytes; sizes NULL: they are texts. */
int bide_redis_add_args(bide_redis_batch *batch, const char *const *argv, const size_t *sizes,
                        size_t count);
/* Sends all, and waits for all their replies: an array of as many; those that failed are
 * BIDE_REDIS_ERROR in it.  The batch is empty from the start, also after a failure, and may be
 * filled again meanwhile.  What is watched still is.  NULL: the connection failed, and what was
 * asked for may have been done in part. */
BIDE_WAITS bide_redis_reply *bide_redis_send(bide_redis_batch *batch);
/* bide_redis_watch(batch, key): from now on the batch has a connection of its own, and
 * bide_redis_exec() does nothing if the key is changed by anybody before.  0, or why it failed;
 * then, and where that connection is lost later, what is sent next fails for it, so that nothing is
 * done that was to be guarded.  One task at a time, else BIDE_EBUSY. */
BIDE_WAITS int bide_redis_watch(bide_redis_batch *batch, const char *key);
/* bide_redis_look(batch, "GET", key): a command that is done now, on the connection that watches:
 * to see what depends on what is watched.  BIDE_EINVAL: nothing is.  Else as bide_redis_call(). */
#define bide_redis_look(batch, ...) \
    bide_redis_look_(batch, BIDE_COUNT_(const char *, __VA_ARGS__), __VA_ARGS__)
BIDE_WAITS bide_redis_reply *bide_redis_look_(bide_redis_batch *batch, size_t count, ...);
/* Sends all between MULTI and EXEC: nobody else's commands are done in between.  An array of their
 * replies.  NULL: BIDE_EAGAIN: what was watched has changed, and nothing was done; BIDE_EDB: the
 * server refused one of the commands, and nothing was done, unless that was MULTI itself (a user
 * who must not), as the sentence says then; or the connection failed.  The batch is empty then, and
 * nothing is watched any more. */
BIDE_WAITS bide_redis_reply *bide_redis_exec(bide_redis_batch *batch);
/* Ends it; what was not sent is forgotten, what was watched no longer is.  Nobody may be in a call
 * that sends.  NULL: nothing. */
void bide_redis_batch_free(bide_redis_batch *batch);
BIDE_AUTO_(redis_batch, bide_redis_batch_free)

/* ---- messages -------------------------------------------------------------------------------- */

/* Channels and patterns that one listens to, on a connection of its own. */
typedef struct bide_redis_subscription bide_redis_subscription;
/* What came.  Texts are the subscription's, valid until the next call of bide_redis_next(). */
struct bide_redis_message {
    const char *channel;
    const char *pattern;        /* that it came by; NULL: by its channel */
    const char *data;           /* with a NUL behind */
    size_t size;                /* of data, in bytes */
    bool gap;                   /* instead of a message: the connection was lost and is there again,
                                   and what was published meanwhile is not.  Texts are "" */
};
/* bide_redis_subscribe(redis, channels, patterns): lists ended by NULL; either may be NULL.
 * Returns when the server listens: what is published from now on comes.  NULL: BIDE_EINVAL
 * (neither), BIDE_EDB (not allowed), the connection's failures.  Counterpart: pubsub(). */
BIDE_WAITS bide_redis_subscription *bide_redis_subscribe(bide_redis *redis,
                                                         const char *const *channels,
                                                         const char *const *patterns);
/* The next message: 1.  Makes a lost connection again, and says so (`gap`).  < 0: it could not, or
 * BIDE_ECLOSED; one task at a time, else BIDE_EBUSY.  Nothing is buffered here but what was read
 * last (16 KiB): who is slow is waited for by the system, and then cut off by the server
 * (client-output-buffer-limit), which is a gap.  Counterpart: pubsub.listen(). */
BIDE_WAITS int bide_redis_next(bide_redis_subscription *sub, struct bide_redis_message *message);
/* Ends it.  Nobody may be in bide_redis_next().  NULL: nothing. */
void bide_redis_subscription_close(bide_redis_subscription *sub);
BIDE_AUTO_(redis_subscription, bide_redis_subscription_close)

/* ---- streams and consumer groups ------------------------------------------------------------- */

/* Entries of a stream, one after the other. */
typedef struct bide_redis_entries bide_redis_entries;
/* One of them.  Both are the entries'. */
struct bide_redis_entry {
    const char *id;             /* "1700000000000-0" */
    const bide_redis_reply *fields;     /* for bide_redis_field(); NULL: it was deleted meanwhile */
};
/* Puts an entry with these fields (ended by {NULL, NULL}) at the end of a stream, which then keeps
 * about max_count of them (0: all).  Its id as a reply.  NULL: as bide_redis_call(). */
BIDE_WAITS bide_redis_reply *bide_redis_stream_add(bide_redis *redis, const char *stream,
                                                   const struct bide_pair *fields,
                                                   size_t max_count);
/* Makes a group that begins with the first entry there is, and the stream, if they are not there:
 * 0. */
BIDE_WAITS int bide_redis_group_create(bide_redis *redis, const char *stream, const char *group);
/* Up to `count` entries that no consumer of the group has had, which are pending for this one until
 * they are acknowledged; waits for `seconds` (0: not at all; BIDE_FOREVER) until there is one.
 * None came: no entries.  NULL: it failed. */
BIDE_WAITS bide_redis_entries *bide_redis_group_read(bide_redis *redis, const char *stream,
                                                     const char *group, const char *consumer,
                                                     size_t count, double seconds);
/* Up to `count` entries that have been pending for at least `seconds`, whoever had them, which are
 * pending for this consumer now (XAUTOCLAIM, from the oldest): what dead ones left.  NULL: it
 * failed. */
BIDE_WAITS bide_redis_entries *bide_redis_group_claim(bide_redis *redis, const char *stream,
                                                      const char *group, const char *consumer,
                                                      size_t count, double seconds);
/* Says that an entry has been dealt with: 1; 0: it was not pending; < 0: it failed. */
BIDE_WAITS int bide_redis_group_ack(bide_redis *redis, const char *stream, const char *group,
                                    const char *id);
/* How many entries are pending in the group; < 0: it failed. */
BIDE_WAITS int64_t bide_redis_group_pending(bide_redis *redis, const char *stream,
                                            const char *group);
/* How many there are. */
size_t bide_redis_entries_count(const bide_redis_entries *entries);
/* The next one: 1; 0: there is none; < 0 on NULL. */
int bide_redis_entries_next(bide_redis_entries *entries, struct bide_redis_entry *entry);
/* Ends them and what they hold.  NULL: nothing. */
void bide_redis_entries_free(bide_redis_entries *entries);
BIDE_AUTO_(redis_entries, bide_redis_entries_free)

BIDE_END_
#endif
