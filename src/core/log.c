/* The log hook, and its default: one line on standard error. */
#include <bide/log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print(void *arg, enum bide_log_level level, const char *text)
{
    static const char *const names[] = { "error", "warning", "info", "debug" };
    (void)arg;
    fprintf(stderr, "bide: %s: %s\n", names[level], text);
}

static bide_log_fn *log_fn = print;
static void *log_arg;
static int log_level = -1;      /* -1: not set, so the environment decides */

void bide_log_to(bide_log_fn *fn, void *arg, enum bide_log_level level)
{
    log_fn = fn ? fn : print;
    log_arg = arg;
    log_level = (int)level;
}

static int level_now(void)
{
    if (log_level >= 0)
        return log_level;
    const char *debug = getenv("BIDE_DEBUG");
    return debug && strcmp(debug, "1") == 0 ? BIDE_LOG_DEBUG : BIDE_LOG_WARNING;
}

void bide_log(enum bide_log_level level, const char *fmt, ...)
{
    char text[1024];
    if ((int)level > level_now())
        return;
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    log_fn(log_arg, level, text);
}
