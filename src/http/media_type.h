/* What a file's name says about what is in it, and what is to be known of such types. */
#ifndef BIDE_HTTP_MEDIA_TYPE_H
#define BIDE_HTTP_MEDIA_TYPE_H

#include <stdbool.h>

/* "image/png" of "a.png"; of an unknown ending "application/octet-stream".  Static.  Text has no
 * charset here: nobody has looked into the file. */
const char *bide__media_type(const char *filename);
/* Is it one of those that have a charset? */
bool bide__media_type_is_text(const char *type);
/* Is it worth compressing?  Parameters are not looked at.  Pictures, sound, video and archives
 * are compressed already; text/event-stream waits for nothing, and no coder may hold it up. */
bool bide__media_type_shrinks(const char *type);

#endif
