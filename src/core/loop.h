/* A thread's loop: the ready queues, the timers, the descriptors, and the poller that looks at
 * the world. */
#ifndef CORE_LOOP_H
#define CORE_LOOP_H
#include "core/busy_poll.h"
#include "core/fd.h"
#include "core/poller.h"
#include "core/post.h"
#include "core/stack.h"
#include "core/task.h"

struct fifo { task *head, *last; };
/* What a layer above keeps with a loop: closed when its last task has ended, on its thread. */
struct loop_part {
    struct loop_part *next;
    void (*close)(struct loop_part *part);      /* frees it; also what it is found by */
};

/* Lines of waiters that were let go at once and are not all settled; core/release.h. */
enum { RELEASES = 8 };
struct terms {
    int rc;                     /* the first waiter's */
    int step;                   /* from one waiter's rc to the next one's */
    const char *why;            /* the sentence that each holds; NULL: none */
    void (*settle)(struct wait *w, const struct terms *terms);  /* NULL: bide__settle_wait() */
    uint64_t number;            /* for settle */
    void *owner;                /* likewise, and for end */
    void (*end)(void *owner);   /* all are settled; NULL: nobody is to know */
    bool closed;                /* nobody has joined since, and the line stays until the end */
};
struct release {
    struct waitlist line;
    const struct waitlist *from;        /* where they waited; not looked into */
    uintptr_t ticket;           /* the last that was taken before */
    struct terms terms;
};
/* Lies in what it is about; core/chore.h.  some() does a portion; true: it is done, and may be
 * gone. */
struct chore {
    struct chore *next;
    bool (*some)(struct loop *l, struct chore *c);
};
struct releases {
    struct release lines[RELEASES];     /* a ring, in the order in which they were let go */
    unsigned first, count;
    uintptr_t tickets;
};

struct loop {
    task *current;              /* not thread-local: no load of a switch then depends on it */
    struct fifo ready;
    int ticks;                  /* switches left until the poller looks at clock and descriptors */
    int pace;                   /* what ticks is set to; follows how long a look's distance was */
    int64_t looked_ns;          /* when the poller last looked at the clock */
    struct fifo due;            /* sleepers woken by this look, in deadline order: they go first */
    int due_count;
    task poller_task;           /* the thread's own stack; runs bide__loop_turn */
    struct heap timers;
    struct alarm *alarms, *last_alarm;  /* core/alarm.h */
    int64_t jumped_ns;          /* the jumping clock's time */
    bool jumping, debug, ending, deadlocked, stop_on_signal;
    bool guest;                 /* somebody else's loop sleeps: look, but never wait */
    uint64_t shuffle;           /* random state; 0: first in, first out */
    void (*step)(struct loop *l);       /* the test kit's, before each step of a task; or NULL */
    struct stack_pool stacks;
    struct fd_table fds;
    struct poller poller;
    struct inbox *inbox;
    uint32_t turns;             /* of the poller; the watchdog's */
    struct watchdog *watchdog;
    uint64_t seen_operations;   /* the jumping clock's: fds.operations at its last jump */
    unsigned walkers;           /* tasks that wait for what takes real time: child processes */
    unsigned signals;           /* how many signals it has taken over */
    unsigned signals_seen;      /* how many had come to the process when it last looked */
    struct group root;
    task *main;
    size_t task_stack_size;
    struct stack_class *task_pool;      /* the stacks of that size; an empty one while spawns may
                                           have task-locals to copy, so that they look closer */
    int64_t polled_ns;          /* when the poller last looked at the descriptors */
    int64_t trimmed_ns;         /* when it last trimmed stacks */
    uint32_t last_id;
    uint32_t visitors;          /* tasks that other threads wait for, see visit.c */
    struct stack_class *plain_pool;     /* the stacks of that size, always: plain tasks' */
    uint32_t keepable;          /* how many such there are */
    struct stack_class *kept_pool;      /* task_pool, until there are none */
    void (*on_failure)(const bide_task *task, const struct bide_error *why);
    struct loop_part *parts;
    struct busy_poll busy_poll;
    struct group *untold;       /* cancelled, and not all members know: the newest; see reach.c */
    int told;                   /* members told by who cancelled, since the poller looked */
    int owed;                   /* so many tasks are to run before more are woken by portions */
    struct releases releases;
    struct chore *chores;       /* in the order in which they are done */
    unsigned put_off;           /* groups in untold, lines in releases, chores */
    task *spent;                /* ended ones to be given back: core/spent.h */
    struct chore spending;      /* that; some NULL: it is in no line */
    bool more_due;              /* not all timers could be ended in the last look */
};

/* This thread's loop; NULL outside of bide_run(). */
BIDE_BEGIN_                     /* bide-http asks too */
extern __thread struct loop *bide__here;
BIDE_END_
static inline struct loop *bide__loop(void) { return bide__here; }
/* Keeps a part with this thread's loop; the one that was kept, or NULL. */
void bide__loop_keep(struct loop_part *part);
struct loop_part *bide__loop_kept(void (*close)(struct loop_part *part));
/* The running task; NULL outside of bide_run().  While the poller runs, its stand-in. */
static inline task *bide__self(void) { return bide__here ? bide__here->current : NULL; }

BIDE_BEGIN_
int64_t bide__clock_ns(struct loop *l);         /* the loop's; l NULL: the system's */
int64_t bide__deadline_ns(struct loop *l, double seconds);         /* from now; saturates */
BIDE_END_
/* A wait for a time; its undo takes the timer out again. */
struct sleeper { struct timer timer; struct wait wait; };
/* Sets the timer.  0, or BIDE_ELIMIT with the error held. */
int bide__sleep_begin(struct sleeper *s, int64_t due_ns);
void bide__sleep_over(struct timer *timer);     /* a sleeper's timer has ended */

static inline void bide__fifo_put(struct fifo *q, task *t)
{
    t->next = NULL;
    if (q->head)
        q->last->next = t;
    else
        q->head = t;
    q->last = t;
}
/* Has a task's first line and its innermost frames, which lie right below it, brought into the
 * cache, while another runs.  Where many thousands are ready all are cold: with this the row "gate"
 * takes 226 ns a task, without it 371. */
static inline void bide__fetch(const task *t)
{
    enum { LINE = 64 };
    __builtin_prefetch(t);
    __builtin_prefetch((const char *)t - LINE);
    __builtin_prefetch((const char *)t - 2 * LINE);
}
/* The last one's link is not followed: see give_way in park.c. */
static inline task *bide__fifo_take(struct fifo *q)
{
    task *t = q->head;
    if (__builtin_expect_with_probability(t == q->last, 1, 0.5)) {
        q->head = NULL;
    } else {
        q->head = t->next;
        bide__fetch(q->head);
    }
    return t;
}

#endif
