/* The library's own threads. */
#ifndef CORE_THREAD_H
#define CORE_THREAD_H
#include <pthread.h>

/* Starts one in which signals are blocked, for they are for the program's own threads; but who
 * causes a fault shall hear of it.  thread NULL: detached.  0, or -errno without a sentence. */
int bide__thread_start(pthread_t *thread, void *(*fn)(void *), void *arg);

#endif
