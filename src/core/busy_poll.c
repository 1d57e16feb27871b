/* When the loop looks busily, and when not; the rules stand in busy_poll.h. */
#include "core/busy_poll.h"
#include "base/sys.h"
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* A look that succeeds is worth about twice what one in vain costs, so hope lasts where more than
 * two of three succeed. */
enum { HOPE_BEGINS = 2, HOPE_MAX = 16, IN_VAIN = 2, WANTED_LEAST = 4, WANTED_MAX = 4096 };
enum { LONG = 20 };             /* a sleep of so many limits: it is over */
static const double default_seconds = 50e-6, seconds_max = 1e-3;
static const int64_t allowance_max_ns = 50000000, share = 2;
static const int64_t check_ns = 5000000, off_ns = 100000000;

void bide__busy_poll_init(struct busy_poll *b, double seconds)
{
    if (seconds == 0)
        seconds = default_seconds;
    seconds = seconds < seconds_max ? seconds : seconds_max;
    *b = (struct busy_poll){
        .limit_ns = seconds > 0 ? (int64_t)(seconds * 1e9) : 0,
        .wanted = WANTED_LEAST, .allowance_ns = allowance_max_ns,
    };
}

/* How many threads of the machine run or are ready to, by the fourth number of the line
 * "0.20 0.18 0.12 1/80 11206"; < 0: it is not told here. */
static int ready_threads(void)
{
    char line[128];
    int fd = bide__sys.open("/proc/loadavg", O_RDONLY | O_CLOEXEC, 0), count = -1;
    if (fd < 0)
        return -1;
    ssize_t n = bide__sys.read(fd, line, sizeof line - 1);
    bide__sys.close(fd);
    line[n > 0 ? n : 0] = '\0';
    return sscanf(line, "%*s %*s %*s %d/", &count) == 1 ? count : -1;
}

/* Where nobody tells, it might be. */
static bool is_busy(struct busy_poll *b)
{
    if (!b->processors)
        b->processors = sysconf(_SC_NPROCESSORS_ONLN);
    int ready = ready_threads();
    return ready < 0 || ready > b->processors;
}

static void lose_hope(struct busy_poll *b)
{
    b->hope = 0;
    b->sleeps = 0;
}

int64_t bide__busy_poll_allowed(struct busy_poll *b, int64_t now_ns)
{
    int64_t more = (now_ns - b->counted_ns) / share;
    b->counted_ns = now_ns;
    b->allowance_ns = more < allowance_max_ns - b->allowance_ns ? b->allowance_ns + more
                                                               : allowance_max_ns;
    if (b->allowance_ns < b->limit_ns || now_ns < b->off_until_ns)
        return 0;
    if (now_ns - b->checked_ns >= check_ns) {
        b->checked_ns = now_ns;
        if (is_busy(b)) {
            b->off_until_ns = now_ns + off_ns;
            lose_hope(b);
            return 0;
        }
    }
    return b->limit_ns;
}

static void was_right(struct busy_poll *b)
{
    if (b->hope < HOPE_MAX)
        b->hope++;
    else
        b->wanted = WANTED_LEAST;
}

/* The more often that was so, the longer until the next try. */
static void was_wrong(struct busy_poll *b)
{
    b->hope -= IN_VAIN;
    if (b->hope > 0)
        return;
    lose_hope(b);
    b->wanted = b->wanted < WANTED_MAX ? b->wanted * 2 : WANTED_MAX;
}

void bide__busy_poll_looked(struct busy_poll *b, int64_t now_ns, int64_t looked_ns, bool found,
                            int64_t last_ns)
{
    b->allowance_ns -= looked_ns;
    if (found)
        was_right(b);
    else
        was_wrong(b);
    if (bide__busy_poll_was_preempted(last_ns)) {
        b->checked_ns = now_ns - check_ns;      /* by whom? look at the machine anew */
        lose_hope(b);
    }
}

void bide__busy_poll_slept(struct busy_poll *b, int64_t slept_ns)
{
    if (slept_ns > LONG * b->limit_ns)
        lose_hope(b);
    else if (!b->hope && ++b->sleeps >= b->wanted)
        b->hope = HOPE_BEGINS;
}
