/* The least program there is: one task that says a word. What it costs to start, beside others'. */
#include <bide.h>

#include <stdio.h>

static int hello(void *unused)
{
    (void)unused;
    return puts("hello") < 0 ? BIDE_EUNKNOWN : bide_yield();
}

int main(void)
{
    return bide_run(hello, NULL) < 0;
}
