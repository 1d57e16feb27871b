/* Connections: accepted, parked, taken by a task, ended. */
#include "web/connection.h"

#include "base/memory.h"
#include "base/sys.h"
#include "core/park.h"
#include "io/socket_stream.h"
#include "tls/tls.h"
#include "web/http1.h"
#include "web/run.h"
#include "web/ws_calls.h"

#include <bide/log.h>
#include <bide/task.h>

#include <math.h>
#include <string.h>
#include <sys/socket.h>

enum { STARVED_NS = 100000000, ENDED_AT_ONCE = 64 };

/* ---- rings ---- */

static void ring_add(struct parked *ring, struct connection *c)
{
    struct connection *head = ring->head;
    if (!head) {
        ring->head = c->next = c->prev = c;
        return;
    }
    c->next = head;
    c->prev = head->prev;
    head->prev->next = c;
    head->prev = c;
}

static void ring_remove(struct parked *ring, struct connection *c)
{
    if (c->next == c) {
        ring->head = NULL;
        return;
    }
    c->next->prev = c->prev;
    c->prev->next = c->next;
    if (ring->head == c)
        ring->head = c->next;
}

static struct parked *ring_of(const struct connection *c)
{
    if (c->starved)
        return &c->worker->starved;
    return c->ws ? &c->worker->sockets : &c->worker->parked;
}

/* ---- the end ---- */

static void end(struct connection *c)
{
    struct bide_worker *worker = c->worker;
    if (c->stream)
        bide_stream_close(c->stream);
    else
        bide__fd_close(c->fd);
    if (c->admitted)
        bide__admission_leave(&worker->run->admission, &c->client);
    bide__free(c);
    bide__room_leave(worker);
}

/* ---- idle for too long ---- */

static uint32_t now_ms(void)
{
    return (uint32_t)(bide__loop()->looked_ns / 1000000);
}

static void set_alarm(struct bide_worker *worker, const struct connection *oldest)
{
    double idle = worker->serving->idle;
    if (isinf(idle))
        return;
    int64_t age_ns = (int64_t)(now_ms() - oldest->parked_ms) * 1000000;
    bide__alarm_set(&worker->alarm, bide__deadline_ns(bide__loop(), idle) - age_ns);
}

static void feed_starved(struct bide_worker *worker);

/* False: the oldest has time left, or none is parked. */
static bool end_oldest(struct bide_worker *worker)
{
    double idle_ms = worker->serving->idle * 1000;
    struct connection *oldest = worker->parked.head;
    if (!oldest || now_ms() - oldest->parked_ms < idle_ms)
        return false;
    ring_remove(&worker->parked, oldest);
    bide__fd_unpark(oldest->fd);
    end(oldest);
    return true;
}

/* Where more have to go, the next look ends them: each is some system calls. */
void bide__connections_ring(struct alarm *alarm)
{
    struct bide_worker *worker = (void *)((char *)alarm - offsetof(struct bide_worker, alarm));
    int left = ENDED_AT_ONCE;
    while (left > 0 && end_oldest(worker))
        left--;
    if (left == 0)
        bide__alarm_set(alarm, bide__loop()->looked_ns + 1);
    else if (worker->parked.head)
        set_alarm(worker, worker->parked.head);
    feed_starved(worker);
}

/* ---- parked ---- */

static bool park(struct connection *c)
{
    struct bide_worker *worker = c->worker;
    if (worker->stopping || !bide__fd_park(c->fd, &c->idler))
        return false;
    c->parked_ms = now_ms();
    c->is_parked = true;
    ring_add(ring_of(c), c);
    if (!c->ws && !bide__alarm_is_set(&worker->alarm))
        set_alarm(worker, c);
    return true;
}

/* ---- a task ---- */

static void enter_waiting(struct bide_worker *worker, struct waiting *w)
{
    w->prev = NULL;
    w->next = worker->waiting;
    if (worker->waiting)
        worker->waiting->prev = w;
    worker->waiting = w;
}

static void leave_waiting(struct bide_worker *worker, struct waiting *w)
{
    *(w->prev ? &w->prev->next : &worker->waiting) = w->next;
    if (w->next)
        w->next->prev = w->prev;
}

/* Waits for the next request's first byte: > 0, or there will be none. */
BIDE_WAITS static ssize_t wait_for_more(struct connection *c)
{
    const char *data;
    if (c->worker->stopping)
        return 0;
    bide_stream_rest(c->stream);
    BIDE_TIMEOUT(idle, c->worker->serving->idle);
    struct waiting waiting = { .scope = idle };
    enter_waiting(c->worker, &waiting);
    ssize_t size = bide_stream_peek(c->stream, &data);
    leave_waiting(c->worker, &waiting);
    return size;
}

