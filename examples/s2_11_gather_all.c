/* Every task runs to its end, and errors are results.  In Python:
 *
 *     outcomes = await asyncio.gather(*map(risky, (1, 2, 3)), return_exceptions=True)
 *
 * bide_fail() makes the error: a code to test for and a sentence to read. */
#include <bide.h>
#include <stdio.h>

struct risk { int number; char result[32]; };

static int risky_task(void *arg)
{
    struct risk *risk = arg;
    if (risk->number == 2)
        return bide_fail(-EINVAL, "Error in task %d", risk->number);
    snprintf(risk->result, sizeof risk->result, "result-%d", risk->number);
    return 0;
}

static int program(void *unused)
{
    (void)unused;
    struct risk risks[3];
    struct bide_call calls[3];
    for (int i = 0; i < 3; i++) {
        risks[i].number = i + 1;
        calls[i] = (struct bide_call){ .fn = risky_task, .arg = &risks[i] };
    }
    int rc = bide_gather_all(calls, 3);
    for (int i = 0; i < 3; i++)
        if (calls[i].rc < 0)
            printf("Error: %s\n", calls[i].error.text);
        else
            printf("OK: %s\n", risks[i].result);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
