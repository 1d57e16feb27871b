/* hello.h -- TechEmpower's routes that need no database: /json and /plaintext. */
#ifndef HELLO_H
#define HELLO_H
#include <bide.h>

void hello_join(bide_app *app);

#endif