/* Messages of a WebSocket: its functions are called, also when it is to be ended. */
BIDE_WAITS static bool serve_messages(struct connection *c, bide_stream *s)
{
    struct bide_ws *ws = c->ws;
    ws->stream = s;
    if (c->worker->stopping) {
        c->ws = NULL;
        bide__ws_stopping(ws);
        bide_ignore(bide__ws_end(ws, 0));
        return false;
    }
    if (bide__ws_awake(ws)) {
        ws->stream = NULL;
        return true;
    }
    c->ws = NULL;
    return false;
}

/* What is in the stream's buffer, or was to be looked after. */
BIDE_WAITS static bool serve(struct connection *c, bide_stream *s)
{
    if (!c->ws && !bide__http1_serve(c, s))
        return false;
    return !c->ws || serve_messages(c, s);
}

/* Serves what has come; true: there may be more later. */
BIDE_WAITS static bool serve_stream(struct connection *c)
{
    do {
        if (!c->ws && bide_stream_buffered(c->stream) == 0 && wait_for_more(c) <= 0)
            return false;
        if (!serve(c, c->stream))
            return false;
    } while (bide_stream_buffered(c->stream) > 0 || bide__tls_holds(c->stream));
    return true;
}

/* The same without a stream of its own.  That nothing is there yet is fine. */
BIDE_WAITS static bool serve_socket(struct connection *c)
{
    struct socket_stream space;
    bide__socket_stream_place(&space, c->fd);
    ssize_t size = c->ws ? 1 : bide__stream_fill_now(&space.stream);
    bool going = size == BIDE_EAGAIN || (size > 0 && serve(c, &space.stream));
    bide__socket_stream_leave(&space);
    return going;
}

/* Who has not even asked for something yet is idle: a stop ends that. */
BIDE_WAITS static bide_stream *secure_unless_stopping(struct connection *c, bide_stream *inner,
                                                      bide_tls *tls)
{
    BIDE_SCOPE(until_stop);
    struct waiting waiting = { .scope = until_stop };
    enter_waiting(c->worker, &waiting);
    bide_stream *secure = bide_start_tls(inner, .tls = tls, .timeout = c->worker->serving->slow);
    leave_waiting(c->worker, &waiting);
    return secure;
}

BIDE_WAITS static bool shake_hands(struct connection *c, bide_tls *tls)
{
    bide_auto(stream) inner = c->worker->stopping ? NULL : bide__socket_stream();
    if (!inner)
        return false;
    bide__socket_stream_set(inner, c->fd, NULL);
    bide_stream *secure = secure_unless_stopping(c, inner, tls);
    if (!secure) {
        bide_log(BIDE_LOG_DEBUG, "%s", bide_errmsg());
        c->stream = bide_steal(inner);
        return false;
    }
    bide_ignore(bide_steal(inner));
    c->stream = secure;
    return true;
}

/* waits: in the protocol */
static bool take_on(struct connection *c)
{
    bide_tls *tls = c->stream ? NULL : c->worker->run->sites[c->site].tls;
    if (tls && !shake_hands(c, tls))
        return false;
    if (tls && !bide__tls_holds(c->stream) && park(c))
        return true;
    bool going;
    do
        going = c->stream ? serve_stream(c) : serve_socket(c);
    while (going && !park(c) && (c->ws || !c->worker->stopping));
    return going && c->is_parked;
}

/* waits: in the protocol */
bool bide__connection_serve(struct connection *c)
{
    bool goes_on = take_on(c);
    if (!goes_on)
        end(c);
    return goes_on;
}

/* A WebSocket is ended by a task: it waits for better times. */
void bide__connection_go_without(struct connection *c)
{
    if (!c->ws) {
        end(c);
        return;
    }
    c->starved = c->is_parked = true;
    ring_add(&c->worker->starved, c);
    if (!bide__alarm_is_set(&c->worker->alarm))
        bide__alarm_set(&c->worker->alarm, bide__loop()->looked_ns + STARVED_NS);
}

static void give_task(struct connection *c)
{
    c->is_parked = false;
    bide__relay_enter(c->worker, c);
}

static void wake(struct fd_idler *idler)
{
    struct connection *c = (void *)idler;
    ring_remove(ring_of(c), c);
    c->starved = false;
    give_task(c);
}

/* Until one of them gets none again. */
static void feed_starved(struct bide_worker *worker)
{
    struct connection *c;
    while ((c = worker->starved.head)) {
        wake(&c->idler);
        if (c->starved)
            return;
    }
}

