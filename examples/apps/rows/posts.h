/* posts.h -- where rows come from: a table of a million posts, asked a page at a time.
 *
 * It is computed, not stored, so that all the memory of the program is what serving takes; a
 * database's cursor would have the same shape: opened with a filter, fetched from, and every
 * fetch may wait. */
#ifndef POSTS_H
#define POSTS_H
#include <bide.h>

enum { POSTS_COUNT = 1000000, POSTS_PAGE = 100 };

struct post {
    int id;
    const char *author;
    char title[80];
    int likes;
    bool published;
};

/* Post.objects.filter(published=True), up to so many. */
struct posts {
    bool published_only;
    int count_max, count;
    int next_id;
};

/* The next rows, at most POSTS_PAGE: how many; 0: there are no more.  < 0: cancelled. */
BIDE_WAITS int posts_fetch(struct posts *posts, struct post page[POSTS_PAGE]);
/* How many rows have been fetched by all, since the program began. */
int64_t posts_fetched(void);

#endif
