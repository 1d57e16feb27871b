/* cli/html.h -- the title and the links of an HTML page, as a browser would see them.
 *
 * Reading is done by gumbo, and safe for whatever a stranger sends: it takes no more than
 * so much memory and time, no page is nested too deeply for the stack, and running out of
 * memory is an error.  It is a pure function, so that a thread may do it. */
#ifndef CLI_HTML_H
#define CLI_HTML_H
#include <stdbool.h>
#include <stddef.h>

/* Bytes of a title; the rest is cut off. */
#define HTML_TITLE_MAX 4096

/* What a page may cost to read. */
struct html_limits { size_t memory_max; double seconds_max; };
/* Some bytes of a page's text. */
struct html_text { size_t at, size; bool there; };
/* A link: the reference as written, blanks around it dropped. */
struct html_link {
    struct html_text reference;
    bool nofollow;              /* it asks not to be followed */
};
/* What a page says. */
struct html_page {
    char *text;                 /* what the others lie in; no NULs */
    size_t text_size, text_room;
    struct html_text title;     /* white space as one blank */
    struct html_text base;      /* what its links are relative to, if not its own URL */
    struct html_link *links;    /* in the order of the page */
    size_t link_count, link_room;
    bool noindex, nofollow;     /* said to all crawlers, or to the one that asks */
};

/* Was bide built with an HTML parser? */
bool html_is_built(void);
/* Reads a page of UTF-8 for the crawler of that name.  0; BIDE_ELIMIT: it takes too much
 * memory or time; BIDE_ENOMEM; BIDE_ECANCELED (on a thread that was told to end). */
int html_read(struct html_page *page, const char *text, size_t size, const char *agent,
              const struct html_limits *limits);
/* Reads directives such as "noindex, nofollow" or "none", of a page or of the header
 * X-Robots-Tag, and sets what they ask for.  With a name and a colon before them they are
 * for that crawler only. */
void html_directives(struct html_page *page, const char *text, const char *agent);
/* Frees what it holds. */
void html_free(struct html_page *page);

#endif
