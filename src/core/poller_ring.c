/* io_uring: what is to be watched is gathered, and told the system by the same call that waits.
 *
 * Each descriptor has one poll request that reports every edge until it is cancelled, so a
 * turn is one system call however many descriptors begin in it, and a look while tasks are ready
 * is none: the system says in shared memory whether it has news.
 *
 * A request keeps its file open.  So who unwatches has it cancelled there and then, or a socket
 * that is closed next would keep its port and its peer's end; and somebody else's descriptor is
 * watched only while somebody waits.  A serial number in each request tells late reports apart:
 * those of a request that was cancelled, whatever descriptor has its number now.
 *
 * The thread sanitizer knows nothing of the ring's calls and would hold signals back in them, so
 * there it is refused. */
#include "base/memory.h"
#include "base/sys.h"
#include "base/timespec.h"
#include "core/operation.h"
#include "core/ring.h"
#include <errno.h>

enum { SUBMISSIONS = 256, COMPLETIONS = 1024, ROOM_FIRST = 64 };
enum { OPERATION_MOST = 1 << 30 };      /* bytes; the system takes no more either */
enum { EVENTS = POLLIN | POLLOUT | POLLRDHUP };

/* ---- opening --------------------------------------------------------------------------------- */

#if defined(__SANITIZE_THREAD__)
enum { SUITED = 0 };
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
enum { SUITED = 0 };
#else
enum { SUITED = 1 };
#endif
#else
enum { SUITED = 1 };
#endif

/* Reports are made when this thread asks for them, where the system can (Linux 6.1); else when it
 * enters the system anyway (5.19); else whenever they come. */
static int open_best(struct ring *r)
{
    static const unsigned wanted[] = {
        IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
        IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
        0,
    };
    int rc = -ENOSYS;
    for (size_t i = 0; SUITED && i < sizeof wanted / sizeof *wanted; i++) {
        struct io_uring_params params = { .flags = wanted[i] | IORING_SETUP_CQSIZE,
                                          .cq_entries = COMPLETIONS };
        rc = bide__sys.ring_open(SUBMISSIONS, &r->io, &params) < 0 ? -errno : 0;
        if (rc != -EINVAL)
            break;
    }
    return rc;
}

/* Requests that report more than once came with Linux 5.13, which tags resources too. */
static bool suffices(struct ring *r)
{
    static const int operations[] = { IORING_OP_POLL_ADD, IORING_OP_ASYNC_CANCEL, IORING_OP_READ,
                                      IORING_OP_WRITE, IORING_OP_FSYNC };
    const unsigned features = IORING_FEAT_NODROP | IORING_FEAT_EXT_ARG | IORING_FEAT_RSRC_TAGS;
    if ((r->io.features & features) != features)
        return false;
    struct io_uring_probe *probe = io_uring_get_probe_ring(&r->io);
    bool all = probe;
    for (size_t i = 0; all && i < sizeof operations / sizeof *operations; i++)
        all = io_uring_opcode_supported(probe, operations[i]);
    r->accepts = all && io_uring_opcode_supported(probe, IORING_OP_SOCKET);     /* of that age */
    r->receives = all && io_uring_opcode_supported(probe, IORING_OP_SEND_ZC);
    io_uring_free_probe(probe);
    return all;
}

static int ring_open(struct poller *p)
{
    struct ring *r = bide__zalloc(sizeof *r);
    if (!r)
        return -ENOMEM;
    int rc = open_best(r);
    if (rc == 0 && !suffices(r)) {
        io_uring_queue_exit(&r->io);
        rc = -ENOSYS;
    }
    if (rc < 0) {
        bide__free(r);
        return rc;
    }
    p->state = r;
    p->fd = r->io.ring_fd;
    p->accepts = r->accepts;
    p->receives = r->receives;
    return 0;
}

/* ---- what is submitted ----------------------------------------------------------------------- */

struct io_uring_sqe *bide__ring_entry(struct ring *r)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&r->io);
    if (sqe || bide__sys.ring_submit(&r->io) < 0)
        return sqe;
    return io_uring_get_sqe(&r->io);
}

/* Its own report is wanted by nobody. */
bool bide__ring_cancel(struct ring *r, uint64_t mark)
{
    struct io_uring_sqe *sqe = bide__ring_entry(r);
    if (!sqe)
        return false;
    io_uring_prep_cancel64(sqe, mark, 0);
    io_uring_sqe_set_data64(sqe, 0);
    return true;
}

static bool arm(struct ring *r, int fd)
{
    struct io_uring_sqe *sqe = bide__ring_entry(r);
    if (!sqe)
        return false;
    struct place *place = &r->places[fd];
    place->serial = ++r->serial;
    place->state = ARMED;
    io_uring_prep_poll_multishot(sqe, fd, place->receiving == POLLED ? EVENTS : POLLOUT);
    io_uring_sqe_set_data64(sqe, mark_of(MARK_POLL, fd, place->serial));
    return true;
}

