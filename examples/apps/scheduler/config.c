/* Reading the configuration, strictly: a word that nobody knows is an error, not ignored. */
#include "action.h"
#include "config.h"
#include <stdlib.h>
#include <string.h>

static char *trimmed(char *text)
{
    text += strspn(text, " \t\r\n");
    size_t size = strlen(text);
    while (size > 0 && strchr(" \t\r\n", text[size - 1]))
        size--;
    text[size] = '\0';
    return text;
}

/* The words of "do", which stay in one copy of it, held by the first. */
static const char *read_action(struct job *job, const char *text)
{
    char *rest = NULL, *copy = strdup(text);
    if (!copy)
        return "out of memory";
    free(job->words[0]);
    job->count = 0;
    job->words[0] = copy;
    for (char *word = copy; (word = strtok_r(word, " \t", &rest)); word = NULL) {
        if (job->count == JOB_WORDS_MAX - 1)
            return "there are too many words";
        job->words[job->count++] = word;
    }
    job->words[job->count] = NULL;
    job->action = job->count > 0 ? action_find(job->words[0]) : NULL;
    if (!job->action)
        return "there is no such action: warm, check, rotate, run";
    if (job->count - 1 < job->action->least || job->count - 1 > job->action->most)
        return job->action->usage;
    return NULL;
}

static const char *read_overlap(struct job *job, const char *value)
{
    job->queue = strcmp(value, "queue") == 0;
    return job->queue || strcmp(value, "skip") == 0 ? NULL : "skip, or queue";
}

static const char *read_setting(struct job *job, const char *name, const char *value)
{
    if (strcmp(name, "do") == 0)
        return read_action(job, value);
    if (strcmp(name, "overlap") == 0)
        return read_overlap(job, value);
    if (strcmp(name, "timeout") == 0)
        return duration_read(value, &job->timeout) ? NULL : "not a time: 20s, 5m";
    if (strcmp(name, "jitter") == 0)
        return duration_read(value, &job->jitter) ? NULL : "not a time: 20s, 5m";
    if (strcmp(name, "when") != 0)
        return "there is no such setting: when, do, overlap, timeout, jitter";
    free(job->when);
    job->when = strdup(value);
    return job->when ? schedule_read(&job->schedule, value) : "out of memory";
}

/* The jobs read so far; the last is the section that is open. */
struct reading { struct job *first, *last; size_t count; };

static const char *end_section(const struct reading *reading)
{
    const struct job *job = reading->last;
    return !job || (job->when && job->action) ? NULL : "the job before needs both when and do";
}

static const char *begin_section(struct reading *reading, char *line)
{
    size_t size = strlen(line);
    const char *wrong = end_section(reading);
    if (wrong)
        return wrong;
    if (size < 3 || line[size - 1] != ']')
        return "a job's name stands between [ and ]";
    if (reading->count++ == CONFIG_JOBS_MAX)
        return "there are too many jobs";
    for (const struct job *job = reading->first; job; job = job->next)
        if (strncmp(job->name, line + 1, size - 2) == 0 && !job->name[size - 2])
            return "there is a job of that name already";
    struct job *job = calloc(1, sizeof *job);
    if (!job)
        return "out of memory";
    *(reading->last ? &reading->last->next : &reading->first) = job;
    reading->last = job;
    job->timeout = 60;
    job->name = strndup(line + 1, size - 2);
    return job->name ? NULL : "out of memory";
}

static const char *read_line(struct reading *reading, char *line)
{
    line = trimmed(line);
    if (*line == '\0' || *line == '#')
        return NULL;
    if (*line == '[')
        return begin_section(reading, line);
    char *mark = strchr(line, '=');
    if (!mark || !reading->last)
        return mark ? "a job begins with its [name]" : "not NAME = VALUE";
    *mark = '\0';
    return read_setting(reading->last, trimmed(line), trimmed(mark + 1));
}

struct job *config_read(const char *path)
{
    struct reading reading = { NULL, NULL, 0 };
    const char *wrong = NULL;
    char *line;
    ssize_t size = 0;
    int number = 0;
    bide_auto(file) file = bide_file_open(path, "r");
    while (file && !wrong && (size = bide_file_line(file, &line)) > 0) {
        number++;
        wrong = read_line(&reading, line);
    }
    if (file && !wrong && size >= 0)
        wrong = reading.first ? end_section(&reading) : "there are no jobs";
    if (file && !wrong && size >= 0)
        return reading.first;
    if (wrong)
        bide_fail(BIDE_EINVAL, "%s:%d: %s", path, number, wrong);
    config_free(reading.first);
    return NULL;
}

void config_free(struct job *jobs)
{
    while (jobs) {
        struct job *job = jobs;
        jobs = job->next;
        free(job->name);
        free(job->when);
        free(job->words[0]);
        free(job);
    }
}
