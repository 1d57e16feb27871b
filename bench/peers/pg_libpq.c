/* The rows of PostgreSQL with libpq alone, in a program that does nothing else. `pipelined` is its
 * pipeline mode with a Sync behind each statement, as for the floor, and then once more with one
 * for all ("rate_one_sync"); `rows` its rows in chunks where it is 17 or later, else one by one,
 * and then the whole result in memory ("rate_whole"). stint.h says what it is told and what it
 * prints. */
#include "stint.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <libpq-fe.h>

static struct stint stint;
static PGconn *pg;

_Noreturn static void fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, PQerrorMessage(pg));
    exit(1);
}

static int number_in(const PGresult *result, int row)
{
    uint32_t number;
    memcpy(&number, PQgetvalue(result, row, 0), sizeof number);
    return (int)ntohl(number);
}

static void check_one(PGresult *result)
{
    if (PQntuples(result) != 1 || number_in(result, 0) != 1)
        fail("not a 1");
    PQclear(result);
}

static void prepare(const char *sql)
{
    PGresult *result = PQprepare(pg, "s", sql, 0, NULL);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        fail(sql);
    PQclear(result);
}

/* ---- statements ---- */

static void sequential(long count)
{
    for (long i = 0; i < count; i++)
        check_one(PQexecPrepared(pg, "s", 0, NULL, NULL, NULL, 1));
}

static void send_one(bool sync)
{
    if (!PQsendQueryPrepared(pg, "s", 0, NULL, NULL, NULL, 1) || (sync && !PQpipelineSync(pg)))
        fail("send");
}

static void take_one(void)
{
    check_one(PQgetResult(pg));
    if (PQgetResult(pg))
        fail("one result too many");
}

static void take_sync(void)
{
    PGresult *result = PQgetResult(pg);
    if (PQresultStatus(result) != PGRES_PIPELINE_SYNC)
        fail("no sync");
    PQclear(result);
}

static void pipelined(long count)
{
    long asked = 0;
    for (; asked < count && asked < STINT_FLIGHT; asked++)
        send_one(true);
    for (long i = 0; i < count; i++) {
        take_one();
        take_sync();
        if (asked++ < count)
            send_one(true);
    }
}

static void pipelined_one_sync(long count)
{
    for (long i = 0; i < count; i += STINT_FLIGHT) {
        for (int k = 0; k < STINT_FLIGHT; k++)
            send_one(k == STINT_FLIGHT - 1);
        for (int k = 0; k < STINT_FLIGHT; k++)
            take_one();
        take_sync();
    }
}

/* ---- rows ---- */

enum { CHUNK = 500 };

static void bound_memory(void)
{
    int (*in_chunks)(PGconn *, int);
    void *found = dlsym(RTLD_DEFAULT, "PQsetChunkedRowsMode");
    memcpy(&in_chunks, &found, sizeof found);
    if (!(in_chunks ? in_chunks(pg, CHUNK) : PQsetSingleRowMode(pg)))
        fail("rows in parts");
}

static void take_rows(long count, bool bounded)
{
    char number[24];
    const char *values[] = { number };
    int64_t sum = 0;
    snprintf(number, sizeof number, "%ld", count);
    if (!PQsendQueryPrepared(pg, "s", 1, values, NULL, NULL, 1))
        fail("send");
    if (bounded)
        bound_memory();
    for (PGresult *result; (result = PQgetResult(pg));) {
        for (int i = 0, n = PQntuples(result); i < n; i++)
            sum += number_in(result, i);
        PQclear(result);
    }
    if (sum != (int64_t)count * (count + 1) / 2)
        fail("not the rows expected");
}

static void rows(long count) { take_rows(count, true); }
static void rows_whole(long count) { take_rows(count, false); }

static void copy(long count)
{
    enum { PIECE = 65536 };
    static char piece[PIECE + 4 * STINT_ROW_MAX];
    size_t size = 0;
    PQclear(PQexec(pg, "copy bench_copy from stdin"));
    for (long i = 0; i < count; i++) {
        char name[STINT_ROW_MAX], email[STINT_ROW_MAX];
        stint_make_row(i, name, email);
        size += (size_t)sprintf(piece + size, "%ld\t%s\t%s\t%c\n", i, name, email,
                                i & 1 ? 't' : 'f');
        if (size < PIECE && i < count - 1)
            continue;
        if (PQputCopyData(pg, piece, (int)size) != 1)
            fail("copy");
        size = 0;
    }
    PQputCopyEnd(pg, NULL);
    PGresult *result = PQgetResult(pg);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        fail("copy");
    PQclear(result);
}

/* ---- all ---- */

static void measure(void (*run)(long count), long warm, const char *rate)
{
    if (warm > 0)
        run(warm);
    stint_begin(&stint);
    run(stint.count);
    stint_print(&stint, rate);
}

int main(int argc, char **argv)
{
    if (!stint_read(&stint, argc, argv))
        return 2;
    long warm = stint.count / 10 + 1;
    pg = PQconnectdb(stint.url);
    if (PQstatus(pg) != CONNECTION_OK)
        fail("connect");
    prepare(stint_is(&stint, "rows") ? STINT_SERIES : STINT_QUERY);
    if (stint_is(&stint, "sequential"))
        measure(sequential, warm, "rate");
    if (stint_is(&stint, "pipelined") && PQenterPipelineMode(pg)) {
        measure(pipelined, warm, "rate");
        measure(pipelined_one_sync, warm, "rate_one_sync");
    }
    if (stint_is(&stint, "rows")) {
        measure(rows, 0, "rate");
        measure(rows_whole, 0, "rate_whole");
        meter_print("libpq", PQlibVersion() / 1e4, "version");
    }
    if (stint_is(&stint, "copy"))
        measure(copy, 0, "rate");
    PQfinish(pg);
    return 0;
}