/* Those for which there is no room now stay. */
static void arm_pending(struct ring *r)
{
    int done = 0;
    for (; done < r->pending_count; done++) {
        struct place *place = &r->places[r->pending[done]];
        if (place->state == PENDING && !arm(r, r->pending[done]))
            break;
        place->listed = false;
    }
    r->pending_count -= done;
    for (int i = 0; i < r->pending_count; i++)
        r->pending[i] = r->pending[done + i];
}

void bide__ring_submit(struct ring *r)
{
    while (bide__sys.ring_submit(&r->io) < 0 && errno == EINTR)
        ;
}

static void ring_submit(struct poller *p)
{
    struct ring *r = p->state;
    arm_pending(r);
    if (io_uring_sq_ready(&r->io))
        bide__sys.ring_submit(&r->io);
}

static void ring_close(struct poller *p)
{
    struct ring *r = p->state;
    bide__ring_accept_close(r);
    if (io_uring_sq_ready(&r->io))
        bide__sys.ring_submit(&r->io);
    io_uring_queue_exit(&r->io);
    bide__ring_buffers_close(r->buffers);
    bide__free(r->places);
    bide__free(r->pending);
    bide__free(r);
}

/* ---- watching -------------------------------------------------------------------------------- */

static int grow(struct ring *r, int fd)
{
    int room = r->room ? r->room : ROOM_FIRST;
    while (room <= fd)
        room *= 2;
    if (room == r->room)
        return 0;
    struct place *places = bide__resize(r->places, (size_t)room * sizeof *places);
    if (!places)
        return -ENOMEM;
    r->places = places;
    int *pending = bide__resize(r->pending, (size_t)room * sizeof *pending);
    if (!pending)
        return -ENOMEM;
    r->pending = pending;
    for (int i = r->room; i < room; i++)
        places[i] = (struct place){ .state = UNWATCHED };
    r->room = room;
    return 0;
}

void bide__ring_poll(struct ring *r, int fd)
{
    struct place *place = &r->places[fd];
    place->state = PENDING;
    if (!place->listed)
        r->pending[r->pending_count++] = fd;
    place->listed = true;
}

