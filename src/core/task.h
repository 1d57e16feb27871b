/* What a task, a scope, a group and a wait are made of.  Only this layer looks inside.
 *
 * A task's control block lies at the top of its own stack, in the same page as its first
 * frames: an idle task is one page.  Its fields are ordered by when they are touched: line 0
 * by every switch, lines 1 and 2 by spawn and end too, the rest only by what is special.  With
 * a hundred thousand tasks each line is a cache miss. */
#ifndef CORE_TASK_H
#define CORE_TASK_H
#include "base/heap.h"
#include "core/context.h"
#include <bide/error.h>
#include <bide/group.h>
#include <bide/log.h>
#include <bide/run.h>
#include <bide/scope.h>
#include <bide/task.h>

typedef struct bide_task task;
struct bide_local_;
struct loop;
struct stack_class;
struct wait;

/* A line of waiters; all zero is empty.  Public primitives begin with one. */
struct waitlist { struct wait *head; };
/* What is waited for; one static constant per kind.  undo takes the waiter out of its line,
 * false where it must not be interrupted now; NULL: never interrupted.  chosen is for a wait
 * that is made of several (select): one of them is being settled, and the others have to go;
 * false: this one was only counted, the task goes on waiting. */
struct waitkind {
    const char *what;
    bool (*undo)(struct wait *w);
    bool (*chosen)(struct wait *whole, struct wait *one);
};
/* One wait; lives on the waiter's stack. */
struct wait {
    struct wait *next, *prev;   /* in the line, a ring */
    struct waitlist *on;        /* NULL: in none */
    task *task;
    const struct waitkind *kind;
    void *data;                 /* the kind's */
    int64_t since_ns;           /* to the precision of the loop's looks at the clock */
    uintptr_t ticket;           /* where it may be let go with many others; core/release.h */
};

enum scope_flags {
    SCOPE_CANCELLED = 1,        /* effectively: by itself or from outside */
    SCOPE_SELF = 2,             /* by itself: bide_scope_cancel() or its deadline */
    SCOPE_SHIELD = 4,
    SCOPE_EXPIRED = 8,          /* its deadline did it */
    SCOPE_GROUP = 16,           /* is a struct group */
};
enum timer_kind { TIMER_SLEEP, TIMER_SCOPE };
struct scope {
    struct scope *parent;       /* outwards; NULL: the root */
    task *owner;                /* whose calls are inside; NULL: an owned group's, the root's */
    struct timer timer;         /* its deadline; timer.flags are the scope's flags */
    float seconds;              /* as asked for, for the sentence */
};

enum member_kind { MEMBER_TASK, MEMBER_GROUP };
struct member {
    struct member *next, *prev; /* in the group's list */
    struct group *group;
    enum member_kind kind;
};

enum group_policy { GROUP_FAIL_FAST, GROUP_KEEP_GOING, GROUP_COLLECT };
enum { GROUP_FAILURES_KEPT = 16 };
struct group {
    struct scope scope;         /* first */
    struct member *members;     /* who has not ended, a ring in the order of spawning */
    struct member *untold;      /* it is cancelled, and from this one on they have not been told */
    struct group *newer, *older;        /* in the loop's list of such groups */
    task *ended, *ended_last;   /* collected and not yet handed out, in order of ending */
    task *kept;                 /* ended and still readable; linked by next */
    task *failed;               /* the first failures, also kept; linked by next_failed */
    struct bide_local_ *locals; /* what was set where it was declared: its tasks see that */
    const char *refused;        /* who could not start, where that was the first failure */
    task *waiter;               /* in bide_group_wait(), bide_group_next() or leaving */
    uint32_t count;             /* members */
    uint32_t failures;          /* also those no longer kept */
    int rc;                     /* the first failure's code */
    uint8_t policy;
    uint8_t plain;              /* TASK_PLAIN where nobody looks at tasks that ended well */
    bool owned;                 /* by an object, or the root: failures are reported at once */
    bool reported;              /* the failures have been heard; the next one starts anew */
};

/* A group that an object owns; a member of the root group. */
struct owned_group {
    struct group group;         /* first */
    struct member member;
    const char *name;
    bide_drop_fn *drop;
    void *owner;
    bool closed;
    bool background;            /* what it does ends by itself, and nobody has forgotten it */
};

enum { TASK_COPY_INLINE = 192 };
enum task_flags {
    TASK_ENDED = 1,
    TASK_HANDLE = 2,            /* a handle was asked for */
    TASK_FAILED = 4,            /* in its group's list of failures */
    TASK_NO_WAIT = 8,           /* inside BIDE_NO_WAIT */
    TASK_NAMED = 16,            /* its name was given, not taken from its function */
    TASK_HEARD = 64,            /* handed out by bide_group_next() */
    TASK_PLAIN = 128,           /* nobody will look at it once it has ended well */
    TASK_DIRTY = 32,            /* pooled since the last trim */
    TASK_HELD = 256,            /* an error was held: its end clears it for the next spawn */
};
struct bide_task {
    struct context context;     /* line 0 */
    task *next;                 /* in a ready queue, or in ended, kept, pool */
    struct scope *scope;        /* innermost */
    struct wait *wait;          /* NULL: not waiting for anything */
    int credit;                 /* instant successes left; 0: look closer, see bide__enter */
    int rc;                     /* how the wait ended */
    struct loop *loop;

    bide_fn *fn;                /* line 1 */
    void *arg;
    struct member member;
    struct waitlist joiners;
    const char *site;           /* where it was spawned: "file:line" */

    struct scope base;          /* line 2: its own scope, for bide_cancel() */
    const char *name;
    uint32_t flags;
    uint32_t id;

    bide_drop_fn *drop;         /* line 3: what a plain task's spawn and end leave alone */
    task *next_failed;          /* links the group's failures */
    int result;
    uint32_t refused;           /* cancelled waits in a row */
    char *stack;                /* lowest byte reserved, which is the guard's */
    size_t stack_size;          /* bytes reserved, guard included */
    struct stack_class *pool;   /* where it goes when it has ended */
    uint32_t guard;             /* enum guard: how the low end is guarded */
    void *fibre;                /* the sanitizers' */
    void *fake_stack;           /* the address sanitizer's */
    void *copied;               /* a copy of the argument too large for `copy` */
    struct bide_error error;
    char copy[TASK_COPY_INLINE] __attribute__((aligned(16)));      /* of the argument */
    struct bide_local_ *locals; /* its own nearest, down to copies; NULL: as its group's */
};

static inline struct scope *scope_of(struct bide_scope *s) { return (struct scope *)(void *)s; }
static inline struct group *group_of(struct bide_group *g) { return (struct group *)(void *)g; }
static inline task *task_of(struct member *m)
{
    return (task *)(void *)((char *)m - offsetof(task, member));
}
static inline struct owned_group *owned_of(struct member *m)
{
    return (struct owned_group *)(void *)((char *)m - offsetof(struct owned_group, member));
}
static inline bool scope_cancelled(const struct scope *s)
{
    return s->timer.flags & SCOPE_CANCELLED;
}

#endif
