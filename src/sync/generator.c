/* Generators: a task that runs only while somebody waits for what it makes.
 *
 * Either the consumer waits (in an `ask`) or the producer does (`parked`), and each settles the
 * other; the item goes straight into the consumer's memory.  A consumer that is cancelled leaves a
 * producer that runs on; its item then stays where it is, on the producer's stack (`ready`), until
 * somebody asks again.  A failure that finds nobody waiting is parked in the same way. */
#include "base/memory.h"
#include "core/group.h"
#include "core/park.h"
#include <bide/generator.h>
#include <bide/scope.h>
#include <string.h>

struct ask {
    struct wait wait;           /* first */
    bide_generator *generator;
    void *item;
};
struct bide_generator {
    bide_generator_fn *fn;
    struct bide_generator_opts opts;
    struct loop *loop;
    bide_group *own;            /* NULL: it runs in opts.group */
    bide_scope *scope;          /* the running function's */
    task *producer;
    struct ask *ask;            /* who waits for an item */
    struct wait *parked;        /* the producer waits to be asked */
    const void *ready;          /* an item that nobody has taken yet */
    unsigned entering;          /* who yields on the way into next */
    bool begun, alive;          /* alive: its task has not ended */
    bool ended, closed, freed;
    max_align_t copy[];
};

static bool undo_ask(struct wait *w)
{
    ((struct ask *)(void *)w)->generator->ask = NULL;
    return true;
}
static bool undo_parked(struct wait *w)
{
    ((bide_generator *)w->data)->parked = NULL;
    return true;
}
static const struct waitkind asking = { .what = "a generator's next item", .undo = undo_ask };
static const struct waitkind parking = { .what = "to be asked for its next item",
                                         .undo = undo_parked };

static void release(void *arg)
{
    bide_generator *g = arg;
    if (g->opts.drop)
        g->opts.drop(g->opts.arg);
    g->freed = true;
    if (!g->entering)
        bide__free(g);
}

static void task_over(void *arg)
{
    bide_generator *g = arg;
    g->alive = false;
    if (g->closed && !g->own)
        release(g);
}

static bide_generator *make(bide_generator_fn *fn, const struct bide_generator_opts *o)
{
    if (!bide__here || !o->item_size) {
        bide_fail(o->item_size ? BIDE_EPERM : BIDE_EINVAL, "generator %s: %s", o->fn_name_,
                  o->item_size ? "works only inside bide_run()" : "items of no bytes");
        return NULL;
    }
    bide_generator *g = bide__zalloc(sizeof *g + o->copy);
    if (!g) {
        bide_fail(BIDE_ENOMEM, "generator %s: out of memory", o->fn_name_);
        return NULL;
    }
    g->fn = fn;
    g->opts = *o;
    g->loop = bide__here;
    if (!o->group && !(g->own = bide_group_open(o->fn_name_, release, g))) {
        bide__free(g);
        return NULL;
    }
    if (o->copy)
        g->opts.arg = memcpy(g->copy, o->arg, o->copy);
    return g;
}

bide_generator *bide_generator_new_opts(bide_generator_fn *fn,
                                        const struct bide_generator_opts *o)
{
    bide_generator *g = make(fn, o);
    if (!g && o->drop) {
        BIDE_KEEP_ERROR(why);
        o->drop(o->arg);
    }
    return g;
}

BIDE_WAITS static int park(bide_generator *g)
{
    struct wait w = { .kind = &parking, .data = g };
    g->parked = &w;
    return bide__wait_alone(&w);
}

static void answer(bide_generator *g, int rc)
{
    struct ask *ask = g->ask;
    g->ask = NULL;
    bide__settle_wait(&ask->wait, rc);
}

/* A failure waits until somebody hears of it; nobody will where it is closed or the loop ends, and
 * then it is the group's. */
BIDE_WAITS static int tell_failure(bide_generator *g, int rc)
{
    while (!g->ask)
        if (bide_cancelled() || park(g) < 0)
            return rc;
    bide__hold(g->ask->wait.task, rc, bide__self()->error.text);
    answer(g, rc);
    return 0;
}

/* waits: fn may */
static int produce(void *arg)
{
    bide_generator *g = arg;
    BIDE_SCOPE(s);
    g->scope = s;
    g->producer = bide__self();
    int rc = g->closed ? 0 : g->fn(g, g->opts.arg);
    bide__error_fit(bide__self(), rc);
    if (rc < 0 && !(g->closed && rc == BIDE_ECANCELED))
        rc = g->closed ? rc : tell_failure(g, bide_errcode());
    else
        rc = 0;
    g->ended = true;
    g->scope = NULL;
    g->producer = NULL;
    if (g->ask)
        answer(g, 0);
    return rc;
}

