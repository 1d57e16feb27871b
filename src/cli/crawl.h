/* cli/crawl.h -- what the parts of `bide crawl` share.
 *
 *     crawl_options.c   what was asked for, checked and prepared, before anything begins
 *     crawl.c           the command: what it opens, the end, the exit status
 *     crawl_run.c       the run: who is fetched next, and that what was done is kept
 *     crawl_page.c      one page: its turn, its request, its line
 *     crawl_parse.c     what its body says, on a thread where that takes long
 *     crawl_line.c      how its line is written
 *     crawl_robots.c    robots.txt of an origin
 *     crawl_shared.c    a crawl that other processes work at, too
 */
#ifndef CLI_CRAWL_H
#define CLI_CRAWL_H
#include "cli/crawl_state.h"
#include "cli/crawl_url.h"
#include "cli/frontier.h"
#include "cli/html.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/site.h"
#include "cli/summary.h"
#include "cli/work_lines.h"
#include <bide.h>

/* What the command line says. */
struct crawl_options {
    const char *output, *state, *user_agent;
    struct text_list allow;
    size_t depth, pages, jobs, per_host, size_max, total_max, queries, retries;
    double delay, delay_max, timeout, connect_timeout;
    struct work_options work;
    bool subdomains, any_host, ignore_robots, fail, quiet, summary;
};
/* A link of a page: what it leads to, in the page's text. */
struct crawl_link { size_t at, size; bool nofollow; };
/* What a page says, ready to be printed and followed. */
struct crawl_found {
    struct html_page html;
    struct crawl_link *links;   /* each URL once, in the order of the page */
    size_t count, room;
    char *text;
    size_t text_size, text_room;
};
/* Whose turn it is. */
struct crawl_turn { struct crawl *crawl; struct frontier_host *host; size_t index; };
/* One page, while it is being worked at. */
struct crawl_page {
    struct crawl *crawl;
    struct frontier_host *host;
    size_t index;
    struct crawl_url url;
    struct result result;
    const char *type;           /* Content-Type, while the response is there; NULL: none */
    char *body;
    size_t body_room;
    struct crawl_found found;
    bool noindex;
    struct work_item *item;     /* with --queue */
    char **fresh;               /* URLs to be told to the list */
    size_t fresh_count, fresh_room;
};
/* What was seen and not followed. */
struct crawl_counts { uint64_t off_site, robots, nofollow, traps; };
/* One run. */
struct crawl {
    const struct crawl_options *options;
    char agent[ROBOTS_AGENT_MAX];       /* by which robots.txt knows us */
    bide_session *session;
    bide_group *pages;
    struct frontier frontier;
    struct site site;
    struct crawl_state state;
    struct output output;
    struct summary summary;
    struct progress progress;
    struct crawl_counts counts;
    bide_event changed;         /* a page is done, or its origin has been seen to */
    bide_semaphore parsing;     /* pages that are read on a thread */
    uint64_t in_flight, begun, bytes, printed;
    uint64_t old;               /* pages done by earlier runs */
    char note[512];             /* what the user should be told at the end; "": nothing */
    double started;
    char **starts;              /* URLs of the command line */
    size_t start_count;
    bool shared;                /* with --queue: URLs come from a list, and go there */
    struct work_queue work;
    struct work_lines lines;
    bide_strmap *in_hand;       /* its items that wait here, by their URLs */
    bide_strset *told;          /* URLs that need not be told to it again */
    bool fed;                   /* it has no more */
    bool stopped;               /* by a signal */
    bool misused;               /* nothing was begun */
    struct bide_error error;    /* why nothing could go on; code 0: it could */
};

/* crawl_options.c: reads the command line, and returns how many URLs it moved to argv[0]
 * and on; < 0: as options_parse(). */
int crawl_options_read(struct crawl_options *options, int argc, char **argv);
/* Writes what decides which URLs belong to the crawl, as one line. */
void crawl_options_scope(const struct crawl_options *options, char *scope, size_t size);

/* crawl_run.c: keeps the error now held, unless there was one before or the run is
 * cancelled. */
void crawl_note_error(struct crawl *c);
/* Crawls to the end: 0, also where pages failed. */
BIDE_WAITS int crawl_run(struct crawl *c);
/* Finds a URL: adds it, if it belongs to the crawl and is new, and has it fetched.  0, or
 * BIDE_ENOMEM and the like. */
int crawl_find(struct crawl *c, const struct crawl_url *url, size_t depth);
/* Does the URL belong to the crawl?  1, also counted; 0: it does not; < 0: BIDE_ENOMEM. */
int crawl_wants(struct crawl *c, const struct crawl_url *url, size_t depth);

/* crawl_page.c: a page, as a task; turn is a copy of its own.  < 0: nothing can go on. */
BIDE_WAITS int crawl_page(void *turn);

/* crawl_parse.c: what the page's body says: 0 or the failure. */
BIDE_WAITS int crawl_parse(struct crawl_page *page);
/* Adds what a reference on the page leads to; what is no URL of http is passed over. */
int crawl_found_add(struct crawl_found *found, const struct crawl_url *base,
                    const char *reference, size_t size, bool nofollow);
void crawl_found_free(struct crawl_found *found);

/* crawl_line.c: bytes that the page's line may take, and the line. */
size_t crawl_line_room(const struct crawl_page *page);
char *crawl_line_write(char *at, const struct crawl_page *page);

/* crawl_robots.c: does the status lead elsewhere, by its Location? */
bool crawl_is_redirect(int status);
/* Sees to robots.txt of the page's origin, if nobody has: 0; < 0: the run
 * is at its end. */
BIDE_WAITS int crawl_robots(struct crawl_page *page);

/* crawl_shared.c: what is needed before the loop runs, and becoming a worker of the list: 0 or the
 * failure. */
int crawl_shared_open(struct crawl *c);
BIDE_WAITS int crawl_shared_join(struct crawl *c);
/* A task: takes items as long as there is room for them. */
BIDE_WAITS int crawl_shared_feed(void *crawl);
/* Finds a URL, and then tells the list of all that the page found: 0 or the failure. */
int crawl_shared_find(struct crawl_page *page, const struct crawl_url *url, size_t depth);
BIDE_WAITS int crawl_shared_send(struct crawl_page *page, size_t depth);
/* Tells the list what became of the page, and prints that if it is for us to tell; or that it has
 * no line: 0 or the failure. */
BIDE_WAITS int crawl_shared_hand_over(struct crawl_page *page);
BIDE_WAITS int crawl_shared_skip(struct crawl_page *page);

#endif