/* epoll alone says at once whether a file can be waited for at all. */
static int ask_epoll(int fd)
{
    struct epoll_event e = { .events = EPOLLIN };
    int set = bide__sys.epoll_create1(EPOLL_CLOEXEC);
    if (set < 0)
        return -errno;
    int rc = bide__sys.epoll_ctl(set, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
    bide__sys.close(set);
    return rc;
}

static int check(int fd)
{
    struct stat st;
    if (bide__sys.fstat(fd, &st) < 0)
        return -errno;
    if (bide__poller_is_plain(st.st_mode))
        return -EPERM;
    return S_ISSOCK(st.st_mode) || S_ISFIFO(st.st_mode) ? 0 : ask_epoll(fd);
}

static int ring_watch(struct poller *p, int fd, uint32_t generation, bool pollable)
{
    struct ring *r = p->state;
    int rc = fd < 0 || fd > MARK_FD_MAX ? -EBADF : grow(r, fd);
    if (rc < 0)
        return rc;
    struct place *place = &r->places[fd];
    if (place->state == PENDING || place->state == ARMED)
        return -EEXIST;
    if (place->state == UNWATCHED && !pollable && (rc = check(fd)) < 0)
        return rc;
    place->generation = generation;
    bide__ring_poll(r, fd);
    return 0;
}

/* False: there was nothing to be cancelled. */
static bool disarm(struct ring *r, int fd, enum place_state after)
{
    struct place *place = place_of(r, fd);
    if (!place)
        return false;
    bool armed = place->state == ARMED;
    place->state = (uint8_t)after;
    return armed && bide__ring_cancel(r, mark_of(MARK_POLL, fd, place->serial));
}

static void ring_unwatch(struct poller *p, int fd, int closing)
{
    struct ring *r = p->state;
    (void)closing;
    bool told = bide__ring_receive_end(r, fd);
    if (disarm(r, fd, UNWATCHED) || told)
        bide__ring_submit(r);
    bide__ring_accept_end(r, fd);
}

void bide__ring_rest(struct ring *r, int fd)
{
    disarm(r, fd, RESTING);
}

static void ring_rest(struct poller *p, int fd)
{
    bide__ring_rest(p->state, fd);
}

/* ---- whole operations ------------------------------------------------------------------------ */

static void prepare(struct io_uring_sqe *sqe, const struct operation *op)
{
    unsigned size = op->size < OPERATION_MOST ? (unsigned)op->size : OPERATION_MOST;
    switch (op->kind) {
    case OPERATION_READ:
        io_uring_prep_read(sqe, op->fd, op->data, size, (uint64_t)op->at);
        break;
    case OPERATION_WRITE:
        io_uring_prep_write(sqe, op->fd, op->data, size, (uint64_t)op->at);
        break;
    case OPERATION_SYNC:
        io_uring_prep_fsync(sqe, op->fd, 0);
        break;
    case OPERATION_DATASYNC:
        io_uring_prep_fsync(sqe, op->fd, IORING_FSYNC_DATASYNC);
        break;
    }
}

static int ring_begin(struct poller *p, struct operation *op)
{
    struct io_uring_sqe *sqe = bide__ring_entry(p->state);
    if (!sqe)
        return -EAGAIN;
    prepare(sqe, op);
    io_uring_sqe_set_data64(sqe, (uintptr_t)op);
    return 0;
}

static void ring_cancel(struct poller *p, struct operation *op)
{
    bide__ring_cancel(p->state, (uintptr_t)op);
}

static void end_operation(const struct io_uring_cqe *cqe)
{
    struct operation *op = (struct operation *)(uintptr_t)cqe->user_data;
    op->result = cqe->res;
    bide__operation_end(op);
}

/* ---- waiting --------------------------------------------------------------------------------- */

static unsigned meaning(int events)
{
    return events < 0 ? READY_READ | READY_WRITE | READY_HANGUP
        : bide__poller_meaning((unsigned)events);
}

/* A request that has ended, as all do when the system runs short of room for reports, is made
 * anew, unless its descriptor was closed without a word.  False: it is of no interest any more. */
static bool take(struct ring *r, const struct io_uring_cqe *cqe, struct poller_event *event)
{
    int fd = mark_fd(cqe->user_data);
    struct place *place = place_of(r, fd);
    if (!place || place->state != ARMED || mark_of(MARK_POLL, fd, place->serial) != cqe->user_data)
        return false;
    if (!(cqe->flags & IORING_CQE_F_MORE)) {
        place->state = RESTING;
        if (cqe->res != -EBADF)
            bide__ring_poll(r, fd);
    }
    *event = (struct poller_event){ .fd = fd, .generation = place->generation,
                                    .ready = meaning(cqe->res) };
    return true;
}

/* False: nobody is to be told. */
static bool take_in(struct ring *r, const struct io_uring_cqe *cqe, struct poller_event *event)
{
    switch ((enum mark_kind)(cqe->user_data & MARK_KIND)) {
    case MARK_POLL:
        return take(r, cqe, event);
    case MARK_ACCEPT:
        return bide__ring_accepted(r, cqe, event);
    case MARK_RECEIVE:
        return bide__ring_received(r, cqe, event);
    case MARK_OPERATION:
        if (cqe->user_data)
            end_operation(cqe);
    }
    return false;
}

void bide__ring_note(struct ring *r, uint64_t mark)
{
    struct poller_event unsaid;
    struct io_uring_cqe *cqe;
    unsigned head;
    io_uring_for_each_cqe(&r->io, head, cqe) {
        if (cqe->user_data != mark)
            continue;
        take_in(r, cqe, &unsaid);
        cqe->user_data = 0;
    }
}

/* How many events; *looked: how many reports they were made of. */
static int take_all(struct ring *r, struct poller_event *events, int max, unsigned *looked)
{
    struct io_uring_cqe *cqe;
    unsigned head;
    int count = 0;
    *looked = 0;
    io_uring_for_each_cqe(&r->io, head, cqe) {
        if (count == max)
            break;
        count += take_in(r, cqe, &events[count]);
        ++*looked;
    }
    io_uring_cq_advance(&r->io, *looked);
    return count;
}

bool bide__ring_has_business(const struct ring *r)
{
    return io_uring_sq_ready(&r->io) ||
           IO_URING_READ_ONCE(*r->io.sq.kflags) & (IORING_SQ_CQ_OVERFLOW | IORING_SQ_TASKRUN);
}

static int enter(struct ring *r, int64_t timeout_ns)
{
    struct timespec limit = timespec_of(timeout_ns);
    int rc = 0;
    if (timeout_ns != 0 && !io_uring_cq_ready(&r->io))
        rc = bide__sys.ring_wait(&r->io, timeout_ns < 0 ? NULL : &limit);
    else if (bide__ring_has_business(r))
        rc = bide__sys.ring_submit(&r->io);
    return rc < 0 && errno != ETIME ? -errno : 0;
}

/* What is awake for nothing says that it was interrupted: a clock that jumps must not take it for
 * the end of its patience. */
static int wait_for_events(struct poller *p, int64_t timeout_ns, struct poller_event *events,
                           int max)
{
    struct ring *r = p->state;
    unsigned looked;
    arm_pending(r);
    int rc = enter(r, timeout_ns);
    int count = take_all(r, events, max, &looked);
    if (count)
        return count;
    return looked ? -EINTR : rc;
}

const struct poller_ops bide__poller_ring = {
    .name = "io_uring",
    .open = ring_open,
    .close = ring_close,
    .watch = ring_watch,
    .unwatch = ring_unwatch,
    .rest = ring_rest,
    .wait = wait_for_events,
    .submit = ring_submit,
    .begin = ring_begin,
    .cancel = ring_cancel,
    .accept = bide__ring_accept,
    .accept_stop = bide__ring_accept_stop,
    .receive = bide__ring_receive,
    .take = bide__ring_take,
    .holds = bide__ring_holds,
    .receive_stop = bide__ring_receive_stop,
};
