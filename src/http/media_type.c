/* A table of endings, of what people send and serve.  The names are those of IANA's registry where
 * it has one.  The system's mime.types is not asked: what a server says would then depend on the
 * machine that it was put on. */
#include "http/media_type.h"

#include <string.h>
#include <strings.h>

/* Sorted by ending. */
static const struct known {
    const char *ending, *type;
} types[] = {
    { "3g2", "video/3gpp2" }, { "3gp", "video/3gpp" }, { "7z", "application/x-7z-compressed" },
    { "aac", "audio/aac" }, { "ai", "application/postscript" }, { "aif", "audio/aiff" },
    { "aiff", "audio/aiff" }, { "amr", "audio/amr" },
    { "apk", "application/vnd.android.package-archive" }, { "apng", "image/apng" },
    { "asc", "text/plain" }, { "atom", "application/atom+xml" }, { "au", "audio/basic" },
    { "avi", "video/x-msvideo" }, { "avif", "image/avif" }, { "bmp", "image/bmp" },
    { "bz2", "application/x-bzip2" }, { "c", "text/x-c" },
    { "cab", "application/vnd.ms-cab-compressed" }, { "cbor", "application/cbor" },
    { "cc", "text/x-c" }, { "cer", "application/pkix-cert" }, { "cjs", "text/javascript" },
    { "conf", "text/plain" }, { "cpp", "text/x-c" }, { "crl", "application/pkix-crl" },
    { "crt", "application/x-x509-ca-cert" }, { "css", "text/css" }, { "csv", "text/csv" },
    { "cxx", "text/x-c" }, { "db", "application/vnd.sqlite3" },
    { "deb", "application/vnd.debian.binary-package" }, { "der", "application/x-x509-ca-cert" },
    { "diff", "text/x-diff" }, { "djv", "image/vnd.djvu" }, { "djvu", "image/vnd.djvu" },
    { "dll", "application/x-msdownload" }, { "doc", "application/msword" },
    { "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
    { "dot", "application/msword" }, { "dtd", "application/xml-dtd" },
    { "eml", "message/rfc822" }, { "eot", "application/vnd.ms-fontobject" },
    { "eps", "application/postscript" }, { "epub", "application/epub+zip" },
    { "exe", "application/x-msdownload" }, { "flac", "audio/flac" }, { "flv", "video/x-flv" },
    { "geojson", "application/geo+json" }, { "gif", "image/gif" }, { "glb", "model/gltf-binary" },
    { "gltf", "model/gltf+json" }, { "go", "text/x-go" }, { "gpx", "application/gpx+xml" },
    { "gz", "application/gzip" }, { "h", "text/x-c" }, { "heic", "image/heic" },
    { "heif", "image/heif" }, { "hh", "text/x-c" }, { "hpp", "text/x-c" }, { "htm", "text/html" },
    { "html", "text/html" }, { "ico", "image/vnd.microsoft.icon" }, { "ics", "text/calendar" },
    { "ini", "text/plain" }, { "iso", "application/x-iso9660-image" },
    { "jar", "application/java-archive" }, { "java", "text/x-java" }, { "jp2", "image/jp2" },
    { "jpe", "image/jpeg" }, { "jpeg", "image/jpeg" }, { "jpg", "image/jpeg" },
    { "js", "text/javascript" }, { "json", "application/json" }, { "json5", "application/json5" },
    { "jsonl", "application/jsonl" }, { "jsonld", "application/ld+json" },
    { "jwt", "application/jwt" }, { "jxl", "image/jxl" },
    { "kml", "application/vnd.google-earth.kml+xml" },
    { "kmz", "application/vnd.google-earth.kmz" }, { "latex", "application/x-tex" },
    { "log", "text/plain" }, { "lua", "text/x-lua" }, { "lzma", "application/x-lzma" },
    { "m3u", "audio/x-mpegurl" }, { "m3u8", "application/vnd.apple.mpegurl" },
    { "m4a", "audio/mp4" }, { "m4b", "audio/mp4" }, { "m4v", "video/mp4" },
    { "map", "application/json" }, { "markdown", "text/markdown" },
    { "mathml", "application/mathml+xml" }, { "mbox", "application/mbox" },
    { "md", "text/markdown" }, { "mid", "audio/midi" }, { "midi", "audio/midi" },
    { "mjs", "text/javascript" }, { "mka", "audio/x-matroska" }, { "mkv", "video/x-matroska" },
    { "mml", "application/mathml+xml" }, { "mov", "video/quicktime" }, { "mp3", "audio/mpeg" },
    { "mp4", "video/mp4" }, { "mp4v", "video/mp4" }, { "mpd", "application/dash+xml" },
    { "mpe", "video/mpeg" }, { "mpeg", "video/mpeg" }, { "mpg", "video/mpeg" },
    { "mpga", "audio/mpeg" }, { "msi", "application/x-msi" },
    { "ndjson", "application/x-ndjson" }, { "nt", "application/n-triples" },
    { "obj", "model/obj" }, { "odg", "application/vnd.oasis.opendocument.graphics" },
    { "odp", "application/vnd.oasis.opendocument.presentation" },
    { "ods", "application/vnd.oasis.opendocument.spreadsheet" },
    { "odt", "application/vnd.oasis.opendocument.text" }, { "oga", "audio/ogg" },
    { "ogg", "audio/ogg" }, { "ogv", "video/ogg" }, { "ogx", "application/ogg" },
    { "opus", "audio/opus" }, { "otf", "font/otf" }, { "p10", "application/pkcs10" },
    { "p12", "application/x-pkcs12" }, { "p8", "application/pkcs8" },
    { "parquet", "application/vnd.apache.parquet" }, { "patch", "text/x-diff" },
    { "pdf", "application/pdf" }, { "pem", "application/x-pem-file" },
    { "pfx", "application/x-pkcs12" }, { "pgp", "application/pgp-keys" },
    { "php", "application/x-httpd-php" }, { "pl", "text/x-perl" }, { "png", "image/png" },
    { "pps", "application/vnd.ms-powerpoint" }, { "ppt", "application/vnd.ms-powerpoint" },
    { "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation" },
    { "ps", "application/postscript" }, { "psd", "image/vnd.adobe.photoshop" },
    { "py", "text/x-python" }, { "qt", "video/quicktime" }, { "rar", "application/vnd.rar" },
    { "rdf", "application/rdf+xml" }, { "rpm", "application/x-rpm" },
    { "rq", "application/sparql-query" }, { "rs", "text/x-rust" },
    { "rss", "application/rss+xml" }, { "rst", "text/plain" }, { "rtf", "application/rtf" },
    { "sass", "text/x-sass" }, { "scss", "text/x-scss" }, { "sh", "application/x-sh" },
    { "sig", "application/pgp-signature" }, { "sql", "application/sql" },
    { "sqlite", "application/vnd.sqlite3" }, { "sqlite3", "application/vnd.sqlite3" },
    { "srt", "application/x-subrip" }, { "stl", "model/stl" }, { "svg", "image/svg+xml" },
    { "swf", "application/x-shockwave-flash" }, { "tar", "application/x-tar" },
    { "tcl", "text/x-tcl" }, { "tex", "application/x-tex" }, { "text", "text/plain" },
    { "tgz", "application/gzip" }, { "tif", "image/tiff" }, { "tiff", "image/tiff" },
    { "toml", "application/toml" }, { "torrent", "application/x-bittorrent" },
    { "ts", "video/mp2t" }, { "tsv", "text/tab-separated-values" }, { "ttc", "font/collection" },
    { "ttf", "font/ttf" }, { "ttl", "text/turtle" }, { "txt", "text/plain" },
    { "vcard", "text/vcard" }, { "vcf", "text/vcard" }, { "vsd", "application/vnd.visio" },
    { "vtt", "text/vtt" }, { "wasm", "application/wasm" }, { "wav", "audio/wav" },
    { "weba", "audio/webm" }, { "webm", "video/webm" },
    { "webmanifest", "application/manifest+json" }, { "webp", "image/webp" },
    { "wma", "audio/x-ms-wma" }, { "wmv", "video/x-ms-wmv" }, { "woff", "font/woff" },
    { "woff2", "font/woff2" }, { "xht", "application/xhtml+xml" },
    { "xhtml", "application/xhtml+xml" }, { "xls", "application/vnd.ms-excel" },
    { "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
    { "xml", "application/xml" }, { "xsd", "application/xml" }, { "xsl", "application/xslt+xml" },
    { "xslt", "application/xslt+xml" }, { "xul", "application/vnd.mozilla.xul+xml" },
    { "xz", "application/x-xz" }, { "yaml", "application/yaml" }, { "yml", "application/yaml" },
    { "z", "application/x-compress" }, { "zip", "application/zip" },
    { "zst", "application/zstd" },
};

const char *bide__media_type(const char *filename)
{
    const char *slash = strrchr(filename, '/');
    const char *name = slash ? slash + 1 : filename;
    const char *dot = strrchr(name, '.');
    size_t low = 0, high = dot ? sizeof types / sizeof *types : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcasecmp(dot + 1, types[middle].ending);
        if (order == 0)
            return types[middle].type;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return "application/octet-stream";
}

static bool ends_in(const char *type, size_t size, const char *end)
{
    size_t length = strlen(end);
    return size > length && strncasecmp(type + size - length, end, length) == 0;
}

bool bide__media_type_is_text(const char *type)
{
    return strncasecmp(type, "text/", 5) == 0;
}

bool bide__media_type_shrinks(const char *type)
{
    static const char *const others[] = {
        "application/json", "application/javascript", "application/xml", "application/wasm",
        "application/x-ndjson", "application/jsonl", "application/yaml", "application/toml",
        "application/x-javascript", "application/rtf", "application/x-tar", "application/sql",
        "application/x-sh", "application/postscript", "application/cbor", "application/x-tex",
        "application/vnd.ms-fontobject", "font/ttf", "font/otf", "font/collection", "image/bmp",
        "image/vnd.microsoft.icon", "model/obj", "model/stl", "message/rfc822",
        "application/graphql-response",
    };
    size_t size = strcspn(type, "; \t");
    if (bide__media_type_is_text(type) || ends_in(type, size, "+json") ||
        ends_in(type, size, "+xml"))
        return size != strlen("text/event-stream") ||
               strncasecmp(type, "text/event-stream", size) != 0;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strlen(others[i]) == size && strncasecmp(type, others[i], size) == 0)
            return true;
    return false;
}
