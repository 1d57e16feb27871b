/* getaddrinfo on threads: jobs, their queue and the threads; why, stands in resolver.h.
 *
 * A look-up that is cancelled by all who wanted it is abandoned: one that has not begun never
 * does, the answer of one that has is dropped, also when its loop has ended long since. */
#include "base/memory.h"
#include "core/thread.h"
#include "net/resolve.h"
#include "net/resolver.h"
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* One look-up; its question and the thread that does it hold it. */
struct job {
    struct question question;   /* first */
    struct post post;
    struct job *next;           /* in the queue */
    struct inbox *inbox;        /* the loop's, held */
    atomic_uint holders;
    int code;                   /* 0 or EAI_... */
    struct bide_addresses found;
    char host[HOST_SIZE];
};

static int ask_system(const char *host, struct bide_addresses *found);

/* The process's. */
static struct {
    pthread_mutex_t lock;
    struct job *first;
    unsigned threads;
    _Atomic(bide__look_up_fn *) look_up;
} resolver = { .lock = PTHREAD_MUTEX_INITIALIZER, .look_up = ask_system };

void bide__resolve_with(bide__look_up_fn *fn)
{
    atomic_store(&resolver.look_up, fn ? fn : ask_system);
}

bool bide__resolves_with(void)
{
    return atomic_load(&resolver.look_up) != ask_system;
}

static int ask_system(const char *host, struct bide_addresses *found)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM }, *list;
    int code = getaddrinfo(host, NULL, &hints, &list);
    if (code != 0)
        return code;
    for (struct addrinfo *a = list; a && found->count < BIDE_ADDRESSES_MAX; a = a->ai_next) {
        if (a->ai_addrlen > sizeof found->list->is)
            continue;
        struct bide_address *to = &found->list[found->count++];
        to->size = a->ai_addrlen;
        memcpy(&to->is, a->ai_addr, a->ai_addrlen);
    }
    freeaddrinfo(list);
    return found->count ? 0 : EAI_NONAME;
}

static void drop_job(struct job *job)
{
    if (atomic_fetch_sub(&job->holders, 1) > 1)
        return;
    bide__inbox_drop(job->inbox);
    bide__free(job);
}

static const char *reason(int code)
{
    return code == EAI_MEMORY ? "out of memory" : gai_strerror(code);
}

/* One half of what was found.  The order between the halves is the system's: each one's rank is
 * the place of its first. */
static void answer_half(struct job *job, int half)
{
    struct bide_addresses found = { .count = 0 };
    unsigned rank = 0;
    int family = half == HALF_V4 ? AF_INET : AF_INET6;
    for (int i = 0; i < job->found.count; i++) {
        if (job->found.list[i].is.any.sa_family != family)
            continue;
        if (found.count == 0)
            rank = (unsigned)i;
        found.list[found.count++] = job->found.list[i];
    }
    if (found.count)
        bide__resolver_answer(&job->question, half, &found, rank, -1);
}

/* On the loop: the answer has come. */
static void answer(struct post *post)
{
    struct job *job = (struct job *)(void *)((char *)post - offsetof(struct job, post));
    if (job->question.name) {
        atomic_fetch_sub(&job->inbox->outside, 1);
        for (int i = 0; i < HALVES && job->code == 0; i++)
            if (job->question.halves & 1u << i)
                answer_half(job, i);
        bide__resolver_end(&job->question, job->code == EAI_MEMORY ? BIDE_ENOMEM : BIDE_EDNS,
                           reason(job->code ? job->code : EAI_NONAME));
        drop_job(job);
    }
    drop_job(job);
}

static struct job *take_job(void)
{
    pthread_mutex_lock(&resolver.lock);
    struct job *job = resolver.first;
    if (job)
        resolver.first = job->next;
    else
        resolver.threads--;
    pthread_mutex_unlock(&resolver.lock);
    return job;
}

/* A thread of the resolver's: goes when there is nothing left to ask, so idle programs have
 * none. */
static void *work(void *unused)
{
    struct job *job;
    while ((job = take_job())) {
        struct inbox *inbox = job->inbox;
        job->code = atomic_load(&resolver.look_up)(job->host, &job->found);
        bide__inbox_hold(inbox);                /* the job's hold may go while it is posted */
        if (!bide__inbox_post(inbox, &job->post))
            drop_job(job);
        bide__inbox_drop(inbox);
    }
    return unused;
}

/* The threads did not come along into a child process; its loops begin with none. */
static void forget_threads(void)
{
    resolver.lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    resolver.first = NULL;
    resolver.threads = 0;
}

static void prepare(void)
{
    pthread_atfork(NULL, NULL, forget_threads);
}

static void append(struct job *job)
{
    struct job **link = &resolver.first;
    while (*link)
        link = &(*link)->next;
    job->next = NULL;
    *link = job;
}

static bool take_out(const struct job *job)
{
    struct job **link = &resolver.first;
    while (*link && *link != job)
        link = &(*link)->next;
    if (!*link)
        return false;
    *link = job->next;
    return true;
}

/* Puts it into the queue and sees to it that a thread comes for it. */
static int hand_over(struct job *job)
{
    int rc = 0;
    pthread_mutex_lock(&resolver.lock);
    append(job);
    if (resolver.threads < RESOLVER_THREADS) {
        rc = bide__thread_start(NULL, work, NULL);
        if (rc == 0)
            resolver.threads++;
        else if (resolver.threads)
            rc = 0;
        else
            take_out(job);
    }
    pthread_mutex_unlock(&resolver.lock);
    return rc;
}

/* Nobody wants it any more; if no thread has taken the job, none will. */
static void stop(struct question *q)
{
    struct job *job = (struct job *)(void *)q;
    atomic_fetch_sub(&job->inbox->outside, 1);
    pthread_mutex_lock(&resolver.lock);
    bool waiting = take_out(job);
    pthread_mutex_unlock(&resolver.lock);
    if (waiting)
        drop_job(job);
    drop_job(job);
}

/* Held by the question and by the thread to be. */
static struct job *new_job(struct name *n, unsigned halves)
{
    struct job *job = bide__zalloc(sizeof *job);
    if (!job)
        return NULL;
    job->question = (struct question){ .name = n, .halves = halves, .stop = stop };
    job->post.run = answer;
    strcpy(job->host, n->text);
    job->inbox = bide__loop()->inbox;
    bide__inbox_hold(job->inbox);
    atomic_init(&job->holders, 2);
    return job;
}

int bide__ask_threads(struct name *n, unsigned halves)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct job *job = new_job(n, halves);
    pthread_once(&once, prepare);
    if (!job)
        return bide_fail(BIDE_ENOMEM, "dns: %s: out of memory", n->text);
    int rc = hand_over(job);
    if (rc < 0) {
        atomic_store(&job->holders, 1);
        drop_job(job);
        return bide_fail(rc, "dns: %s: no thread: %s", n->text, bide_strerror(rc));
    }
    for (int i = 0; i < HALVES; i++)
        if (halves & 1u << i)
            n->half[i].asking = &job->question;
    atomic_fetch_add(&job->inbox->outside, 1);
    return 0;
}
