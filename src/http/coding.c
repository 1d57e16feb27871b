/* Decoders in a row: each takes what the one before has made, the first the body, and the last one
 * writes to the caller.  Between two lies a buffer of fixed size. */
#include "http/coding.h"

#include "base/memory.h"
#include "http/coding_stage.h"

#include <bide/error.h>
#include <string.h>

enum { BUFFER_SIZE = 16384 };

struct stage {
    const struct coding_kind *kind;
    void *state;                /* NULL: no byte has come yet, or all is done */
    uint64_t made;              /* bytes of output so far */
    bool done;
    char *buffer;               /* what it has made; NULL: the caller's memory is used */
    size_t from, to;            /* not yet taken by the next one */
};

struct coding {
    struct stage stages[CODING_DEPTH_MAX];
    int count;
    struct coding_limits limits;
    uint64_t taken;             /* bytes of the body so far */
    int code;                   /* < 0: failed */
    const char *why;
};

/* Takes the next element out of a list; false: there are no more. */
static bool next_name(struct text *list, struct text *name)
{
    const char *end = list->at + list->size, *at = list->at;
    while (at < end && (*at == ' ' || *at == '\t' || *at == ','))
        at++;
    const char *start = at;
    while (at < end && *at != ',')
        at++;
    *list = text_of(at, (size_t)(end - at));
    while (at > start && (at[-1] == ' ' || at[-1] == '\t'))
        at--;
    *name = text_of(start, (size_t)(at - start));
    return name->size > 0;
}

/* The kinds in the order in which they are undone: the last in the list is the outermost. */
static int read_list(const struct coding_kind *kinds[CODING_DEPTH_MAX], struct text value,
                     const char **why)
{
    struct text name;
    int count = 0;
    while (next_name(&value, &name)) {
        if (bide__text_is_caseless(name, "identity"))
            continue;
        if (count == CODING_DEPTH_MAX) {
            *why = "too many content codings on top of each other";
            return BIDE_EHTTP;
        }
        for (int i = count; i > 0; i--)
            kinds[i] = kinds[i - 1];
        kinds[0] = bide__coding_kind(name, why);
        if (!kinds[0])
            return BIDE_EHTTP;
        count++;
    }
    return count;
}

int bide__coding_open(struct coding **coding, struct text value,
                      const struct coding_limits *limits, const char **why)
{
    const struct coding_kind *kinds[CODING_DEPTH_MAX];
    *coding = NULL;
    int count = read_list(kinds, value, why);
    if (count <= 0)
        return count;
    struct coding *c = bide__zalloc(sizeof *c);
    if (!c) {
        *why = "out of memory";
        return BIDE_ENOMEM;
    }
    c->count = count;
    for (int i = 0; i < count; i++)
        c->stages[i].kind = kinds[i];
    if (limits)
        c->limits = *limits;
    if (c->limits.ratio_max == 0)
        c->limits.ratio_max = CODING_RATIO_MAX;
    *coding = c;
    return 0;
}

static int fail(struct coding *c, int code, const char *why)
{
    c->why = why;
    return c->code = code;
}

/* The output of every stage counts, also what the next one swallows: it was work. */
static int check_limits(struct coding *c, const struct stage *stage)
{
    const struct coding_limits *limits = &c->limits;
    if (stage->made > CODING_RATIO_FREE && stage->made / limits->ratio_max >= c->taken)
        return fail(c, BIDE_ELIMIT, "the body is a bomb: it grows too much by being decoded");
    if (limits->size_max > 0 && stage == &c->stages[c->count - 1] &&
        stage->made > limits->size_max)
        return fail(c, BIDE_ELIMIT, "the body is too large once decoded");
    return 0;
}

static void close_stage(struct stage *stage)
{
    if (stage->state)
        stage->kind->close(stage->state);
    stage->state = NULL;
}

static void free_buffer(struct stage *stage)
{
    bide__free(stage->buffer);
    stage->buffer = NULL;
}

