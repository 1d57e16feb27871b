/* tests/http/script.h -- a peer that takes what it is sent and says what the test wants, over a
 * pair of streams in memory.
 *
 *     struct script script = { .steps = { { "...", 3 } } };
 *     rc = script_open(group, &script);
 *     ... script.ours ...
 *
 * Before each of its steps it waits until something has come; after the last it goes on taking
 * until our end is closed. */
#ifndef SCRIPT_H
#define SCRIPT_H
#include "test.h"

#include <bide.h>
#include <string.h>

struct script_step { const void *bytes; size_t size; };
struct script {
    struct script_step steps[8];        /* size 0: the end */
    size_t cut;                 /* closes after so many bytes; 0: never */
    bool slowly;                /* each byte comes a second after the one before */
    bool leaves;                /* closes when all is said */
    bide_stream *ours;
    char heard[8192];           /* all that came */
    size_t heard_size;
};

static bool script_hear(bide_stream *s, struct script *script)
{
    ssize_t size = bide_read(s, script->heard + script->heard_size,
                             sizeof script->heard - script->heard_size);
    if (size <= 0)
        return false;
    script->heard_size += (size_t)size;
    return true;
}

static bool script_say(bide_stream *s, const struct script *script, const struct script_step *step,
                       size_t *left)
{
    size_t size = step->size < *left ? step->size : *left;
    *left -= size;
    for (size_t i = 0; script->slowly && i < size; i++)
        if (bide_sleep(1) < 0 || bide_write(s, (const char *)step->bytes + i, 1) < 0)
            return false;
    return (script->slowly || bide_write(s, step->bytes, size) == 0) && *left > 0;
}

static int script_talk(bide_stream *s, struct script *script)
{
    size_t left = script->cut ? script->cut : SIZE_MAX;
    for (const struct script_step *step = script->steps; step->size > 0; step++)
        if (!script_hear(s, script) || !script_say(s, script, step, &left))
            return 0;
    while (!script->leaves && script_hear(s, script))
        ;
    return 0;
}

struct script_end { bide_stream *stream; struct script *script; };

static int script_run(void *arg)
{
    struct script_end *end = arg;
    int rc = script_talk(end->stream, end->script);
    bide_stream_close(end->stream);
    return rc;
}

__attribute__((unused)) static int script_open(bide_group *group, struct script *script)
{
    bide_stream *ends[2];
    int rc = bide_stream_pair(ends);
    if (rc < 0)
        return rc;
    struct script_end end = { ends[1], script };
    rc = bide_spawn(group, script_run, &end, .copy = sizeof end);
    if (rc < 0) {
        bide_stream_close(ends[0]);
        bide_stream_close(ends[1]);
        return rc;
    }
    script->ours = ends[0];
    return 0;
}

#endif
