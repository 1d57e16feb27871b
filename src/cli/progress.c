/* cli/progress.c -- see progress.h.
 *
 * The text comes first, the bar gets what is left of the line.  A terminal that takes no
 * output (stopped with Ctrl-S) is passed over, for a write would hold up every task.
 * Nothing of the terminal is changed but this one line, so there is nothing to restore
 * but to erase it, also when the program is killed. */
#include "cli/progress.h"
#include "cli/summary.h"
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PROGRESS_INTERVAL 0.1
#define BAR_MIN 10
#define BAR_MAX 40
#define LINE_SIZE 512

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && value[0] != '\0';
}

void progress_open(struct progress *p, int fd, bool wanted, double now)
{
    const char *kind = getenv("TERM");
    bool dumb = kind && strcmp(kind, "dumb") == 0;
    *p = (struct progress){ .fd = -1, .started = now, .drawn = now };
    if (wanted && !dumb && isatty(fd))
        p->fd = fd;
    p->colour = !is_set("NO_COLOR");
}

static size_t line_width(int fd)
{
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return 79;
    size_t width = size.ws_col - 1u;
    return width < 200 ? width : 200;
}

/* The rate of the last few seconds: an average in which older ones fade. */
static void update_rate(struct progress *p, uint64_t done, double now)
{
    double passed = now - p->drawn;
    if (passed <= 0)
        return;
    double fresh = (double)(done - p->drawn_done) / passed;
    double overall = (double)done / (now - p->started);
    double weight = passed / (passed + 2);
    p->rate = now - p->started < 3 ? overall : p->rate + weight * (fresh - p->rate);
    p->drawn = now;
    p->drawn_done = done;
}

static size_t add_time_left(const struct progress *p, const struct progress_state *state,
                            char *text, size_t size)
{
    char left[32];
    if (state->total <= state->done || p->rate <= 0)
        return 0;
    double seconds = (double)(state->total - state->done) / p->rate;
    if (seconds < 1)
        snprintf(left, sizeof left, "1 s");
    else if (seconds < 600)
        snprintf(left, sizeof left, "%.0f s", seconds);
    else
        summary_duration(left, seconds);
    return (size_t)snprintf(text, size, "  %s left", left);
}

static size_t make_text(const struct progress *p, const struct progress_state *state,
                        char text[LINE_SIZE])
{
    char total[40] = "";
    if (state->total > 0)
        snprintf(total, sizeof total, "/%s%llu", state->total_is_exact ? "" : "~",
                 (unsigned long long)state->total);
    size_t size = (size_t)snprintf(text, LINE_SIZE, "%llu%s  %.*f/s  %llu in flight  %llu error%s",
                                   (unsigned long long)state->done, total, p->rate < 100 ? 1 : 0,
                                   p->rate, (unsigned long long)state->in_flight,
                                   (unsigned long long)state->failed,
                                   state->failed == 1 ? "" : "s");
    return size + add_time_left(p, state, text + size, LINE_SIZE - size);
}

/* "[=====>    ] ", as wide as there is room for; nothing if that is too little. */
static size_t make_bar(const struct progress *p, const struct progress_state *state, size_t room,
                       char bar[LINE_SIZE])
{
    if (state->total == 0 || room < BAR_MIN + 4)
        return 0;
    size_t width = room - 4 < BAR_MAX ? room - 4 : BAR_MAX;
    double share = (double)state->done / (double)state->total;
    size_t full = share < 1 ? (size_t)(share * (double)width) : width;
    char cells[BAR_MAX + 1];
    memset(cells, ' ', width);
    memset(cells, '=', full);
    if (full < width)
        cells[full] = '>';
    const char *on = !p->colour ? "" : state->failed > 0 ? "\033[31m" : "\033[32m";
    return (size_t)snprintf(bar, LINE_SIZE, "[%s%.*s%s]  ", on, (int)width, cells,
                            p->colour ? "\033[0m" : "");
}

/* What is too long loses its last parts, which stand between two blanks each. */
static size_t fit_text(const char *text, size_t size, size_t width)
{
    while (size > width) {
        const char *gap = size > 1 ? memrchr(text, ' ', size - 1) : NULL;
        while (gap && gap > text && gap[-1] != ' ')
            gap = memrchr(text, ' ', (size_t)(gap - text));
        if (!gap || gap <= text)
            return width;
        size = (size_t)(gap - 1 - text);
    }
    return size;
}

static void write_terminal(const struct progress *p, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t n = write(p->fd, text, size);
        if (n <= 0)
            return;             /* a progress line is not worth more */
        text += n;
        size -= (size_t)n;
    }
}

void progress_draw(struct progress *p, const struct progress_state *state, double now)
{
    char text[LINE_SIZE], bar[LINE_SIZE], line[2 * LINE_SIZE + 16];
    struct pollfd terminal = { .fd = p->fd, .events = POLLOUT };
    bool early = p->visible && now - p->drawn < PROGRESS_INTERVAL;
    if (p->fd < 0 || early || poll(&terminal, 1, 0) <= 0)
        return;
    update_rate(p, state->done, now);
    size_t width = line_width(p->fd);
    size_t size = fit_text(text, make_text(p, state, text), width);
    p->text_width = size > p->text_width ? size : p->text_width;
    p->text_width = p->text_width < width ? p->text_width : width;
    size_t barred = make_bar(p, state, width - p->text_width, bar);
    int length = snprintf(line, sizeof line, "\r%.*s%.*s\033[K", (int)barred, bar, (int)size, text);
    write_terminal(p, line, (size_t)length);
    p->visible = true;
}

void progress_erase(struct progress *p)
{
    if (!p->visible)
        return;
    p->visible = false;
    write_terminal(p, "\r\033[K", 4);
}
