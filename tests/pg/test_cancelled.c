/* Each conversation again and again, cancelled when some task stops for the nth time. */
#include "pg/conversations.h"

#define CANCELLED(of_, fn_) \
    TEST(cancelled_at_any_stop_##of_##_leaves_a_clean_connection) \
    { \
        bide_fn *fn = fn_; \
        prepare_faults(); \
        check_faults(bide_test_each_wait(converse, &fn, .real_clock = true, \
            .seconds = BIDE_FOREVER)); \
    }
CANCELLED(a_query, query)
CANCELLED(a_transaction, change)
CANCELLED(a_stream, stream)
CANCELLED(a_stream_that_is_left, leave)
CANCELLED(a_bulk, fill)
CANCELLED(a_statement_with_many_values, many)
CANCELLED(a_query_with_many_values, fetch_many)
CANCELLED(a_copy, copy)
CANCELLED(a_script, script)
CANCELLED(a_notification, hear)
CANCELLED(a_shared_connection, together)
