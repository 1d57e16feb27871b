/* A directory as a page: one table, no script, and nothing that is loaded from anywhere. */
#include "web/listing.h"

#include "http/percent.h"
#include "web/html.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char head[] =
    "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n";
static const char style[] =
    "<style>\n"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\n"
    "h1{font-size:1.3rem;overflow-wrap:anywhere}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "th,td{text-align:left;padding:.2rem .5rem;border-bottom:1px solid #8884}\n"
    "td:first-child{overflow-wrap:anywhere}\n"
    ".n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}\n"
    "a{text-decoration:none}a:hover{text-decoration:underline}\n"
    "</style>\n";

static void put(struct writer *w, const char *text)
{
    writer_put(w, text, strlen(text));
}

static void put_escaped(struct writer *w, const char *text)
{
    bide__html_write(w, text_from(text));
}

/* "17", "1.2 KiB", "3.4 GiB". */
static void put_size(struct writer *w, uint64_t size)
{
    static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
    char text[32];
    double value = (double)size;
    int unit = -1;
    for (; value >= 1000 && unit < 5; unit++)
        value /= 1024;
    if (unit < 0)
        snprintf(text, sizeof text, "%d", (int)size);
    else
        snprintf(text, sizeof text, "%.1f %s", value, units[unit]);
    put(w, text);
}

/* "2026-11-29 02:15", in UTC, so that it is the same for every reader. */
static void put_time(struct writer *w, int64_t seconds)
{
    char text[64] = "";
    struct tm tm;
    time_t time = (time_t)seconds;
    if (gmtime_r(&time, &tm))
        strftime(text, sizeof text, "%Y-%m-%d %H:%M", &tm);
    put(w, text);
}

/* The name is encoded as a whole, so that "javascript:" or "//host" is but a name. */
static void put_item(struct writer *w, const struct listed *item)
{
    const char *slash = item->directory ? "/" : "";
    put(w, "<tr><td><a href=\"");
    bide__percent_write(w, text_from(item->name));
    put(w, slash);
    put(w, "\">");
    put_escaped(w, item->name);
    put(w, slash);
    put(w, "</a><td class=\"n\">");
    if (!item->directory)
        put_size(w, item->size);
    put(w, "<td class=\"n\">");
    put_time(w, item->modified);
    put(w, "\n");
}

void bide__listing_write_page(struct writer *w, const struct listing *l, const char *title,
                              bool top)
{
    put(w, head);
    put(w, "<title>");
    put_escaped(w, title);
    put(w, "</title>\n");
    put(w, style);
    put(w, "<h1>");
    put_escaped(w, title);
    put(w, "</h1>\n<table>\n<tr><th>Name<th class=\"n\">Size<th class=\"n\">Changed (UTC)\n");
    if (!top)
        put(w, "<tr><td><a href=\"../\">../</a><td><td>\n");
    for (size_t i = 0; i < l->count; i++)
        put_item(w, &l->items[i]);
    put(w, "</table>\n");
    if (l->cut)
        put(w, "<p>There are more.</p>\n");
}
