/* Communicating: a task per pipe, so that it does not matter who is slow.
 *
 * What was read lies with the process and not with the call, and so does how much was written:
 * a call that is cancelled has lost nothing, and the next one goes on. */
#include "io/process.h"
#include "base/memory.h"
#include "io/stream.h"
#include <bide/group.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_ROOM = 4096 };

struct talk { bide_process *process; const char *data; size_t size; int stream; };

/* That a child does not want its input is its own matter. */
/* waits: through the stream's operations */
static int write_on(bide_process *p, bide_stream *s, const struct talk *t)
{
    while (p->fed < t->size) {
        struct iovec rest = { (void *)(uintptr_t)(t->data + p->fed), t->size - p->fed };
        ssize_t n = s->ops->writev(s, &rest, 1);
        if (n == -EPIPE)
            p->fed = t->size;
        else if (n < 0)
            return (int)n;
        else
            p->fed += (size_t)n;
    }
    return 0;
}

static int feed(void *talk)
{
    const struct talk *t = talk;
    bide_stream *s = t->process->streams[STDIN_FILENO];
    int rc = bide__stream_enter(s, STREAM_WRITING, "write");
    if (rc < 0)
        return rc;
    if (!(s->flags & STREAM_ENDED))
        rc = write_on(t->process, s, t);
    rc = (int)bide__stream_leave(s, STREAM_WRITING, "write", rc);
    return rc < 0 ? rc : bide_write_end(s);
}

/* Room for some more and a NUL, up to one byte more than is allowed. */
static int make_room(struct output *o, size_t max)
{
    if (o->size + 1 < o->room)
        return 0;
    size_t room = o->room ? o->room * 2 : FIRST_ROOM;
    if (max <= SIZE_MAX - 2 && room > max + 2)
        room = max + 2;
    char *data = bide__resize(o->data, room);
    if (!data)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    o->data = data;
    o->room = room;
    return 0;
}

BIDE_WAITS static int read_on(const struct talk *t, struct output *o)
{
    bide_stream *s = t->process->streams[t->stream];
    size_t max = t->process->output_max;
    while (!o->ended) {
        if (o->size > max)
            return bide_fail(BIDE_ELIMIT, "more than %zu bytes of output", max);
        int rc = make_room(o, max);
        if (rc < 0)
            return rc;
        ssize_t n = bide_read(s, o->data + o->size, o->room - o->size - 1);
        if (n < 0)
            return (int)n;
        o->size += (size_t)n;
        o->ended = n == 0;
    }
    return 0;
}

static int drain(void *talk)
{
    const struct talk *t = talk;
    return read_on(t, &t->process->got[t->stream - STDOUT_FILENO]);
}

/* Each pipe that has something left to do. */
BIDE_WAITS static int talk_all(bide_process *p, const void *data, size_t size)
{
    struct talk talks[CHILD_STREAMS];
    BIDE_GROUP(g);
    for (int i = 0; i < CHILD_STREAMS; i++) {
        if (!p->streams[i] || (i != STDIN_FILENO && p->got[i - STDOUT_FILENO].ended))
            continue;
        talks[i] = (struct talk){ p, data, data ? size : 0, i };
        bide_spawn(g, i == STDIN_FILENO ? feed : drain, &talks[i]);
    }
    return bide_group_wait(g);
}

/* The byte beyond the limit is not shown. */
static const char *text_of(struct output *o, size_t max, size_t *size)
{
    *size = o->size < max ? o->size : max;
    if (!o->data)
        return "";
    o->data[*size] = '\0';
    return o->data;
}

static void show(bide_process *p, struct bide_output *got)
{
    *got = (struct bide_output){ .out = "", .err = "" };
    if (p->closed)
        return;
    got->out = text_of(&p->got[0], p->output_max, &got->out_size);
    got->err = text_of(&p->got[1], p->output_max, &got->err_size);
    if (p->ended)
        got->exit = p->exit;
}

BIDE_WAITS static int communicate(bide_process *p, const void *data, size_t size)
{
    if (p->closed)
        return bide_fail(BIDE_ECLOSED, "process %s: closed", p->name);
    if (p->talking)
        return bide_fail(BIDE_EBUSY, "process %s: another task communicates with it", p->name);
    p->talking = true;
    bide__loop()->walkers++;
    int rc = talk_all(p, data, size);
    bide__loop()->walkers--;
    p->talking = false;
    if (p->closed)
        return bide_fail(BIDE_ECLOSED, "process %s: closed", p->name);
    if (rc < 0)
        return rc != BIDE_ECANCELED ? bide_within("process %s", p->name) : rc;
    return bide_process_wait(p, NULL);
}

int bide_process_communicate(bide_process *p, const void *data, size_t size,
                             struct bide_output *got)
{
    *got = (struct bide_output){ .out = "", .err = "" };
    if (p)
        bide__process_hold(p);
    int rc = bide__enter();
    if (!p)
        return bide_errcode();
    if (rc == 0)
        rc = communicate(p, data, size);
    show(p, got);
    bide__process_drop(p);
    return rc;
}
