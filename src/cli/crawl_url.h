/* cli/crawl_url.h -- what a link leads to, in the one spelling by which a crawl knows it.
 *
 * Lower-case scheme and host, no default port, no "." and "..", no fragment, percent-codes
 * in capitals and only where they are needed.  Blanks and other characters that people
 * write into links are encoded, as browsers do. */
#ifndef CLI_CRAWL_URL_H
#define CLI_CRAWL_URL_H
#include <bide/base.h>

/* Bytes of the longest URL that is followed. */
#define CRAWL_URL_MAX 2048
/* "example.org:65535" */
#define CRAWL_HOST_SIZE 272

/* A URL taken apart. */
struct crawl_url {
    char text[CRAWL_URL_MAX + 1];
    size_t size;
    size_t path_at, path_size;  /* in text; what follows is "?query" or nothing */
    char host[CRAWL_HOST_SIZE]; /* as a Host header names it */
    char origin[CRAWL_HOST_SIZE];       /* "http://example.org:80" */
};

/* Reads an absolute http or https URL: 0, or BIDE_EURL with a sentence. */
int crawl_url_read(struct crawl_url *url, const char *text);
/* Finds out where a reference on a page leads: 0, or BIDE_EURL. */
int crawl_url_join(struct crawl_url *url, const struct crawl_url *base, const char *reference,
                   size_t size);

#endif
