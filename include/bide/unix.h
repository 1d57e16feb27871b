/* bide/unix.h -- Unix sockets: streams between processes of one machine, which can hand
 * descriptors over and say who is at the other end.
 *
 * A path that begins with '@' is a name in the abstract namespace, which leaves no file; else it
 * is a file of at most 107 bytes.  A connected socket is a bide_stream (bide/stream.h), a
 * listening one a bide_listener (bide/net.h). */
#ifndef BIDE_UNIX_H
#define BIDE_UNIX_H
#include <bide/net.h>
#include <sys/types.h>
BIDE_BEGIN_

/* How many descriptors go in one message. */
#define BIDE_FDS_MAX 64

/* Connects to path.  While the listener's backlog is full it tries again, a little later each
 * time.  NULL: -ENOENT, -ECONNREFUSED (nobody listens), BIDE_EINVAL (the path is too long), ...
 * Counterpart: asyncio.open_unix_connection(). */
BIDE_WAITS bide_stream *bide_unix_connect(const char *path);

/* Options of bide_unix_listen(). */
struct bide_unix_listen_opts {
    size_t abi_;
    const char *path;
    int backlog;                /* default 4096, capped by the system */
    mode_t permissions;         /* of the file, as chmod(2) has them; the umask is taken off;
                                   default 0777 */
};
/* Listens at path: bide_unix_listen("/run/x.sock", .permissions = 0600).  A file that a dead
 * listener has left there is replaced, one that is listened to is not (-EADDRINUSE), nor what
 * is no socket.  bide_accept() and bide_serve() take the listener; closing it removes the file,
 * if it is still this one.  NULL: -EADDRINUSE, -EACCES, BIDE_EINVAL, ...  Counterpart:
 * asyncio.start_unix_server(). */
#define bide_unix_listen(...) \
    bide_unix_listen_opts(BIDE_OPTS_(bide_unix_listen_opts, .path = __VA_ARGS__))
bide_listener *bide_unix_listen_opts(const struct bide_unix_listen_opts *opts);

/* Two ends of a socket, streams that can hand descriptors over: 0, or -EMFILE, BIDE_ENOMEM, ... */
int bide_unix_pair(bide_stream *ends[2]);

/* Sends bytes (1 at least) and with the first of them count descriptors (0 to 64), which the
 * receiver gets copies of; yours stay open.  Waits until all is sent: 0.  BIDE_EINVAL: too many,
 * no bytes, no Unix socket; -EBADF. */
BIDE_WAITS int bide_unix_send(bide_stream *s, const void *data, size_t size, const int *fds,
                              size_t count);
/* Receives up to size bytes, as soon as there are any, and the descriptors that came with them:
 * fds has room for *count of them, *count becomes how many came, each is yours to close.  The
 * number of bytes; 0: the end.  BIDE_ELIMIT: more descriptors than there is room for; all of
 * them are closed, the bytes are in buf.  BIDE_EINVAL: no Unix socket.  What bide_read() and
 * its kin read ahead loses its descriptors, so on a stream that gets descriptors use this call
 * alone: BIDE_EBUSY while something is buffered. */
BIDE_WAITS ssize_t bide_unix_receive(bide_stream *s, void *buf, size_t size, int *fds,
                                     size_t *count);

/* A process at the other end, as it was when it connected. */
struct bide_peer { pid_t pid; uid_t uid; gid_t gid; };
/* Who is at the other end: 0; BIDE_EINVAL: no Unix socket. */
int bide_unix_peer(bide_stream *s, struct bide_peer *peer);

BIDE_END_
#endif
