/* cli/crawl_state.h -- the file from which a crawl that ended early goes on.
 *
 * A journal that is only ever appended to, one line of text for each thing:
 *
 *     bide-crawl 1 SCOPE           the first line: which URLs belong to the crawl
 *     u DEPTH URL                  a URL was found; its number is that of its line, from 0
 *     d NUMBER BYTES PRINTED       it is done: so many bytes came, and with its line so many
 *                                  have been printed in all
 *     x NUMBER                     it is done without a line: robots.txt forbids it
 *
 * What a page leads to stands before the line that says that it is done, so whatever of
 * the file is left after a crash is a state that the crawl was in.  A last line without
 * its end was being written and is cut off. */
#ifndef CLI_CRAWL_STATE_H
#define CLI_CRAWL_STATE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A journal; fd -1: none is kept, and everything succeeds. */
struct crawl_state {
    int fd;
    const char *name;
    char *data;                 /* what is yet to be written */
    size_t size, room;
    int error;                  /* the first failure; nothing is written after it */
};
/* Who is told what an old journal holds; a failure ends the reading. */
struct crawl_state_reader {
    int (*found)(void *arg, const char *url, size_t size, size_t depth);
    int (*done)(void *arg, size_t number, uint64_t bytes, uint64_t printed);
    int (*skipped)(void *arg, size_t number);
    void *arg;
};

/* Opens or makes the file, reads what is in it, and locks it against other processes.
 * file NULL: none.  1: there was one; 0: it is new; < 0: BIDE_EBUSY (in use), BIDE_EINVAL
 * (no such file, or of another scope), -errno. */
int crawl_state_open(struct crawl_state *s, const char *file, const char *scope,
                     const struct crawl_state_reader *reader);
/* These append to what is to be written; failing is kept for crawl_state_write(). */
void crawl_state_found(struct crawl_state *s, const char *url, size_t depth);
void crawl_state_done(struct crawl_state *s, size_t number, uint64_t bytes, uint64_t printed);
void crawl_state_skipped(struct crawl_state *s, size_t number);
/* How much there is to write. */
size_t crawl_state_mark(const struct crawl_state *s);
/* Writes all up to a mark: 0 or the failure. */
int crawl_state_write(struct crawl_state *s, size_t mark);
/* Closes it; what was not written is lost. */
void crawl_state_close(struct crawl_state *s);

#endif
