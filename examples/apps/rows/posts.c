/* A table that is computed as it is read. */
#include "posts.h"
#include <stdio.h>

static int64_t fetched;

static void fill_in(struct post *post, int id)
{
    static const char *const authors[] = { "Ann", "Bob", "Čeněk", "Dörte", "\"Eve\"" };
    static const char *const things[] = { "stacks", "loops", "queues", "sockets", "threads" };
    *post = (struct post){
        .id = id, .author = authors[id % 5], .likes = (int)((unsigned)id * 2654435761u % 1000),
        .published = id % 4 != 0,
    };
    snprintf(post->title, sizeof post->title, "On %s and %s", things[id % 5],
             things[id / 5 % 5]);
}

int posts_fetch(struct posts *posts, struct post page[POSTS_PAGE])
{
    int count = 0;
    int rc = bide_yield();              /* a database would be waited for here */
    if (rc < 0)
        return rc;
    while (count < POSTS_PAGE && posts->next_id < POSTS_COUNT
           && posts->count < posts->count_max) {
        fill_in(&page[count], ++posts->next_id);
        if (posts->published_only && !page[count].published)
            continue;
        count++;
        posts->count++;
    }
    fetched += count;
    return count;
}

int64_t posts_fetched(void)
{
    return fetched;
}
