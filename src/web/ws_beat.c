/* Rings, found by their number of seconds: a program has one or two. */
#include "web/ws_beat.h"

#include "base/memory.h"
#include "web/ws_out.h"

#include <bide/error.h>

struct beat {
    struct beat *next;
    double seconds;
    struct bide_ws *oldest, *newest;
    struct alarm alarm;
};

static __thread struct beat *beats;

static struct beat *find(double seconds)
{
    struct beat *b = beats;
    while (b && b->seconds != seconds)
        b = b->next;
    return b;
}

static void put_last(struct beat *b, struct bide_ws *ws)
{
    ws->newer = NULL;
    ws->older = b->newest;
    *(b->newest ? &b->newest->newer : &b->oldest) = ws;
    b->newest = ws;
}

static void take_out(struct beat *b, struct bide_ws *ws)
{
    *(ws->older ? &ws->older->newer : &b->oldest) = ws->newer;
    *(ws->newer ? &ws->newer->older : &b->newest) = ws->older;
    ws->newer = ws->older = NULL;
}

static int64_t due(const struct beat *b, const struct bide_ws *ws)
{
    return ws->heard_ns + (int64_t)((b->seconds < 1e9 ? b->seconds : 1e9) * 1e9);
}

static void set_alarm(struct beat *b)
{
    if (b->oldest && !bide__alarm_is_set(&b->alarm))
        bide__alarm_set(&b->alarm, due(b, b->oldest));
}

/* One that has been silent for long enough. */
static void look_at(struct beat *b, struct bide_ws *ws, int64_t now_ns)
{
    size_t left;
    take_out(b, ws);
    ws->heard_ns = now_ns;
    put_last(b, ws);
    if (ws->flags & (WS_PINGED | WS_ABORTED | WS_MUTE)) {
        ws->flags |= WS_SILENT;
        bide__ws_cut(ws);
        return;
    }
    ws->flags |= WS_PINGED;
    if (!(ws->flags & WS_SAID_CLOSE) && bide__ws_put(ws, WS_PING, true, NULL, 0) == 0)
        bide_ignore(bide__ws_flush_now(ws, &left));
}

/* It may be that whoever rang has heard from its peer meanwhile: then another is the first. */
static void ring(struct alarm *alarm)
{
    struct beat *b = (struct beat *)(void *)((char *)alarm - offsetof(struct beat, alarm));
    int64_t now_ns = bide__loop()->looked_ns;
    while (b->oldest && due(b, b->oldest) <= now_ns)
        look_at(b, b->oldest, now_ns);
    set_alarm(b);
}

int bide__ws_beat(struct bide_ws *ws)
{
    double seconds = ws->settings->heartbeat;
    struct beat *b = seconds > 0 ? find(seconds) : NULL;
    ws->heard_ns = bide__loop() ? bide__loop()->looked_ns : 0;
    if (seconds <= 0)
        return 0;
    if (!b) {
        b = bide__zalloc(sizeof *b);
        if (!b)
            return bide_fail(BIDE_ENOMEM, "out of memory");
        *b = (struct beat){ .next = beats, .seconds = seconds, .alarm.fn = ring };
        beats = b;
    }
    put_last(b, ws);
    set_alarm(b);
    return 0;
}

void bide__ws_beat_end(struct bide_ws *ws)
{
    struct beat *b = ws->settings->heartbeat > 0 ? find(ws->settings->heartbeat) : NULL;
    if (!b || !(ws->older || ws->newer || b->oldest == ws))
        return;
    take_out(b, ws);
    if (b->oldest)
        return;
    struct beat **at = &beats;
    while (*at != b)
        at = &(*at)->next;
    *at = b->next;
    bide__alarm_clear(&b->alarm);
    bide__free(b);
}

void bide__ws_heard(struct bide_ws *ws)
{
    int64_t now_ns = bide__loop()->looked_ns;
    bool moved = ws->heard_ns != now_ns;
    ws->heard_ns = now_ns;
    ws->flags &= (uint16_t)~WS_PINGED;
    if (!moved || !ws->newer)
        return;                 /* no heartbeat, or the newest already */
    struct beat *b = find(ws->settings->heartbeat);
    take_out(b, ws);
    put_last(b, ws);
}
