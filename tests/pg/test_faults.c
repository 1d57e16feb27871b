/* Each conversation again and again, with another allocation failing each time. */
#include "pg/conversations.h"

#define WITHOUT_MEMORY(of_, fn_) \
    TEST(without_memory_##of_##_fails_and_leaves_nothing) \
    { \
        bide_fn *fn = fn_; \
        prepare_faults(); \
        check_faults(bide_test_each_allocation(converse, &fn, .real_clock = true, \
            .seconds = BIDE_FOREVER)); \
    }
WITHOUT_MEMORY(a_query, query)
WITHOUT_MEMORY(a_transaction, change)
WITHOUT_MEMORY(a_stream, stream)
WITHOUT_MEMORY(a_stream_that_is_left, leave)
WITHOUT_MEMORY(a_bulk, fill)
WITHOUT_MEMORY(a_statement_with_many_values, many)
WITHOUT_MEMORY(a_query_with_many_values, fetch_many)
WITHOUT_MEMORY(a_copy, copy)
WITHOUT_MEMORY(a_script, script)
WITHOUT_MEMORY(a_notification, hear)
WITHOUT_MEMORY(a_shared_connection, together)
