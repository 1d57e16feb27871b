/* cli/jobs.h -- how many jobs the limit of open files allows. */
#ifndef CLI_JOBS_H
#define CLI_JOBS_H
#include <stddef.h>

/* Raises the limit as far as the system lets us, for that many jobs with so many files
 * each.  Returns how many there can be; if that is fewer, a line on standard error says
 * so. */
size_t jobs_fit(const char *command, size_t jobs, size_t files_per_job);

#endif
