/* cli/import_source.c -- see import_source.h. */
#include "cli/import_source.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- the file's own bytes ---- */

/* Has at least `wanted` bytes at hand, if there are so many. */
BIDE_WAITS static int fill_raw(struct import_source *s, size_t wanted)
{
    while (s->raw_end - s->raw_start < wanted && !s->raw_over) {
        memmove(s->raw, s->raw + s->raw_start, s->raw_end - s->raw_start);
        s->raw_end -= s->raw_start;
        s->raw_start = 0;
        ssize_t got = bide_file_read(s->file, s->raw + s->raw_end, SOURCE_BLOCK - s->raw_end);
        if (got < 0)
            return bide_within("%s", s->name);
        s->raw_over = got == 0;
        s->raw_end += (size_t)got;
        s->taken += (uint64_t)got;
    }
    return 0;
}

static bool begins_with(const struct import_source *s, const char *mark, size_t size)
{
    return s->raw_end - s->raw_start >= size && memcmp(s->raw + s->raw_start, mark, size) == 0;
}

static int open_coding(struct import_source *s)
{
    struct coding_limits limits = { .ratio_max = BIDE_UNLIMITED };
    struct text coding = { "gzip", 4 };
    const char *why;
    if (begins_with(s, "\x28\xb5\x2f\xfd", 4))
        coding = (struct text){ "zstd", 4 };
    else if (!begins_with(s, "\x1f\x8b", 2))
        return 0;
    int rc = bide__coding_open(&s->coding, coding, &limits, &why);
    return rc < 0 ? bide_fail(rc, "%s: %s: %s", s->name, coding.at, why) : 0;
}

/* ---- decoded bytes ---- */

/* What is plain goes from the file to where it is wanted, by the most at once. */
BIDE_WAITS static ssize_t read_straight(struct import_source *s, char *text, size_t size)
{
    ssize_t got = bide_file_read(s->file, text, size);
    if (got < 0)
        return bide_within("%s", s->name);
    s->taken += (uint64_t)got;
    s->raw_over = s->plain_over = got == 0;
    return got;
}

/* Up to size bytes, decoded; 0: the end. */
BIDE_WAITS static ssize_t read_plain(struct import_source *s, char *text, size_t size)
{
    if (!s->coding && s->raw_start == s->raw_end && !s->plain_over)
        return read_straight(s, text, size);
    for (;;) {
        if (fill_raw(s, 1) < 0)
            return bide_errcode();
        const char *in = s->raw + s->raw_start;
        size_t in_size = s->raw_end - s->raw_start, made = size;
        if (s->plain_over)
            return 0;
        int rc = bide__coding_run(s->coding, &in, &in_size, text, &made, s->raw_over);
        s->raw_start = s->raw_end - in_size;
        if (rc < 0)
            return bide_fail(rc, "%s: %s", s->name, bide__coding_why(s->coding));
        s->plain_over = rc == 1 || (!s->coding && s->raw_over && in_size == 0);
        if (made > 0 || s->plain_over)
            return (ssize_t)made;
    }
}

/* ---- other encodings ---- */

BIDE_WAITS static int fill_plain(struct import_source *s)
{
    memmove(s->plain, s->plain + s->plain_start, s->plain_end - s->plain_start);
    s->plain_end -= s->plain_start;
    s->plain_start = 0;
    ssize_t got = read_plain(s, s->plain + s->plain_end, SOURCE_BLOCK - s->plain_end);
    s->plain_end += got > 0 ? (size_t)got : 0;
    return got < 0 ? (int)got : got > 0;
}

/* What is wrong is told with its place, for nobody could say what the rest means. */
BIDE_WAITS static ssize_t read_encoded(struct import_source *s, char *text, size_t size)
{
    for (;;) {
        char *in = s->plain + s->plain_start, *out = text;
        size_t in_size = s->plain_end - s->plain_start, room = size;
        size_t rc = iconv(s->encoding, &in, &in_size, &out, &room);
        int why = rc == (size_t)-1 ? errno : 0;
        s->plain_start = s->plain_end - in_size;
        if (out > text)
            return out - text;
        if (why == EILSEQ)
            return bide_fail(BIDE_EINVAL, "%s: is not in the encoding that --encoding names",
                             s->name);
        int more = fill_plain(s);
        if (more < 0 || (more == 0 && in_size == 0))
            return more;
        if (more == 0)
            return bide_fail(BIDE_EINVAL, "%s: its last character is cut", s->name);
    }
}

