/* cli/html_page.c -- what html.c collects of a page, and what its directives mean. */
#include "cli/html_page.h"
#include <bide/error.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool html_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

int html_add_text(struct html_page *page, const char *text, size_t size)
{
    if (page->text_room - page->text_size < size) {
        size_t room = page->text_room + page->text_room / 2 + size + 256;
        char *more = realloc(page->text, room);
        if (!more)
            return bide_fail(BIDE_ENOMEM, "out of memory");
        page->text = more;
        page->text_room = room;
    }
    if (size > 0)
        memcpy(page->text + page->text_size, text, size);
    page->text_size += size;
    return 0;
}

int html_add_trimmed(struct html_page *page, struct html_text *kept, const char *text)
{
    size_t size = strlen(text);
    while (size > 0 && html_is_space(text[0])) {
        text++;
        size--;
    }
    while (size > 0 && html_is_space(text[size - 1]))
        size--;
    *kept = (struct html_text){ page->text_size, size, true };
    return html_add_text(page, text, size);
}

int html_add_link(struct html_page *page, const char *reference, bool nofollow)
{
    if (page->link_count == page->link_room) {
        size_t room = page->link_room ? 2 * page->link_room : 32;
        struct html_link *more = realloc(page->links, room * sizeof *more);
        if (!more)
            return bide_fail(BIDE_ENOMEM, "out of memory");
        page->links = more;
        page->link_room = room;
    }
    struct html_link *link = &page->links[page->link_count];
    int rc = html_add_trimmed(page, &link->reference, reference);
    link->nofollow = nofollow;
    page->link_count += rc == 0;
    return rc;
}

bool html_has_word(const char *text, const char *word, const char *between)
{
    size_t length = strlen(word);
    while (*text) {
        size_t size = strcspn(text, between);
        if (size == length && strncasecmp(text, word, size) == 0)
            return true;
        text += size;
        text += strspn(text, between);
    }
    return false;
}

void html_directives(struct html_page *page, const char *text, const char *agent)
{
    static const char blanks[] = " \t\r\n\f";
    text += strspn(text, blanks);
    size_t name = strcspn(text, ":,");
    if (text[name] == ':') {
        if (name != strlen(agent) || strncasecmp(text, agent, name) != 0)
            return;
        text += name + 1;
    }
    bool none = html_has_word(text, "none", ", \t\r\n\f");
    page->noindex = page->noindex || none || html_has_word(text, "noindex", ", \t\r\n\f");
    page->nofollow = page->nofollow || none || html_has_word(text, "nofollow", ", \t\r\n\f");
}

void html_free(struct html_page *page)
{
    free(page->text);
    free(page->links);
    *page = (struct html_page){ .text = NULL };
}
