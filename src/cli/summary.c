/* cli/summary.c -- see summary.h. */
#include "cli/summary.h"
#include <string.h>

static void count_error(struct summary *s, int code)
{
    size_t i = 0;
    while (i < SUMMARY_ERRORS - 1 && s->errors[i].count > 0 && s->errors[i].code != code)
        i++;
    s->errors[i].code = i < SUMMARY_ERRORS - 1 ? code : BIDE_EUNKNOWN;
    s->errors[i].count++;
}

void summary_add(struct summary *s, const struct result *r)
{
    s->done++;
    s->bytes += r->bytes;
    s->seconds += r->seconds;
    histogram_add(&s->times, r->seconds);
    if (r->status > 0 && r->status < SUMMARY_STATUSES)
        s->statuses[r->status]++;
    if (r->error.code < 0) {
        s->failed++;
        count_error(s, r->error.code);
    }
}

const char *summary_duration(char text[32], double seconds)
{
    if (seconds < 0.001)
        snprintf(text, 32, "%.0f us", seconds * 1e6);
    else if (seconds < 1)
        snprintf(text, 32, "%.3g ms", seconds * 1e3);
    else if (seconds < 10)
        snprintf(text, 32, "%.2f s", seconds);
    else if (seconds < 100)
        snprintf(text, 32, "%.1f s", seconds);
    else if (seconds < 600)
        snprintf(text, 32, "%.0f s", seconds);
    else if (seconds < 7200)
        snprintf(text, 32, "%.0f min", seconds / 60);
    else
        snprintf(text, 32, "%.1f h", seconds / 3600);
    return text;
}

static void print_bytes(FILE *to, double bytes)
{
    static const char *units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
    size_t unit = 0;
    for (; bytes >= 1000 && unit < sizeof units / sizeof units[0] - 1; unit++)
        bytes /= 1000;
    fprintf(to, "%.*f %s", unit > 0 && bytes < 99.95 ? 1 : 0, bytes, units[unit]);
}

static void print_statuses(const struct summary *s, FILE *to)
{
    const char *before = "  status   ";
    for (unsigned status = 0; status < SUMMARY_STATUSES; status++) {
        if (s->statuses[status] == 0)
            continue;
        fprintf(to, "%s%u: %llu", before, status, (unsigned long long)s->statuses[status]);
        before = ", ";
    }
    if (before[0] == ',')
        fputc('\n', to);
}

static void print_errors(const struct summary *s, FILE *to)
{
    for (size_t i = 0; i < SUMMARY_ERRORS && s->errors[i].count > 0; i++) {
        const char *name = result_error_name(s->errors[i].code);
        fprintf(to, "%s%s: %llu", i == 0 ? "  errors   " : ", ", name ? name : "other",
                (unsigned long long)s->errors[i].count);
    }
    if (s->failed > 0)
        fputc('\n', to);
}

static void print_throughput(const struct summary *s, FILE *to, double elapsed)
{
    double rate = elapsed > 0 ? 1 / elapsed : 0;
    fprintf(to, "  rate     %.*f URLs/s, ", rate * (double)s->done < 100 ? 1 : 0,
            rate * (double)s->done);
    print_bytes(to, rate * (double)s->bytes);
    fputs("/s, ", to);
    print_bytes(to, (double)s->bytes);
    fputs(" in all\n", to);
}

static void print_quantiles(const struct summary *s, FILE *to)
{
    static const struct { const char *name; double share; } shown[] = {
        { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "max", 1 },
    };
    char text[32];
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        fprintf(to, "%s%s %s", i == 0 ? "  time     " : ", ", shown[i].name,
                summary_duration(text, histogram_quantile(&s->times, shown[i].share)));
    fputc('\n', to);
}

/* The sum of the times in whole seconds where it is long: "100 s", not "100.3 s". */
static const char *rough_duration(char text[32], double seconds)
{
    if (seconds < 10 || seconds >= 600)
        return summary_duration(text, seconds);
    snprintf(text, 32, "%.0f s", seconds);
    return text;
}

void summary_print(const struct summary *s, FILE *to, double elapsed, uint64_t missing)
{
    char took[32], sum[32];
    uint64_t good = s->done - s->failed;
    fprintf(to, "Fetched %llu ", (unsigned long long)good);
    if (s->failed > 0)
        fprintf(to, "of %llu ", (unsigned long long)s->done);
    fprintf(to, "URL%s in %s (one after another: %s)", s->done == 1 ? "" : "s",
            summary_duration(took, elapsed), rough_duration(sum, s->seconds));
    if (s->failed > 0)
        fprintf(to, "; %llu failed", (unsigned long long)s->failed);
    fputc('\n', to);
    if (missing > 0)
        fprintf(to, "  stopped  %llu not done\n", (unsigned long long)missing);
    if (s->done == 0)
        return;
    print_statuses(s, to);
    print_errors(s, to);
    print_throughput(s, to, elapsed);
    print_quantiles(s, to);
}
