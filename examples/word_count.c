/* wc: lines, words and bytes of files, all of them at once.  Translates
 *
 *     async with aiofiles.open(path) as f:
 *         async for line in f:
 *             lines += 1; words += len(line.split()); size += len(line)
 *
 *     ./word_count FILE...    without one it counts a file that it writes first, as a test */
#include <bide.h>
#include <ctype.h>
#include <stdio.h>

static long words_in(const char *line, ssize_t size)
{
    long words = 0;
    for (bool inside = false; size--; line++) {
        words += !inside && !isspace((unsigned char)*line);
        inside = !isspace((unsigned char)*line);
    }
    return words;
}

static int count(void *path)
{
    long lines = 0, words = 0, bytes = 0;
    bide_auto(file) f = bide_file_open(path, "r");
    char *line;
    ssize_t n;
    for (; (n = bide_file_line(f, &line)) > 0; lines++, bytes += n)
        words += words_in(line, n);
    if (n == 0)
        printf("%ld %ld %ld\n", lines, words, bytes);
    return (int)n;
}

static int count_all(void *paths)
{
    BIDE_GROUP(g);
    for (char **path = paths; *path; path++)
        bide_spawn(g, count, *path);
    return bide_group_wait(g);
}

static int itself(void *unused)
{
    (void)unused;
    bide_auto(file) f = bide_temp_file_open(.named = true);
    for (int i = 1; i <= 100000; i++)
        if (bide_file_printf(f, "line %d of a file\n", i) < 0)
            return bide_errcode();
    char path[4096];
    snprintf(path, sizeof path, "%s", bide_file_path(f));
    return bide_file_flush(f) < 0 ? bide_errcode() : count(path);
}

int main(int argc, char **argv)
{
    int rc = argc > 1 ? bide_run(count_all, argv + 1) : bide_run(itself, NULL);
    return rc < 0 ? fprintf(stderr, "word_count: %s\n", bide_errmsg()), 1 : 0;
}
