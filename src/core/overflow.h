/* With debug on: a stack overflow names its task before the process ends. */
#ifndef CORE_OVERFLOW_H
#define CORE_OVERFLOW_H

/* Installs the handler, for SIGSEGV and SIGBUS, on a stack of its own for this thread; counted. */
void bide__overflow_watch(void);
void bide__overflow_unwatch(void);

#endif