static int begin(bide_generator *g)
{
    struct bide_spawn_opts producer = {
        .abi_ = sizeof producer, .fn_name_ = g->opts.fn_name_, .site_ = g->opts.site_, .arg = g,
        .stack_size = g->opts.stack_size, .drop = task_over,
    };
    g->alive = g->begun = true;
    int rc = bide_spawn_opts(g->own ? g->own : g->opts.group, produce, &producer);
    g->begun = rc == 0;
    return rc;
}

/* As bide__enter(), which may yield, and the generator be closed meanwhile. */
BIDE_WAITS static int enter(bide_generator *g)
{
    if (!g)
        return bide__enter();
    g->entering++;
    int rc = bide__enter();
    g->entering--;
    if (!g->freed)
        return rc;
    if (!g->entering)
        bide__free(g);
    return rc < 0 ? rc : bide_fail(BIDE_ECLOSED, "the generator is closed");
}

static int check_next(const bide_generator *g, size_t size)
{
    if (!g)
        return bide_errcode();
    const char *name = g->opts.fn_name_;
    if (size != g->opts.item_size)
        return bide_fail(BIDE_EINVAL, "next of %s: a pointer to %zu bytes; the items have %zu",
                         name, size, g->opts.item_size);
    if (g->loop != bide__here)
        return bide_fail(BIDE_EPERM, "next of %s: the generator belongs to another loop", name);
    if (g->closed)
        return bide_fail(BIDE_ECLOSED, "next of %s: the generator is closed", name);
    if (g->producer == bide__self())
        return bide_fail(BIDE_EDEADLK, "next of %s: a generator cannot wait for itself", name);
    if (g->ask)
        return bide_fail(BIDE_EBUSY, "next of %s: task '%s' waits for it already", name,
                         bide_task_name(g->ask->wait.task));
    return 0;
}

int bide_generator_next_(bide_generator *g, void *item, size_t size)
{
    int rc = enter(g);
    if (rc < 0 || (rc = check_next(g, size)) < 0 || g->ended)
        return rc;
    if (g->ready) {
        memcpy(item, g->ready, size);
        g->ready = NULL;
        return 1;
    }
    if (!g->begun && (rc = begin(g)) < 0)
        return rc;
    struct ask ask = { .wait.kind = &asking, .generator = g, .item = item };
    struct wait *parked = g->parked;
    g->ask = &ask;
    g->parked = NULL;
    if (parked)
        bide__settle_wait(parked, 0);
    return bide__wait_alone(&ask.wait);
}

/* The item is the generator's from here on. */
static void drop_item(const bide_generator *g, const void *item)
{
    BIDE_KEEP_ERROR(why);
    if (g->opts.drop_item)
        g->opts.drop_item((void *)(uintptr_t)item);
}

static int check_yield(const bide_generator *g, size_t size)
{
    if (g->producer != bide__self())
        return bide_fail(BIDE_EPERM, "yield: only the task of %s yields its items",
                         g->opts.fn_name_);
    if (size != g->opts.item_size)
        return bide_fail(BIDE_EINVAL, "yield of %s: a pointer to %zu bytes; the items have %zu",
                         g->opts.fn_name_, size, g->opts.item_size);
    return 0;
}

int bide_generator_yield_(bide_generator *g, const void *item, size_t size)
{
    int rc = g ? check_yield(g, size) : bide_errcode();
    if (rc < 0)
        return rc;
    rc = bide__enter();
    if (rc == 0 && g->closed)
        rc = bide_fail(BIDE_ECANCELED, "the generator is closed");
    if (rc < 0) {
        drop_item(g, item);
        return rc;
    }
    if (g->ask) {
        memcpy(g->ask->item, item, size);
        answer(g, 1);
    } else {
        g->ready = item;
    }
    rc = park(g);
    if (g->ready)
        drop_item(g, item);
    g->ready = NULL;
    return rc;
}

void bide_generator_close(bide_generator *g)
{
    if (!g)
        return;
    g->closed = true;
    if (g->ask) {
        bide__hold(g->ask->wait.task, BIDE_ECLOSED, "the generator is closed");
        answer(g, BIDE_ECLOSED);
    }
    if (g->own)
        bide_group_close(g->own);
    else if (g->alive)
        bide_scope_cancel(g->scope);
    else
        release(g);
}
