/* Stream sockets in a ring: the system goes on receiving, into buffers that it takes from the
 * ring's.
 *
 * It begins when somebody waits to read.  What has come waits here in its order, and the end or the
 * error behind it, until it is read.  There are bounds: when HELD_MOST buffers of one descriptor
 * have not been read, receiving ends, what comes then waits in the socket, and the reader, when he
 * has read what is here, reads from there himself until nothing is left; then it begins anew.
 * Where the system finds no buffer, the descriptor is polled again like any other.
 *
 * The bound is not exact: what comes until the system hears of the end is received still.  But
 * nothing grows by that, for it goes into the ring's buffers, of which there are no more: one
 * megabyte for all descriptors together.  Who takes more than his share of them makes others
 * slower, by a poll, and loses nobody anything.
 *
 * So a descriptor is polled for reading (POLLED), or it is known that the reader must try
 * (DIRECT), or the system receives (RECEIVING) and has been told to end (ENDING, STOPPING).  For
 * writing it is polled always. */
#include "base/sys.h"
#include "core/ring.h"
#include <errno.h>

enum { HELD_MOST = 16 };

static bool is_told(const struct place *place)
{
    return place->receiving >= RECEIVING;
}

/* The poll request is made anew where it is about something else now. */
static void change(struct ring *r, int fd, enum receiving receiving)
{
    struct place *place = &r->places[fd];
    bool same = (place->receiving == POLLED) == (receiving == POLLED);
    place->receiving = (uint8_t)receiving;
    if (same || place->state != ARMED)
        return;
    bide__ring_rest(r, fd);
    bide__ring_poll(r, fd);
}

static bool has_buffers(struct ring *r)
{
    if (!r->buffers && !(r->buffers = bide__ring_buffers_open(&r->io)))
        r->receives = false;
    return r->buffers && !bide__ring_buffers_scarce(r->buffers);
}

void bide__ring_receive(struct poller *p, int fd)
{
    struct ring *r = p->state;
    struct place *place = place_of(r, fd);
    if (!place || place->state == UNWATCHED || is_told(place))
        return;
    struct io_uring_sqe *sqe = r->receives && has_buffers(r) ? bide__ring_entry(r) : NULL;
    if (!sqe) {
        change(r, fd, POLLED);
        return;
    }
    place->receive_serial = ++r->serial;
    io_uring_prep_recv_multishot(sqe, fd, NULL, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = BUFFER_GROUP;
    io_uring_sqe_set_data64(sqe, mark_of(MARK_RECEIVE, fd, place->receive_serial));
    change(r, fd, RECEIVING);
}

/* ---- what the system tells ------------------------------------------------------------------- */

static bool end(struct ring *r, int fd, enum receiving receiving)
{
    struct place *place = &r->places[fd];
    if (!bide__ring_cancel(r, mark_of(MARK_RECEIVE, fd, place->receive_serial)))
        return false;
    place->receiving = (uint8_t)receiving;
    return true;
}

/* The system could not do it, which says nothing about the socket. */
static bool is_unable(int code)
{
    return code == -ENOBUFS || code == -EINVAL || code == -EOPNOTSUPP || code == -ENOMEM;
}

static void note_end(struct ring *r, int fd, int result)
{
    struct place *place = &r->places[fd];
    if (result == -EINVAL || result == -EOPNOTSUPP)
        r->receives = false;
    if (result < 0 && result != -ECANCELED && !is_unable(result))
        place->error = result;
    change(r, fd, place->receiving == STOPPING || is_unable(result) ? POLLED : DIRECT);
}

static void note_bytes(struct ring *r, struct place *place, const struct io_uring_cqe *cqe)
{
    uint16_t id = (uint16_t)(cqe->flags >> IORING_CQE_BUFFER_SHIFT);
    if (!(cqe->flags & IORING_CQE_F_BUFFER))
        return;
    if (place && cqe->res > 0)
        bide__received_put(r->buffers, &place->received, id, (size_t)cqe->res);
    else
        bide__ring_buffers_refuse(r->buffers, id);
}

bool bide__ring_received(struct ring *r, const struct io_uring_cqe *cqe,
                         struct poller_event *event)
{
    int fd = mark_fd(cqe->user_data);
    struct place *place = place_of(r, fd);
    if (!place || mark_of(MARK_RECEIVE, fd, place->receive_serial) != cqe->user_data)
        place = NULL;
    note_bytes(r, place, cqe);
    if (!place)
        return false;
    if (!(cqe->flags & IORING_CQE_F_MORE))
        note_end(r, fd, cqe->res);
    else if (place->receiving == RECEIVING && place->received.count >= HELD_MOST)
        end(r, fd, ENDING);
    if (is_unable(cqe->res))
        return false;           /* polling tells */
    *event = (struct poller_event){ .fd = fd, .generation = place->generation,
                                    .ready = READY_READ };
    return true;
}

/* ---- what the poller is asked for ------------------------------------------------------------ */

static void note_told(struct ring *r, int fd)
{
    bide__ring_note(r, mark_of(MARK_RECEIVE, fd, r->places[fd].receive_serial));
}

/* Also what has come and was not told: who asks without waiting is to have what is there. */
static void catch_up(struct ring *r, int fd)
{
    if (bide__ring_has_business(r))
        bide__ring_submit(r);
    note_told(r, fd);
}

ssize_t bide__ring_take(struct poller *p, int fd, void *buf, size_t size, bool *more)
{
    struct ring *r = p->state;
    struct place *place = &r->places[fd];
    if (is_told(place) && !place->received.count && !place->error)
        catch_up(r, fd);
    ssize_t taken = is_told(place) ? -EAGAIN : -ENODATA;
    if (place->received.count) {
        taken = (ssize_t)bide__received_take(r->buffers, &place->received, buf, size);
    } else if (place->error) {
        taken = place->error;
        place->error = 0;
    }
    *more = place->received.count || place->error || !is_told(place);
    return taken;
}

/* Also what was told and not yet looked at. */
bool bide__ring_holds(struct poller *p, int fd)
{
    struct ring *r = p->state;
    const struct place *place = place_of(r, fd);
    struct io_uring_cqe *cqe;
    unsigned head;
    if (!place)
        return false;
    bool holds = place->received.count || place->error;
    uint64_t mark = mark_of(MARK_RECEIVE, fd, place->receive_serial);
    io_uring_for_each_cqe(&r->io, head, cqe)
        holds = holds || (cqe->user_data == mark && cqe->res > 0);
    return holds;
}

void bide__ring_receive_stop(struct poller *p, int fd)
{
    struct ring *r = p->state;
    struct place *place = place_of(r, fd);
    if (!place)
        return;
    if (!is_told(place)) {
        change(r, fd, POLLED);
        return;
    }
    if (place->receiving == ENDING)
        place->receiving = STOPPING;
    else if (place->receiving == RECEIVING)
        end(r, fd, STOPPING);
    bide__ring_submit(r);
    note_told(r, fd);
}

bool bide__ring_receive_end(struct ring *r, int fd)
{
    struct place *place = place_of(r, fd);
    if (!place)
        return false;
    bool told = is_told(place);
    if (place->receiving == RECEIVING)
        end(r, fd, STOPPING);
    if (place->received.count)
        bide__received_drop(r->buffers, &place->received);
    place->receiving = POLLED;
    place->receive_serial = 0;
    place->error = 0;
    return told;
}
