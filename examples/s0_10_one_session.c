/* A session for each call, and one for all: counted in connections.  In Python:
 *
 *     async with aiohttp.ClientSession() as session:      # in each call: expensive
 *         async with session.get(url) as r: ...
 *
 * A session keeps its connections, and the next call takes one that is free. */
#include "demo.h"

enum { CALLS = 30 };

static bide_session *shared;
static const char *base;
static int connections;

static void count(void *unused, const struct bide_trace_event *event)
{
    (void)unused;
    connections += event->kind == BIDE_TRACE_CONNECT_END;
}

static int good_fetch(void *session)
{
    bide_auto(response) response = bide_get(session, "/posts/1");
    return bide_response_text(response, NULL) ? 0 : bide_errcode();
}

static int bad_fetch(void *unused)
{
    (void)unused;
    bide_auto(session) session = bide_session_open(.base_url = base, .trace = count);
    return good_fetch(session);
}

static int fetch_all(const char *how, int (*fetch)(void *))
{
    connections = 0;
    BIDE_GROUP(group);
    for (int i = 0; i < CALLS; i++)
        bide_spawn(group, fetch, shared);
    int rc = bide_group_wait(group);
    printf("%s: %d fetches, %d connections\n", how, CALLS, connections);
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    if (!(base = demo_start(server)))
        return bide_errcode();
    bide_auto(session) opened = shared = bide_session_open(.base_url = base, .limit = 5,
                                                           .trace = count);
    int rc = fetch_all("a session per call", bad_fetch);
    return rc < 0 ? rc : fetch_all("one session", good_fetch);
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
