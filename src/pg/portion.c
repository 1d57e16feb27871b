/* See portion.h. */
#include "pg/portion.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

/* The server's buffer; what a row has there beside its columns, and each of these. */
enum { SENT_AT_ONCE = 8192, ROW_HEAD = 7, COLUMN_HEAD = 4 };

/* ---- libpq 17 -------------------------------------------------------------------------------- */

static int (*in_chunks)(PGconn *pg, int rows);  /* NULL: it is older */

#ifdef LIBPQ_HAS_CHUNK_MODE
static void find_chunks(void) { in_chunks = PQsetChunkedRowsMode; }
#else
enum { PGRES_TUPLES_CHUNK = PGRES_PIPELINE_ABORTED + 1 };

static void find_chunks(void)
{
    void *found = dlsym(RTLD_DEFAULT, "PQsetChunkedRowsMode");
    memcpy(&in_chunks, &found, sizeof found);
}
#endif

/* ---- portions -------------------------------------------------------------------------------- */

int bide__pg_portion(const PGresult *description)
{
    int size = ROW_HEAD;
    for (int i = 0; i < PQnfields(description); i++) {
        int column = PQfsize(description, i);
        if (column < 0)
            return PG_PORTION_ROWS;
        size += COLUMN_HEAD + column;
    }
    return size < SENT_AT_ONCE ? SENT_AT_ONCE / size : 1;
}

void bide__pg_in_portions(PGconn *pg, int rows)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_chunks);
    if (!in_chunks || !in_chunks(pg, rows))
        PQsetSingleRowMode(pg);
}

bool bide__pg_is_portion(const PGresult *result)
{
    int status = (int)PQresultStatus(result);
    return status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_CHUNK;
}
