/* bide/local.h -- values that go with a task: contextvars.
 *
 *     static const bide_local request_id = { NULL, NULL };
 *
 *     BIDE_LOCAL(id, &request_id, request->id);    // until the block is left
 *     handle(request);                             // anywhere below: bide_local_get(&request_id)
 *
 * A local holds in its block and in everything called from there, so it cannot leak into the
 * next request on the same connection.  What tasks inherit follows from who outlives whom:
 *   - what was set around a group's declaration outlives the group's tasks: they see it as it is;
 *   - what the spawner has set since, or where the group is another's (an object's, the root):
 *     they get a copy, made by the key's `keep` when they are spawned and ended by its `drop`
 *     when they have ended.  Without `keep` they see nothing of it.
 * The nearest wins: a task's own, then its copies, then what was around its group. */
#ifndef BIDE_LOCAL_H
#define BIDE_LOCAL_H
#include <bide/base.h>
BIDE_BEGIN_

/* A key, known by its address: make it static.  keep returns a copy of the value, or counts a
 * reference and returns the same; NULL: out of memory, and the task cannot start.  drop ends
 * what keep returned, once.  Neither may wait; neither is called on a NULL value. */
typedef struct bide_local { void *(*keep)(void *value); bide_drop_fn *drop; } bide_local;

/* BIDE_LOCAL(name, &key, value);  the key has that value until the block is left.  The value
 * stays the block's own: drop is not called on it.  NULL hides what was set further out. */
#define BIDE_LOCAL(name_, key, value) \
    BIDE_CLEANUP_(bide_local_leave_) struct bide_local_ name_[1] = { \
        bide_local_enter_(name_, key, value) }
/* The nearest value of the key, or NULL.  Good for as long as the running task does not leave
 * the block that set it.  Outside of tasks: what this thread has set; bide_run() hands that on
 * to all of its tasks.  Counterpart: ContextVar.get(). */
void *bide_local_get(const bide_local *key);

/* One value that holds; on the stack of who set it. */
struct bide_local_ {
    struct bide_local_ *outer, *before_;
    const bide_local *key;
    void *value;
    struct bide_local_ **first_;
    void *loop_;
};
/* Behind BIDE_LOCAL: enter returns the contents for *place. */
struct bide_local_ bide_local_enter_(struct bide_local_ *place, const bide_local *key,
                                     void *value);
void bide_local_leave_(struct bide_local_ (*local)[1]);

BIDE_END_
#endif