/* ---- coming and going ---- */

static struct client_address client_of(const struct bide_address *from)
{
    struct client_address client = { .family = from->is.any.sa_family };
    if (client.family == AF_INET) {
        client.port = from->is.v4.sin_port;
        memcpy(client.ip, &from->is.v4.sin_addr, 4);
    } else if (client.family == AF_INET6) {
        client.port = from->is.v6.sin6_port;
        client.scope = from->is.v6.sin6_scope_id;
        memcpy(client.ip, &from->is.v6.sin6_addr, 16);
    } else {
        client.family = 0;
    }
    return client;
}

void bide__connection_accept(struct bide_worker *worker, int fd, unsigned site,
                             const struct bide_address *from)
{
    struct connection *c = bide__zalloc(sizeof *c);
    size_t max = worker->serving->per_address;
    if (!c) {
        bide__fd_close(fd);     /* this client was unlucky; the server goes on */
        bide__room_leave(worker);
        return;
    }
    c->idler.wake = wake;
    c->worker = worker;
    c->fd = fd;
    c->site = (uint8_t)site;
    c->client = client_of(from);
    c->admitted = max != BIDE_UNLIMITED;
    if (c->admitted && !bide__admission_enter(&worker->run->admission, &c->client, max)) {
        c->admitted = false;
        end(c);
    } else if (!park(c)) {
        give_task(c);
    }
}

/* A request that has arrived is answered, also where nobody has looked yet.  (Of TLS that cannot be
 * told from outside.) */
static bool has_come(const struct connection *c)
{
    char byte;
    if (c->stream || c->worker->run->sites[c->site].tls)
        return false;
    bide__fd_expose(c->fd);
    return bide__fd_has_received(c->fd) ||
           bide__sys.recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static void dismiss_parked(struct bide_worker *worker, int *left)
{
    struct connection *c;
    for (; *left > 0 && (c = worker->parked.head); --*left) {
        ring_remove(&worker->parked, c);
        bide__fd_unpark(c->fd);
        if (has_come(c))
            give_task(c);
        else
            end(c);
    }
}

/* A WebSocket says good-bye in a task; it is woken as if something had come. */
static void dismiss_sockets(struct bide_worker *worker, int *left)
{
    struct connection *c;
    for (; *left > 0 && (c = worker->sockets.head); --*left) {
        bide__fd_unpark(c->fd);
        wake(&c->idler);
    }
}

/* Who was cancelled before leaves the list as soon as it runs. */
static void dismiss_waiting(struct bide_worker *worker, int *left)
{
    for (struct waiting *w = worker->waiting; *left > 0 && w; w = w->next)
        if (!bide_scope_cancelled(w->scope)) {
            bide_scope_cancel(w->scope);
            --*left;
        }
}

/* A portion; false: nobody is left. */
static bool dismiss_some(struct bide_worker *worker)
{
    int left = ENDED_AT_ONCE;
    dismiss_parked(worker, &left);
    dismiss_sockets(worker, &left);
    bide__http1_stop_some(worker, &left);
    dismiss_waiting(worker, &left);
    return left < ENDED_AT_ONCE;
}

/* The requests that run have their turns in between. */
int bide__connections_dismiss(struct bide_worker *worker)
{
    while (dismiss_some(worker))
        bide_ignore(bide__give_way());
    bide__alarm_clear(&worker->alarm);
    return 0;
}

int bide__connections_end(struct bide_worker *worker)
{
    for (struct connection *c; (c = worker->starved.head);) {
        ring_remove(&worker->starved, c);
        bide_ignore(bide__ws_end(c->ws, 0));
        c->ws = NULL;
        end(c);
    }
    return 0;
}

bide_stream *bide__connection_borrow(struct connection *c, struct socket_stream *space)
{
    if (c->stream)
        return c->stream;
    bide__socket_stream_place(space, c->fd);
    return &space->stream;
}

void bide__connection_return(struct connection *c, struct socket_stream *space)
{
    if (!c->stream)
        bide__socket_stream_leave(space);
}

ssize_t bide__connection_write_now(struct connection *c, const struct iovec *pieces, int count)
{
    struct socket_stream space;
    bide_stream *s = bide__connection_borrow(c, &space);
    ssize_t n = s->ops->write_now ? s->ops->write_now(s, pieces, count) : 0;
    bide__connection_return(c, &space);
    return n;
}

void bide__connection_wake(struct connection *c)
{
    if (!c->is_parked)
        return;
    bide__fd_unpark(c->fd);
    wake(&c->idler);
}
