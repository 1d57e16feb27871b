/* tests/http/hostile.h -- a server that means no good, and what must hold after each reply.
 *
 * It answers "/ok" as it should and anything else with the reply of the moment, and then leaves,
 * breaks the connection, or says no more.  Whatever came: the call ends, with the right body or
 * with a code and a sentence; the connection that carried it is in nobody's way; and the next
 * request of the same session, which has room for one connection alone, is answered. */
#ifndef HOSTILE_H
#define HOSTILE_H
#include "stand.h"

#include <netinet/in.h>
#include <sys/socket.h>

enum hostile_end {
    HOSTILE_SILENCE,            /* waits for the next request */
    HOSTILE_CLOSE,
    HOSTILE_RESET,
    HOSTILE_ENDS,               /* how many they are */
};

struct hostile {
    struct stand stand;         /* its talk is hostile_talk() */
    enum hostile_end end;
    size_t cut;                 /* of the reply, how many bytes it says */
    double pause;               /* seconds between two pieces; 0: all at once */
    size_t piece;               /* bytes; 0: one */
    int hostile_requests;
};

/* What one reply is, and what has to come of it. */
struct hostile_reply {
    const char *name, *reply;
    size_t size;
    const char *body;           /* what it means; NULL: nothing, it is refused */
    int code;                   /* of the refusal */
    const char *why;            /* of its sentence */
};
/* Bytes with their number, for they may hold NULs. */
#define BYTES(text) "" text "", sizeof(text) - 1
#define REFUSED(name, reply, code, why) { name, BYTES(reply), NULL, code, why }
#define MEANS(name, reply, body) { name, BYTES(reply), body, 0, NULL }

/* The connection breaks with its close: what the system has not sent is lost. */
__attribute__((unused)) static void hostile_break(bide_stream *s)
{
    struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
    CHECK_EQ(setsockopt(bide_stream_fd(s), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
}

__attribute__((unused)) static int hostile_say(bide_stream *s, const struct hostile *h)
{
    size_t size = h->cut;
    if (h->pause <= 0)
        return bide_write(s, h->stand.reply, size);
    size_t piece = h->piece ? h->piece : 1;
    for (size_t i = 0; i < size; i += piece) {
        size_t left = size - i;
        if (bide_sleep(h->pause) < 0 ||
            bide_write(s, h->stand.reply + i, left < piece ? left : piece) < 0)
            return bide_errcode();
    }
    return 0;
}

__attribute__((unused)) static int hostile_talk(bide_stream *s, struct stand *stand)
{
    struct hostile *h = (struct hostile *)(void *)stand;
    while (stand_read(s, stand) > 0) {
        if (strstr(stand->last, " /ok HTTP/1.1\r\n")) {
            if (bide_printf(s, OK(7) "healthy") < 0)
                break;
            continue;
        }
        h->hostile_requests++;
        if (hostile_say(s, h) < 0)
            break;
        if (h->end == HOSTILE_RESET)
            hostile_break(s);
        if (h->end != HOSTILE_SILENCE)
            break;
    }
    return 0;
}

__attribute__((unused)) static void hostile_says(struct hostile *h, const char *reply, size_t size)
{
    h->stand.reply = reply;
    h->stand.reply_size = h->cut = size;
}

/* ---- what the client makes of it ---- */

struct hostile_outcome {
    int code;                   /* 0: a whole reply */
    int status;
    size_t size;
    char text[600];             /* the body's beginning, or the sentence */
};

__attribute__((unused)) static void hostile_note_failure(struct hostile_outcome *o, int code)
{
    o->code = code;
    snprintf(o->text, sizeof o->text, "%s", bide_errmsg());
    if (code >= 0 || code == BIDE_EUNKNOWN || code == BIDE_ETEST || !o->text[0])
        test_fail(__FILE__, __LINE__, "a failure without a reason: %d \"%s\"", code, o->text);
    for (const char *c = o->text; *c; c++)      /* it will stand in a log */
        if ((unsigned char)*c < ' ' || *c == 127)
            test_fail(__FILE__, __LINE__, "a sentence with a control character: %s", o->text);
}

/* Reads the body whole, or by pieces of so many bytes. */
__attribute__((unused)) static void hostile_hear(struct hostile_outcome *o, bide_response *r,
                                                 size_t piece)
{
    char bytes[64];
    ssize_t got = 0;
    *o = (struct hostile_outcome){ .status = r ? bide_response_status(r) : 0 };
    if (!r || piece == 0) {
        const char *text = bide_response_text(r, &o->size);
        if (!text)
            hostile_note_failure(o, bide_errcode());
        else
            snprintf(o->text, sizeof o->text, "%s", text);
        return;
    }
    while ((got = bide_response_read(r, bytes, piece < sizeof bytes ? piece : sizeof bytes)) > 0) {
        for (ssize_t i = 0; i < got && o->size + (size_t)i < sizeof o->text - 1; i++)
            o->text[o->size + (size_t)i] = bytes[i];
        o->size += (size_t)got;
    }
    if (got < 0)
        hostile_note_failure(o, (int)got);
}

static const struct bide_timeouts hostile_limits = { .first_byte = 5, .idle = 5, .total = 60 };

__attribute__((unused)) static void hostile_ask(struct hostile_outcome *o, bide_session *session,
                                                const char *url, size_t piece)
{
    bide_auto(response) r = bide_get(session, url, .timeouts = hostile_limits);
    hostile_hear(o, r, piece);
}

/* The session is as good as new. */
__attribute__((unused)) static void hostile_is_over(bide_session *session, const char *url,
                                                    const char *what)
{
    char ok[200];
    if (bide_session_connections(session) > 0)
        test_fail(__FILE__, __LINE__, "%s: its connection was kept", what);
    snprintf(ok, sizeof ok, "%sok", url);
    bide_auto(response) r = bide_get(session, ok, .timeout = 10);
    const char *text = bide_response_text(r, NULL);
    if (!text || strcmp(text, "healthy") != 0)
        test_fail(__FILE__, __LINE__, "after \"%s\": %s", what, text ? text : bide_errmsg());
    CHECK_EQ(bide_session_connections(session), 1);
}

#endif
