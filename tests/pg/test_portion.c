/* How many rows of a stream come at once, without a server. */
#include "pg/portion.h"
#include "pg/types.h"
#include "test.h"

static int portion(int count, Oid type, int size)
{
    static char name[] = "n";
    PGresAttDesc columns[300];
    for (int i = 0; i < count; i++)
        columns[i] = (PGresAttDesc){ .name = name, .typid = type, .typlen = size, .format = 1 };
    PGresult *description = PQmakeEmptyPGresult(NULL, PGRES_COMMAND_OK);
    CHECK(PQsetResultAttrs(description, count, columns));
    int rows = bide__pg_portion(description);
    PQclear(description);
    return rows;
}

TEST(a_portion_is_what_the_server_sends_at_once)
{
    CHECK_EQ(portion(1, PG_INT4, 4), 8192 / 15);
    CHECK_EQ(portion(3, PG_INT8, 8), 8192 / 43);
    CHECK_EQ(portion(1, PG_NAME, 64), 8192 / 75);
}

TEST(a_wide_row_comes_alone)
{
    CHECK_EQ(portion(300, PG_INT8, 8), 2);
    CHECK_EQ(portion(300, PG_UUID, 16), 1);
    CHECK_EQ(portion(300, PG_NAME, 64), 1);
}

TEST(of_rows_of_any_length_few_come_at_once)
{
    CHECK_EQ(portion(1, PG_TEXT, -1), PG_PORTION_ROWS);
    CHECK_EQ(portion(2, PG_BYTEA, -1), PG_PORTION_ROWS);
    CHECK_EQ(portion(1, 705, -2), PG_PORTION_ROWS);
}

TEST(rows_with_more_to_come_are_a_portion)
{
    static const struct { int status; bool portion; } all[] = {
        { PGRES_EMPTY_QUERY, false }, { PGRES_COMMAND_OK, false }, { PGRES_TUPLES_OK, false },
        { PGRES_FATAL_ERROR, false }, { PGRES_SINGLE_TUPLE, true },
        { PGRES_PIPELINE_SYNC, false }, { PGRES_PIPELINE_ABORTED, false },
        { PGRES_PIPELINE_ABORTED + 1, true },   /* libpq 17's PGRES_TUPLES_CHUNK */
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        PGresult *result = PQmakeEmptyPGresult(NULL, (ExecStatusType)all[i].status);
        CHECK_EQ(bide__pg_is_portion(result), all[i].portion);
        PQclear(result);
    }
    CHECK(!bide__pg_is_portion(NULL));
}
