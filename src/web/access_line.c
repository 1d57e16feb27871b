/* Common and combined as Apache and nginx write them, with what could end a line or a quotation
 * as \xHH; JSON with a fixed order of members. */
#include "web/access_line.h"

#include "web/json_text.h"

#include <stdio.h>
#include <time.h>

static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static void broken_down(const struct access *a, struct tm *tm)
{
    time_t second = (time_t)a->second;
    if (!gmtime_r(&second, tm))
        *tm = (struct tm){ .tm_mday = 1, .tm_year = 70 };
}

/* ---- common and combined ---- */

static void write_escaped(struct writer *w, struct text text)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *end = text.at + text.size;
    for (const char *at = text.at; at < end; at++) {
        uint8_t c = (uint8_t)*at;
        bool plain = c >= ' ' && c < 0x7f && c != '"' && c != '\\';
        char code[4] = { '\\', 'x', digits[c >> 4], digits[c & 15] };
        writer_put(w, plain ? at : code, plain ? 1 : sizeof code);
    }
}

void bide__access_text(struct writer *w, struct text text)
{
    if (text.at && text.size > 0)
        write_escaped(w, text);
    else
        writer_literal(w, "-");
}

static void write_quoted(struct writer *w, struct text text)
{
    writer_literal(w, "\"");
    bide__access_text(w, text);
    writer_literal(w, "\"");
}

void bide__access_request(struct writer *w, const struct access *a)
{
    bide__access_text(w, a->method);
    if (!a->method.at)
        return;
    writer_literal(w, " ");
    write_escaped(w, a->target);
    writer_literal(w, " ");
    write_escaped(w, a->version);
}

void bide__access_time(struct writer *w, const struct access *a)
{
    struct tm tm;
    char text[64];
    broken_down(a, &tm);
    snprintf(text, sizeof text, "%02d/%s/%d:%02d:%02d:%02d +0000", tm.tm_mday, months[tm.tm_mon],
             1900 + tm.tm_year, tm.tm_hour, tm.tm_min, tm.tm_sec);
    writer_put(w, text, strlen(text));
}

static void write_common(struct writer *w, const struct access *a)
{
    char text[64];
    bide__access_text(w, a->remote);
    writer_literal(w, " - - [");
    bide__access_time(w, a);
    writer_literal(w, "] \"");
    bide__access_request(w, a);
    snprintf(text, sizeof text, a->bytes > 0 ? "\" %d %llu" : "\" %d -", a->status,
             (unsigned long long)a->bytes);
    writer_put(w, text, strlen(text));
}

static void write_combined(struct writer *w, const struct access *a)
{
    write_common(w, a);
    writer_literal(w, " ");
    write_quoted(w, a->referer);
    writer_literal(w, " ");
    write_quoted(w, a->agent);
}

/* ---- JSON ---- */

/* What is not known is left out. */
static void write_member(struct writer *w, const char *name, struct text text)
{
    if (!text.at)
        return;
    writer_literal(w, ",\"");
    writer_put(w, name, strlen(name));
    writer_literal(w, "\":");
    bide__json_text_write(w, text);
}

static void write_json(struct writer *w, const struct access *a)
{
    struct tm tm;
    char text[128];
    broken_down(a, &tm);
    snprintf(text, sizeof text, "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03uZ\"",
             1900 + tm.tm_year, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
             a->millisecond);
    writer_put(w, text, strlen(text));
    write_member(w, "remote", a->remote);
    write_member(w, "method", a->method);
    write_member(w, "target", a->target);
    write_member(w, "version", a->version);
    write_member(w, "scheme", a->scheme);
    write_member(w, "host", a->host);
    write_member(w, "route", a->route);
    snprintf(text, sizeof text, ",\"status\":%d,\"bytes\":%llu,\"seconds\":%.6f", a->status,
             (unsigned long long)a->bytes, a->seconds);
    writer_put(w, text, strlen(text));
    write_member(w, "id", a->id);
    write_member(w, "referer", a->referer);
    write_member(w, "agent", a->agent);
    writer_literal(w, "}");
}

void bide__access_write(struct writer *w, int form, const struct access *access)
{
    if (form == BIDE_LOG_JSON)
        write_json(w, access);
    else if (form == BIDE_LOG_COMBINED)
        write_combined(w, access);
    else
        write_common(w, access);
}