static int open_encoding(struct import_source *s, const char *encoding)
{
    if (!encoding || strcasecmp(encoding, "utf-8") == 0 || strcasecmp(encoding, "utf8") == 0)
        return 0;
    s->encoding = iconv_open("UTF-8", encoding);
    if (s->encoding == (iconv_t)-1)
        return bide_fail(BIDE_EINVAL, "--encoding: '%s' is not known here (see iconv -l)",
                         encoding);
    s->plain = malloc(SOURCE_BLOCK);
    return s->plain ? 0 : bide_fail(BIDE_ENOMEM, "%s: out of memory", s->name);
}

/* ---- the whole ---- */

/* Marks at the beginning of the text: UTF-8's is passed over, UTF-16's is told. */
BIDE_WAITS static int pass_mark(struct import_source *s)
{
    if (s->coding || s->encoding != (iconv_t)-1)
        return 0;
    if (begins_with(s, "\xff\xfe", 2) || begins_with(s, "\xfe\xff", 2))
        return bide_fail(BIDE_EINVAL, "%s: is UTF-16: say --encoding UTF-16", s->name);
    if (begins_with(s, "\xef\xbb\xbf", 3))
        s->raw_start += 3;
    return 0;
}

static int open_file(struct import_source *s, const char *path)
{
    bool standard = strcmp(path, "-") == 0;
    s->name = standard ? "standard input" : path;
    s->raw = malloc(SOURCE_BLOCK);
    return s->raw ? 0 : bide_fail(BIDE_ENOMEM, "%s: out of memory", s->name);
}

int import_source_open(struct import_source *s, const char *path, const char *encoding)
{
    *s = (struct import_source){ .encoding = (iconv_t)-1 };
    int rc = open_file(s, path);
    struct stat info;
    if (rc == 0)
        s->file = bide_file_open(strcmp(path, "-") == 0 ? "/dev/stdin" : path, "r");
    if (rc == 0 && !s->file)
        rc = bide_errcode();
    if (rc == 0)
        rc = bide_file_stat(s->file, &info);
    if (rc == 0 && S_ISDIR(info.st_mode))
        rc = bide_fail(-EISDIR, "%s: is a directory", s->name);
    if (rc == 0 && S_ISREG(info.st_mode))
        s->size = (uint64_t)info.st_size;
    if (rc == 0)
        rc = open_encoding(s, encoding);
    if (rc == 0)
        rc = fill_raw(s, 4);
    if (rc == 0)
        rc = open_coding(s);
    if (rc == 0)
        rc = pass_mark(s);
    if (rc < 0) {
        BIDE_KEEP_ERROR(why);
        import_source_close(s);
    }
    return rc;
}

ssize_t import_source_read(struct import_source *s, char *text, size_t size)
{
    return s->encoding == (iconv_t)-1 ? read_plain(s, text, size) : read_encoded(s, text, size);
}

int import_source_skip(struct import_source *s, uint64_t size)
{
    char text[4096];
    while (size > 0) {
        ssize_t got = import_source_read(s, text, size < sizeof text ? size : sizeof text);
        if (got < 0)
            return (int)got;
        if (got == 0)
            return bide_fail(BIDE_EINVAL, "%s: is shorter than it was", s->name);
        size -= (uint64_t)got;
    }
    return 0;
}

void import_source_close(struct import_source *s)
{
    bide_file_close(s->file);
    bide__coding_free(s->coding);
    if (s->encoding != (iconv_t)-1)
        iconv_close(s->encoding);
    free(s->raw);
    free(s->plain);
    *s = (struct import_source){ .encoding = (iconv_t)-1 };
}
