/* The floor of lines.c: read(2) into one buffer and memchr(3), and nothing else: no thread, no
 * error, no limit, and a line that crosses two blocks is no matter.
 *
 *     floor_lines [FILE [BLOCK]] */
#include "lines.h"

static long count_lines(int fd, char *buffer, size_t size)
{
    long count = 0;
    ssize_t n;
    if (lseek(fd, 0, SEEK_SET) < 0)
        return -1;
    while ((n = read(fd, buffer, size)) > 0)
        for (const char *at = buffer, *end = buffer + n;
             (at = memchr(at, '\n', (size_t)(end - at))); at++)
            count++;
    return n < 0 ? -1 : count;
}

int main(int argc, char **argv)
{
    long expected = 0, count = 0;
    size_t size = argc > 2 ? (size_t)atol(argv[2]) : 256 << 10;
    int fd = argc > 1 ? open(argv[1], O_RDONLY | O_CLOEXEC) : lines_open(lines_dir(), &expected);
    char *buffer = malloc(size);
    double best = 1e9;
    if (fd < 0 || !buffer)
        return 1;
    for (int i = 0; i < 3; i++) {
        int64_t start = meter_wall_ns();
        count = count_lines(fd, buffer, size);
        double took = (double)(meter_wall_ns() - start) / 1e9;
        best = took < best ? took : best;
    }
    meter_print("lines", best, "s");
    meter_print("lines_each", best * 1e9 / (double)(count ? count : 1), "ns");
    free(buffer);
    return count < 0 || (expected && count != expected);
}
