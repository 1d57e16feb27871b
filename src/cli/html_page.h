/* cli/html_page.h -- how html.c fills in a page.  Each returns 0 or BIDE_ENOMEM. */
#ifndef CLI_HTML_PAGE_H
#define CLI_HTML_PAGE_H
#include "cli/html.h"

bool html_is_space(char c);
/* Appends to the page's text. */
int html_add_text(struct html_page *page, const char *text, size_t size);
/* The same for a whole text, without the blanks around it, whose place goes to *kept. */
int html_add_trimmed(struct html_page *page, struct html_text *kept, const char *text);
int html_add_link(struct html_page *page, const char *reference, bool nofollow);
/* Is the word, in any case, among those of the text? */
bool html_has_word(const char *text, const char *word, const char *between);

#endif
