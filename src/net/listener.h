/* A listening socket, of whatever family. */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H
#include <bide/net.h>
#include <bide/resolve.h>
#include <sys/stat.h>

BIDE_BEGIN_                     /* bide-http accepts too: bide.map, BIDE_PRIVATE */

enum { LISTEN_BACKLOG = 4096, LISTENER_TEXT = 128 };

struct bide_listener {
    int fd;
    bool accepting, closed;     /* a task is inside; freed when it has left */
    bool scarce;                /* being out of something was told */
    bide_stream *spare;         /* the next connection's */
    void (*gone)(bide_listener *l);     /* before it is closed; or NULL */
    dev_t device;               /* a Unix socket's file, which `gone` removes */
    ino_t inode;
    char address[LISTENER_TEXT];
};

/* Accepts one without making a stream of it: its descriptor, non-blocking and watched, and where it
 * comes from; otherwise as bide_accept(). */
BIDE_WAITS int bide__accept_fd(bide_listener *l, struct bide_address *peer);
/* The same with what is there, as bide_accept_nowait(). */
int bide__accept_fd_now(bide_listener *l, struct bide_address *peer);
/* Another listener of the same socket, for another loop; NULL with the error held. */
bide_listener *bide__listener_twin(const bide_listener *l);
/* Has it a port? */
bool bide__listener_is_tcp(const bide_listener *l);
/* Frees a closed one in which nobody is. */
void bide__listener_free(bide_listener *l);
/* One without a descriptor (-1); NULL with the error held. */
bide_listener *bide__listener_new(void);
/* Writes down where its socket listens.  0, or < 0 with the error held. */
int bide__listener_name(bide_listener *l);
/* Is it "fd:" or "systemd:"?  And a listener of a duplicate of that. */
bool bide__is_given(const char *address);
bide_listener *bide__listen_given(const char *address);

BIDE_END_

#endif
