/* tests/testing/said.h -- what the kit logs, kept for inspection. */
#ifndef TESTS_SAID_H
#define TESTS_SAID_H
#include "test.h"

#include <bide/log.h>
#include <bide/testing.h>
#include <stdio.h>
#include <string.h>

static char said[4096];

__attribute__((unused)) static void keep_log(void *arg, enum bide_log_level level, const char *text)
{
    size_t used = strlen(said);
    (void)arg;
    (void)level;
    snprintf(said + used, sizeof said - used, "%s\n", text);
}

/* From now on; empties it. */
__attribute__((unused)) static void listen_to_log(void)
{
    said[0] = '\0';
    bide_log_to(keep_log, NULL, BIDE_LOG_WARNING);
}

#endif
