/* config.h -- the jobs, from a file: a section each.
 *
 *     # a comment
 *     [warm the shop]
 *     when = every 30s                    or a cron line: 0 3 * * mon-fri, @hourly
 *     do = warm http://127.0.0.1/
 *     jitter = 5s                         optional: begins up to so much later
 *     timeout = 20s                       optional, default 60s: then it is cancelled
 *     overlap = skip                      optional: skip or queue
 */
#ifndef CONFIG_H
#define CONFIG_H
#include "job.h"

enum { CONFIG_JOBS_MAX = 1000 };

/* Reads a file: the jobs, in order.  NULL: "jobs.conf:7: ..." is held. */
BIDE_WAITS struct job *config_read(const char *path);
void config_free(struct job *jobs);

#endif
