/* cli/robots.h -- what a site's robots.txt allows (RFC 9309).
 *
 * Of the whole file only the rules of one crawler are kept: those of every group that
 * names it, or else those of the groups for all ("*").  The longest rule that matches a
 * path decides, and of two as long the one that allows.  In a rule '*' stands for
 * anything and '$' at its end for the end of the path.  Percent-codes are compared by
 * meaning: "%7Ejoe", "~joe" are the same, "a%2Fb" and "a/b" are not. */
#ifndef CLI_ROBOTS_H
#define CLI_ROBOTS_H
#include <stdbool.h>
#include <stddef.h>

/* Bytes of a file that are read; what follows is as if it were not there. */
#define ROBOTS_SIZE_MAX ((size_t)500 << 10)
/* Bytes of the longest name of a crawler. */
#define ROBOTS_AGENT_MAX 64

/* One rule: its pattern lies in the text. */
struct robots_rule {
    size_t at, size;
    bool allow, to_end;         /* to_end: a '$' ended it */
    bool for_all;               /* of a group for "*", not of one that names the crawler */
};
/* The rules for one crawler; all zero allows everything. */
struct robots {
    struct robots_rule *rules;
    size_t count, room;
    char *text;
    size_t text_size;
    double delay;               /* seconds of Crawl-delay; 0: none */
};

/* Reads a file for the crawler of that name ("bide"): 0, or BIDE_ENOMEM. */
int robots_read(struct robots *r, const char *text, size_t size, const char *agent);
/* May that path, with its query, be fetched?  It begins with '/'. */
bool robots_allow(const struct robots *r, const char *path, size_t size);
/* The name by which robots.txt knows a crawler with that User-Agent: the letters, '-' and
 * '_' that it begins with. */
void robots_agent(char name[ROBOTS_AGENT_MAX], const char *user_agent);
/* Frees what it holds, and allows everything from now on. */
void robots_free(struct robots *r);

#endif
