/* Writes docs/server-conformance.md from the tables.
 *
 *     conformance_page PAGE           writes it
 *     conformance_page --check PAGE   says as TAP whether it is as it would be written */
#include "tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(name_, title_) + sizeof name_ / sizeof *name_

static const char intro[] =
    "# What the server answers to which bytes\n\n"
    "%zu cases, each with the rule it follows from. `tests/web/test_conformance.c` sends every\n"
    "one whole, byte by byte, cut in two at every place, and followed by the end of the\n"
    "client's side; the outcome must be the same each time. Every answer is read strictly:\n"
    "lines end in CRLF, there is one `Date`, one length or one coding and never both, and the\n"
    "last answer before an end, and no other, says `Connection: close`.\n\n"
    "What can be read in two ways is refused with 400 and the end of the connection, also where\n"
    "an RFC would let a server choose: whoever stands before it may choose otherwise. So is an\n"
    "absolute target with another host than Host, where RFC 9112, 3.2.2 has Host ignored: no\n"
    "client that means well sends two hosts, and a proxy, cache or filter that went by Host has\n"
    "decided for another site than the one that would answer.\n\n"
    "*Comes back* is the statuses and what becomes of the connection. **open**: it stands at\n"
    "the end of a message, and the next request is answered; **waits**: it wants more of one\n"
    "that has begun; **close**: it ends, as the last answer says; **drop**: it ends without a\n"
    "word. `200-` is an answer without a body, `(100)` one that comes only where the body was\n"
    "not there yet. *Ran* is what reached a handler, with its body behind `=`; `!` is a body\n"
    "that was bad or did not come whole. The server of these tests takes bodies of at most %d\n"
    "bytes and has its defaults else. `/unread` and its like read nothing, `/x/y/z` does not\n"
    "exist, `/only/get` has GET alone.\n\n"
    "The page is written by `conformance_page` from the tables in `tests/web/conformance`.\n";

static void put_byte(FILE *out, unsigned char byte)
{
    if (byte == '\r')
        fputs("\\r", out);
    else if (byte == '\n')
        fputs("\\n", out);
    else if (byte == '\t')
        fputs("\\t", out);
    else if (byte < ' ' || byte >= 0x7f || byte == '`')
        fprintf(out, "\\x%02x", byte);
    else if (byte == '|')
        fputs("\\|", out);
    else
        fputc(byte, out);
}

static void put_bytes(FILE *out, const char *at, size_t size)
{
    if (size == 0)
        return;
    fputc('`', out);
    for (size_t i = 0; i < size; i++)
        put_byte(out, (unsigned char)at[i]);
    fputc('`', out);
}

/* What is sent: all of it, but each repetition once. */
static void put_sent(FILE *out, const struct conformance *c)
{
    put_bytes(out, c->sent, c->size);
    if (c->again) {
        fputs(c->size > 0 ? ", " : "", out);
        put_bytes(out, c->again, strlen(c->again) < 40 ? strlen(c->again) : 40);
        fprintf(out, "%s × %u", strlen(c->again) < 40 ? "" : "…", c->times);
        fputs(*c->rest ? ", " : "", out);
        put_bytes(out, c->rest, strlen(c->rest));
    }
    if (c->end)
        fputs(" and the end", out);
    if (c->silence > 0)
        fprintf(out, " and nothing for %.0f s", c->silence);
}

static void put_case(FILE *out, const struct conformance *c)
{
    fprintf(out, "| %s | %s | ", c->name, c->rule);
    put_sent(out, c);
    fprintf(out, " | %s | ", c->answers);
    if (c->seen)
        put_bytes(out, c->seen, strlen(c->seen));
    else
        fputs("as sent", out);
    fputs(" |\n", out);
}

static void put_table(FILE *out, const char *title, const struct conformance *cases, size_t count)
{
    fprintf(out, "\n## %s\n\n| what holds | RFC | sent | comes back | ran |\n"
                 "| --- | --- | --- | --- | --- |\n", title);
    for (size_t i = 0; i < count; i++)
        put_case(out, &cases[i]);
}

static void put_page(FILE *out)
{
    fprintf(out, intro, (size_t)0 CONFORMANCE_TABLES(COUNT), 100);
#define PUT(name_, title_) put_table(out, title_, name_, sizeof name_ / sizeof *name_);
    CONFORMANCE_TABLES(PUT)
}

/* Is it what the file holds? */
static int is_same(const char *page, size_t size, const char *path)
{
    char *there = malloc(size + 1);
    FILE *file = fopen(path, "rb");
    int same = there && file && fread(there, 1, size + 1, file) == size &&
               memcmp(there, page, size) == 0;
    if (file)
        fclose(file);
    free(there);
    return same;
}

int main(int argc, char **argv)
{
    char *page;
    size_t size;
    if (argc == 2) {
        FILE *file = fopen(argv[1], "wb");
        if (!file)
            return 1;
        put_page(file);
        return fclose(file) != 0;
    }
    FILE *memory = argc == 3 ? open_memstream(&page, &size) : NULL;
    if (!memory)
        return 2;
    put_page(memory);
    fclose(memory);
    printf("1..1\n%s 1 - docs/server-conformance.md is as conformance_page writes it\n",
           is_same(page, size, argv[2]) ? "ok" : "not ok");
    free(page);
    return 0;
}
