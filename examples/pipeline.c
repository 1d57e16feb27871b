/* Three programs in a row, `printf ... | sort | uniq -c`, without a shell.  In Python:
 *
 *     p = await asyncio.create_subprocess_exec("sort", stdin=PIPE, stdout=PIPE)
 *
 * and then three descriptors to hand on and to close in the right order.  Here `.from` takes the
 * output of the process before.  Whatever happens, nobody is left running. */
#include <bide.h>
#include <stdio.h>

static int program(void *unused)
{
    char *line;
    ssize_t size;
    (void)unused;
    bide_auto(process) say = bide_exec(BIDE_ARGV("printf", "pear\\nfig\\npear\\nplum\\n"),
                                       .out = BIDE_PIPE);
    bide_auto(process) sort = bide_exec(BIDE_ARGV("sort"), .from = say, .out = BIDE_PIPE,
                                        .env_add = BIDE_ARGV("LC_ALL=C"));
    bide_auto(process) count = bide_exec(BIDE_ARGV("uniq", "-c"), .from = sort,
                                         .out = BIDE_PIPE);
    if (!say || !sort || !count)
        return bide_errcode();
    while ((size = bide_read_until(bide_process_out(count), "\n", &line)) > 0)
        printf("%s", line);
    if (size < 0)
        return (int)size;
    int rc = bide_process_check(say);
    if (rc == 0)
        rc = bide_process_check(sort);
    return rc < 0 ? rc : bide_process_check(count);
}

static int missing(void *unused)
{
    (void)unused;
    bide_auto(process) p = bide_exec(BIDE_ARGV("/no/such/program"));
    return p ? 0 : bide_errcode();
}

int main(void)
{
    int rc = bide_run(program, NULL, .stop_on_signal = true);
    if (rc < 0)
        fprintf(stderr, "%s\n", bide_errmsg());
    if (bide_run(missing, NULL) < 0)
        printf("%s\n", bide_errmsg());
    return rc < 0;
}
