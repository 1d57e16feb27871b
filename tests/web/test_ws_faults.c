/* Two WebSockets and a hub talk again and again, each time with another fault: the nth allocation
 * fails, the nth wait is cancelled, the ready tasks are shuffled.  It ends, with a code and a
 * sentence if not well; what came was never wrong; and nothing is left behind. */
#include "test.h"

#include "web/ws.h"

#include <bide.h>
#include <bide/web.h>
#include <string.h>

static char large[40000];

static bide_ws *over(bide_stream *stream, bool is_server)
{
    static const struct ws_params params = { .deflate = true, .server_bits = 12,
                                             .client_bits = 12 };
    struct bide_ws_opts opts = { .abi_ = sizeof opts, .heartbeat = 30, .close_timeout = 2 };
    return bide__ws_new_own(stream, &opts, is_server, &params);
}

static int echo(void *arg)
{
    bide_stream *stream = arg;
    struct bide_message m;
    int rc;
    bide_ws *ws = over(stream, true);
    if (!ws) {
        bide_stream_close(stream);
        return BIDE_ENOMEM;
    }
    while ((rc = bide_ws_recv(ws, &m)) > 0)
        if ((rc = bide_ws_send(ws, &m)) < 0)
            break;
    rc = bide__ws_end(ws, rc);
    bide_stream_close(stream);
    return rc;
}

static int exchange(bide_ws *ws, const char *text, size_t size)
{
    struct bide_message m = { BIDE_TEXT, text, size };
    int rc = bide_ws_send(ws, &m);
    if (rc == 0)
        rc = bide_ws_recv(ws, &m);
    if (rc == 0)
        return bide_fail(BIDE_EEOF, "closed with %d", bide_ws_close_code(ws));
    if (rc < 0)
        return rc;
    CHECK_EQ(m.size, size);
    CHECK_MEM(m.data, text, size);
    return 0;
}

static int talk(bide_ws *ws, bide_hub *hub)
{
    static const struct bide_message hello = { BIDE_TEXT, "hello", 5 };
    struct bide_message m;
    int rc = bide_hub_join(hub, ws);
    if (rc == 0)
        rc = exchange(ws, "short", 5);
    if (rc == 0)
        rc = exchange(ws, large, sizeof large);
    if (rc == 0)
        rc = bide_ws_send_part(ws, BIDE_TEXT, "in ", 3, false);
    if (rc == 0)
        rc = bide_ws_send_part(ws, BIDE_TEXT, "parts", 5, true);
    if (rc == 0)
        rc = bide_ws_recv(ws, &m);
    if (rc > 0)
        CHECK_STR(m.data, "in parts");
    if (rc >= 0 && bide_hub_send(hub, &hello, NULL) > 0)
        rc = bide_ws_recv(ws, &m);
    return rc < 0 ? rc : bide_ws_finish(ws, 1000, "done");
}

static int converse(void *unused)
{
    (void)unused;
    bide_stream *ends[2];
    int rc = bide_stream_pair(ends);
    if (rc < 0)
        return rc;
    BIDE_GROUP(g);
    bide_auto(hub) hub = bide_hub_new(.skip = true);
    bide_auto(stream) ours = ends[0];
    rc = bide_spawn(g, echo, ends[1]);
    if (rc < 0)
        bide_stream_close(ends[1]);
    bide_auto(ws) ws = rc == 0 && hub ? over(ours, false) : NULL;
    if (!ws)
        return bide_errcode();
    rc = talk(ws, hub);
    bide_ws_close(bide_steal(ws));
    bide_stream_close(bide_steal(ours));
    return rc < 0 ? rc : bide_group_wait(g);
}

static void quiet(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    (void)text;
}

static void prepare(void)
{
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = "abcdefgh"[i * i % 7];
    bide_log_to(quiet, NULL, BIDE_LOG_ERROR);
}

TEST(they_survive_every_allocation_that_fails)
{
    prepare();
    int faults = bide_test_each_allocation(converse, NULL, .seconds = BIDE_FOREVER);
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(faults > 15);
}

TEST(they_survive_every_wait_that_is_cancelled)
{
    prepare();
    int faults = bide_test_each_wait(converse, NULL, .seconds = BIDE_FOREVER);
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(faults > 5);
}

TEST(they_talk_in_every_order)
{
    prepare();
    if (bide_test_shuffled(converse, NULL, .seconds = BIDE_FOREVER, .count = 50) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}
