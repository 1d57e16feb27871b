/* What programs keep with a worker, and what can be asked about one. */
#include "base/memory.h"
#include "web/lifecycle.h"
#include "web/worker.h"

struct worker_kept {
    struct worker_kept *next;
    const void *key;
    void *value;
};

static struct worker_kept *find(const struct bide_worker *worker, const void *key)
{
    struct worker_kept *kept = worker->lifecycle.kept;
    while (kept && kept->key != key)
        kept = kept->next;
    return kept;
}

int bide_worker_set(bide_worker *worker, const void *key, void *value)
{
    struct worker_kept *kept = find(worker, key);
    if (!kept) {
        kept = bide__zalloc(sizeof *kept);
        if (!kept)
            return bide_fail(BIDE_ENOMEM, "out of memory for what a worker keeps");
        kept->key = key;
        kept->next = worker->lifecycle.kept;
        worker->lifecycle.kept = kept;
    }
    kept->value = value;
    return 0;
}

void *bide_worker_get(const bide_worker *worker, const void *key)
{
    const struct worker_kept *kept = find(worker, key);
    return kept ? kept->value : NULL;
}

void bide__worker_forget(struct bide_worker *worker)
{
    while (worker->lifecycle.kept) {
        struct worker_kept *next = worker->lifecycle.kept->next;
        bide__free(worker->lifecycle.kept);
        worker->lifecycle.kept = next;
    }
}

unsigned bide_worker_index(const bide_worker *worker)
{
    return worker->index;
}

bide_app *bide_worker_app(const bide_worker *worker)
{
    return worker->app;
}
