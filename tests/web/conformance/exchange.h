/* One case over one connection: sent in some way, and what came of it in the words of the table.
 *
 * Nobody sleeps: the other side of a Unix socket has taken everything as soon as the kernel holds
 * none of it, and what it has to say is then there. */
#ifndef CONFORMANCE_EXCHANGE_H
#define CONFORMANCE_EXCHANGE_H
#include "answer.h"
#include "case.h"
#include "site.h"

#include "core/loop.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#define PROBE "GET /probe" H "\r\n"

/* How a case is sent: `first` bytes, then `step` at a time. */
struct cut { size_t first, step; bool end; };

struct exchange {
    bide_stream *stream;
    char text[16384];           /* what came, with a NUL behind it */
    size_t size;
    bool ended, reset;
    char answers[300];          /* in the table's words */
    char wrong[200];            /* what no answer may be */
};

/* ---- talking ---- */

/* Turns of the loop, each with a look at the descriptors, until nobody else has anything to do. */
static void take_turns(void)
{
    struct loop *l = bide__loop();
    for (int idle = 0; idle < 3; idle = l->ready.head || l->due.head ? 0 : idle + 1) {
        l->ticks = 1;
        CHECK_EQ(bide_yield(), 0);
    }
}

/* Until the server has taken what was sent, and has had time to answer. */
static void settle(const struct exchange *x)
{
    for (int turns = 0, left = 1; left > 0 && turns < 1000; turns++) {
        take_turns();
        CHECK_EQ(ioctl(bide_stream_fd(x->stream), SIOCOUTQ, &left), 0);
    }
    take_turns();
}

static void hear(struct exchange *x, double patience)
{
    while (!x->ended && (patience > 0 || bide_stream_readable(x->stream))) {
        BIDE_TIMEOUT(limit, patience > 0 ? patience : 1);
        CHECK(x->size + 1 < sizeof x->text);
        ssize_t got = bide_read(x->stream, x->text + x->size, sizeof x->text - 1 - x->size);
        if (got < 0 && bide_scope_result(limit, (int)got) == BIDE_ETIMEDOUT)
            return;
        x->ended = got <= 0;
        x->reset = got < 0;
        x->size += got > 0 ? (size_t)got : 0;
    }
    x->text[x->size] = '\0';
}

/* A server that has had enough reads no more: its answer says why. */
static void say(struct exchange *x, const char *bytes, size_t size, struct cut cut)
{
    size_t piece = cut.first;
    for (size_t at = 0; at < size; at += piece, piece = cut.step) {
        if (piece > size - at)
            piece = size - at;
        if (bide_write(x->stream, bytes + at, piece) < 0)
            return;
        if (at + piece < size)
            settle(x);
    }
    if (cut.end && bide_write_end(x->stream) < 0)
        return;
    settle(x);
}

/* ---- what it means ---- */

/* Is the nth of the answers marked as one without a body? */
static bool is_headless(const char *answers, unsigned n)
{
    for (; n > 0 && answers; n--) {
        answers = strchr(answers, ' ');
        answers += answers ? 1 : 0;
    }
    size_t length = answers ? strcspn(answers, " ") : 0;
    return length > 0 && answers[length - 1] == '-';
}

/* Appends a word to the summary. */
static void put_word(struct exchange *x, const char *word)
{
    size_t size = strlen(x->answers);
    snprintf(x->answers + size, sizeof x->answers - size, "%s%s", size ? " " : "", word);
}

/* Reads the answers from *at on; false: one of them is wrong. */
static bool read_answers(struct exchange *x, size_t *at, const char *expected, bool *closes)
{
    const char *after = strstr(expected, "(100) ");
    for (unsigned n = 0; *at < x->size; n++) {
        struct answer a;
        bool optional = after && strncmp(x->text + *at, "HTTP/1.1 100 ", 13) == 0;
        bool headless = is_headless(after ? expected + 6 : expected, n);
        if (!read_answer(&a, x->text + *at, x->size - *at, headless)) {
            snprintf(x->wrong, sizeof x->wrong, "%s", a.wrong);
            return false;
        }
        *at += a.size;
        if (*closes)
            snprintf(x->wrong, sizeof x->wrong, "an answer behind the one that closes");
        *closes |= a.closes;
        if (optional) {
            n--;                /* it counts as none */
            continue;
        }
        char word[8];
        snprintf(word, sizeof word, "%03d%s", a.status, headless ? "-" : "");
        put_word(x, word);
    }
    return true;
}

/* Is the next request answered where this one has ended? */
static bool answers_probe(struct exchange *x, size_t at)
{
    bool closes = false;
    struct exchange probe = { .stream = x->stream };
    CHECK_EQ(at, x->size);
    say(&probe, PROBE, sizeof PROBE - 1, (struct cut){ .first = sizeof PROBE });
    hear(&probe, 0);
    at = 0;
    x->ended |= probe.ended;
    return read_answers(&probe, &at, "", &closes) && strcmp(probe.answers, "200") == 0 &&
           !probe.ended && !closes;
}

static void judge(struct exchange *x, const struct conformance *c)
{
    size_t at = 0;
    bool closes = false;
    const char *last = strrchr(c->answers, ' ');
    last = last ? last + 1 : c->answers;
    if (!read_answers(x, &at, c->answers, &closes))
        return;
    if (x->ended)
        put_word(x, x->reset ? "reset" : closes ? "close" : "drop");
    else if (closes)
        put_word(x, "says close, and stays");
    else if (strcmp(last, "open") == 0)
        put_word(x, answers_probe(x, at) ? "open" : x->ended ? "drop" : "waits");
    else
        put_word(x, "waits");
}

/* ---- all of it ---- */

static void exchange(struct exchange *x, const struct site *site, const struct conformance *c,
                     const char *bytes, size_t size, struct cut cut)
{
    memset(x, 0, sizeof *x);
    memset(&seen, 0, sizeof seen);
    x->stream = bide_connect(site->address);
    CHECK(x->stream != NULL);
    say(x, bytes, size, cut);
    hear(x, c->silence);
    judge(x, c);
    if (strstr(x->answers, " open") || strcmp(x->answers, "open") == 0)
        seen.size -= seen.size < 11 ? seen.size : strlen(" GET /probe");
    seen.text[seen.size] = '\0';
    char kept[sizeof seen.text];
    memcpy(kept, seen.text, sizeof kept);
    bide_stream_close(x->stream);
    take_turns();               /* the server takes notice; what it sees now is not the next's */
    memcpy(seen.text, kept, sizeof kept);
}

#endif
