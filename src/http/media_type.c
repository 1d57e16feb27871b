/* A table of endings, of what people send and serve.  The names are those of IANA's registry; text
 * without a charset is left so, for nobody has looked into the file. */
#include "http/media_type.h"

#include <string.h>
#include <strings.h>

static const struct {
    const char *ending, *type;
} types[] = {
    { "7z", "application/x-7z-compressed" }, { "avif", "image/avif" }, { "bmp", "image/bmp" },
    { "bz2", "application/x-bzip2" }, { "css", "text/css" }, { "csv", "text/csv" },
    { "doc", "application/msword" },
    { "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
    { "epub", "application/epub+zip" }, { "flac", "audio/flac" }, { "gif", "image/gif" },
    { "gz", "application/gzip" }, { "htm", "text/html" }, { "html", "text/html" },
    { "ico", "image/vnd.microsoft.icon" }, { "ics", "text/calendar" }, { "jpeg", "image/jpeg" },
    { "jpg", "image/jpeg" }, { "js", "text/javascript" }, { "json", "application/json" },
    { "jsonld", "application/ld+json" }, { "m4a", "audio/mp4" }, { "md", "text/markdown" },
    { "mjs", "text/javascript" }, { "mov", "video/quicktime" }, { "mp3", "audio/mpeg" },
    { "mp4", "video/mp4" }, { "mpeg", "video/mpeg" },
    { "odt", "application/vnd.oasis.opendocument.text" },
    { "ods", "application/vnd.oasis.opendocument.spreadsheet" }, { "ogg", "audio/ogg" },
    { "opus", "audio/opus" }, { "otf", "font/otf" }, { "pdf", "application/pdf" },
    { "png", "image/png" }, { "ppt", "application/vnd.ms-powerpoint" },
    { "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation" },
    { "rtf", "application/rtf" }, { "svg", "image/svg+xml" }, { "tar", "application/x-tar" },
    { "tif", "image/tiff" }, { "tiff", "image/tiff" }, { "ttf", "font/ttf" },
    { "txt", "text/plain" }, { "wasm", "application/wasm" }, { "wav", "audio/wav" },
    { "webm", "video/webm" }, { "webp", "image/webp" }, { "woff", "font/woff" },
    { "woff2", "font/woff2" }, { "xhtml", "application/xhtml+xml" },
    { "xls", "application/vnd.ms-excel" },
    { "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
    { "xml", "application/xml" }, { "yaml", "application/yaml" }, { "yml", "application/yaml" },
    { "zip", "application/zip" }, { "zst", "application/zstd" },
};

const char *bide__media_type(const char *filename)
{
    const char *slash = strrchr(filename, '/');
    const char *name = slash ? slash + 1 : filename;
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
        if (strcasecmp(dot + 1, types[i].ending) == 0)
            return types[i].type;
    return "application/octet-stream";
}
