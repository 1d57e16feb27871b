/* Of tests/db/portable.h: who is not let in is told by whom and why, as of any other refusal. */
#ifndef TESTS_DB_PORTABLE_LOGIN_H
#define TESTS_DB_PORTABLE_LOGIN_H

/* waits: for the refusal */
static void check_not_let_in(const char *url, const char *sqlstate, const char *says)
{
    bide_auto(db) db = bide_db_open(url, .drivers = BIDE_DRIVERS(PORTABLE_DRIVER));
    for (int i = 0; i < 2; i++) {       /* the pool has room again, and it is told again */
        CHECK_EQ(bide_db_execute(db, "select 1"), BIDE_EDB);
        CHECK_MEM(bide_db_failure(db)->sqlstate, sqlstate, strlen(sqlstate));
        CHECK_HAS(bide_errmsg(), bide_db_failure(db)->sqlstate);
        CHECK_HAS(bide_errmsg(), says);
        CHECK_HAS(bide_db_failure(db)->message, says);
        CHECK_EQ(strcspn(bide_db_failure(db)->message, "\n"),
                 strlen(bide_db_failure(db)->message));
    }
    CHECK_EQ(bide_db_stats(db).open, 0);
}

/* waits: for the answer */
static void check_let_in(const char *url)
{
    bide_auto(db) db = bide_db_open(url, .drivers = BIDE_DRIVERS(PORTABLE_DRIVER));
    if (bide_db_execute(db, "select 1") < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}

PORTABLE_TEST(a_database_that_there_is_not_is_told_by_its_sqlstate, 1)
{
    check_not_let_in(portable_door(NULL, "nowhere"), "3D000", words.no_database);
    CHECK_EQ(count_of(db), 0);
}

/* SQLSTATE 28000 or 28P01: MariaDB tells no one from the other, PostgreSQL does not always. */
PORTABLE_TEST(who_may_not_come_in_is_told_by_the_sqlstate, 1)
{
    if (!words.admit)
        return;
    bide_ignore(bide_db_execute(db, words.dismiss));
    CHECK(bide_db_execute(db, words.admit) >= 0);
    check_let_in(portable_door("guest:right", NULL));
    check_not_let_in(portable_door("guest:wrong", NULL), "28", "guest");
    check_not_let_in(portable_door("guest", NULL), "28", "");
    check_not_let_in(portable_door("stranger:right", NULL), "28", "stranger");
    CHECK(bide_db_execute(db, words.dismiss) >= 0);
}

#endif