/* Runs one stage once.  1: it is done. */
static int run_stage(struct coding *c, struct stage *stage, struct coding_pieces *pieces)
{
    if (!stage->state) {
        if (pieces->in_size == 0)
            return pieces->last;                /* nothing at all */
        stage->state = stage->kind->open();
        if (!stage->state)
            return fail(c, BIDE_ENOMEM, "out of memory");
    }
    size_t room = pieces->room, in_size = pieces->in_size;
    int rc = stage->kind->run(stage->state, pieces);
    stage->made += room - pieces->room;
    if (stage == c->stages)
        c->taken += in_size - pieces->in_size;
    if (rc < 0)
        return fail(c, rc, pieces->why);
    int limit = check_limits(c, stage);
    return limit < 0 ? limit : rc;
}

/* What a stage takes from and writes to; the body's own at the ends of the row. */
static int find_pieces(struct coding *c, struct stage *stage, struct coding_pieces *p)
{
    if (stage > c->stages) {
        struct stage *before = stage - 1;
        p->in = before->buffer + before->from;
        p->in_size = before->to - before->from;
        p->last = before->done;
    }
    if (stage < &c->stages[c->count - 1]) {
        if (!stage->buffer && !(stage->buffer = bide__alloc(BUFFER_SIZE)))
            return fail(c, BIDE_ENOMEM, "out of memory");
        p->out = stage->buffer;
        p->room = stage->from < stage->to ? 0 : BUFFER_SIZE;
    }
    return 0;
}

/* Notes what a stage has taken and made. */
static void move_on(struct coding *c, struct stage *stage, const struct coding_pieces *p,
                    struct coding_pieces *body)
{
    if (stage > c->stages) {
        stage[-1].from = stage[-1].to - p->in_size;
    } else {
        body->in = p->in;
        body->in_size = p->in_size;
    }
    if (stage < &c->stages[c->count - 1]) {
        stage->from = 0;
        stage->to = BUFFER_SIZE - p->room;
    } else {
        body->out = p->out;
        body->room = p->room;
    }
}

/* Runs a stage if it has something to do.  1: something moved. */
static int step(struct coding *c, struct stage *stage, struct coding_pieces *body)
{
    struct coding_pieces p = *body;
    if (stage->done)
        return 0;
    int rc = find_pieces(c, stage, &p);
    if (rc < 0 || p.room == 0 || (p.in_size == 0 && !p.last && !stage->state))
        return rc;
    size_t in_size = p.in_size, room = p.room;
    rc = run_stage(c, stage, &p);
    if (rc < 0)
        return rc;
    move_on(c, stage, &p, body);
    if (rc == 1) {
        stage->done = true;
        close_stage(stage);
        if (stage > c->stages)
            free_buffer(stage - 1);
    }
    return in_size != p.in_size || room != p.room || rc == 1;
}

static int run(struct coding *c, struct coding_pieces *body)
{
    if (c->code < 0)
        return c->code;
    for (bool moved = true; moved;) {
        moved = false;
        for (int i = 0; i < c->count; i++) {
            int rc = step(c, &c->stages[i], body);
            if (rc < 0)
                return rc;
            moved |= rc == 1;
        }
    }
    return c->stages[c->count - 1].done;
}

static int copy(struct coding_pieces *body)
{
    size_t size = body->in_size < body->room ? body->in_size : body->room;
    if (size > 0)
        memcpy(body->out, body->in, size);
    body->in += size;
    body->in_size -= size;
    body->room -= size;
    return body->last && body->in_size == 0;
}

int bide__coding_run(struct coding *coding, const char **in, size_t *in_size, char *out,
                     size_t *out_size, bool last)
{
    struct coding_pieces body = { *in, *in_size, out, *out_size, last, NULL };
    int rc = coding ? run(coding, &body) : copy(&body);
    *in = body.in;
    *in_size = body.in_size;
    *out_size -= body.room;
    return rc;
}

const char *bide__coding_why(const struct coding *coding)
{
    return coding ? coding->why : NULL;
}

void bide__coding_free(struct coding *coding)
{
    if (!coding)
        return;
    for (int i = 0; i < coding->count; i++) {
        close_stage(&coding->stages[i]);
        free_buffer(&coding->stages[i]);
    }
    bide__free(coding);
}
