/* cli/work_place.h -- where a work list is: a Redis server, a database of it, a stream.
 *
 *     redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]/STREAM      rediss:// is the same over TLS
 *     unix:/PATH?[db=DATABASE&]stream=STREAM
 *
 * As URLs of Redis are written, with the stream as one more step; what stands in a name
 * percent-encoded is decoded.  Pure: nothing is connected. */
#ifndef CLI_WORK_PLACE_H
#define CLI_WORK_PLACE_H
#include <stddef.h>

/* Bytes of the longest URL, and of the longest name of a stream. */
#define WORK_URL_MAX 1024
#define WORK_NAME_MAX 255

struct work_place {
    char server[WORK_URL_MAX + 8];      /* what bide_redis_open() takes */
    char stream[WORK_NAME_MAX + 1];
    char shown[WORK_URL_MAX];           /* the server without user and password */
};

/* Reads the URL: 0; BIDE_EURL with a sentence that says what was expected. */
int work_place_read(struct work_place *place, const char *url);

#endif
