/* cli/filename.c -- turns a URL into a file name that is harmless everywhere.
 *
 * What a server or an input file says must never choose where a file goes: only a short
 * list of characters passes, runs of others become one '_', and the number in front keeps
 * names apart that became equal by this. */
#include "cli/filename.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_harmless(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '.' || c == '-';
}

/* The part of the URL worth showing: after "scheme://" and "user:password@", before
 * '#'. */
static const char *readable_part(const char *url, size_t *size)
{
    const char *end = url + *size;
    const char *fragment = memchr(url, '#', *size);
    if (fragment)
        end = fragment;
    const char *start = memmem(url, (size_t)(end - url), "://", 3);
    start = start ? start + 3 : url;
    const char *host_end = start;
    while (host_end < end && !strchr("/?", *host_end))
        host_end++;
    const char *at = memrchr(start, '@', (size_t)(host_end - start));
    if (at)
        start = at + 1;
    *size = (size_t)(end - start);
    return start;
}

void filename_make(char name[FILENAME_SIZE], uint64_t number, const char *url, size_t size)
{
    int head = snprintf(name, FILENAME_SIZE, "%06llu-", (unsigned long long)number);
    size_t length = (size_t)head;
    const char *part = readable_part(url, &size);
    for (size_t i = 0; i < size && length < FILENAME_SIZE - 1; i++) {
        char c = is_harmless(part[i]) ? part[i] : '_';
        if (c != '_' || name[length - 1] != '_')
            name[length++] = c;
    }
    while (length > (size_t)head && strchr("._", name[length - 1]))
        length--;
    name[length] = '\0';
}
