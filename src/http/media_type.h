/* What a file's name says about what is in it. */
#ifndef BIDE_HTTP_MEDIA_TYPE_H
#define BIDE_HTTP_MEDIA_TYPE_H

/* "image/png" of "a.png"; of an unknown ending "application/octet-stream".  Static. */
const char *bide__media_type(const char *filename);

#endif
