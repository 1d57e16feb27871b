"""What the three clients are asked, and what the server answers.

A case is a name, the replies by path ("*": any other), and what differs from a plain GET of "/".
In replies and URLs, {A} and {B} are two servers, "127.0.0.1:PORT".  `shows` says what is looked at
besides the result: a function of the requests that came.  `why` stands where bide does it
otherwise than one of the others."""
import gzip
import zlib


def reply(head, body=b"", status="200 OK"):
    lines = "".join(line + "\r\n" for line in head)
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode("latin-1") + body


def sized(body, *head):
    return reply([f"Content-Length: {len(body)}", *head], body)


def chunked(text):
    return reply(["Transfer-Encoding: chunked"], text)


def to(location, status="302 Found", *head):
    return reply([f"Location: {location}", "Content-Length: 0", *head], status=status)


def field(requests, name):
    """The values of a header in each request."""
    found = []
    for request in requests:
        lines = [line.split(":", 1) for line in request["head"].split("\r\n")[1:] if ":" in line]
        found.append(", ".join(value.strip() for key, value in lines
                               if key.lower() == name.lower()) or "none")
    return found


def methods(requests):
    return " then ".join(request["head"].split(" ", 1)[0] for request in requests)


def last(name):
    return lambda requests: f"{name}: {field(requests, name)[-1]}" if len(requests) > 1 \
        else "one request"


def count(requests):
    connections = len({request["connection"] for request in requests})
    return f"{len(requests)} requests, {connections} connections"


def lines(requests):
    return requests[-1]["head"].split("\r\n")[0] if requests else "nothing sent"


def host(requests):
    return field(requests, "Host")[-1] if requests else "nothing sent"


def case(name, replies, why="", **more):
    if isinstance(replies, bytes):
        replies = {"*": replies}
    return {"name": name, "replies": replies, "why": why, "method": "GET", "data": None,
            "headers": [], "user": None, "environment": {}, "urls": ["http://{A}/"],
            "close": True, "shows": None, "hangs_up": False, "text": False, **more}


HELLO = sized(b"hello")
ZIPPED = gzip.compress(b"hello" * 100, mtime=0)
BOMB = gzip.compress(bytes(64 << 20), 9, mtime=0)
RAW = zlib.compressobj(wbits=-15)
DEFLATED = RAW.compress(b"hello") + RAW.flush()
TWO = ["http://{A}/", "http://{A}/"]
STRICT = "two readers could see two messages here"

FRAMING = [
    case("body shorter than its length", reply(["Content-Length: 10"], b"hello")),
    case("chunked body without its end", chunked(b"5\r\nhello\r\n"),
         "all but the last chunk is not all"),
    case("no last line after the last chunk", chunked(b"5\r\nhello\r\n0\r\n")),
    case("body until the close", reply([], b"hello")),
    case("more bytes than the length", sized(b"hello").replace(b"5", b"4", 1),
         "the rest may be the answer to another request: the reply is suspect"),
    case("a length and chunks", reply(["Content-Length: 5", "Transfer-Encoding: chunked"],
                                      b"2\r\nno\r\n0\r\n\r\n"), STRICT),
    case("two lengths that differ", reply(["Content-Length: 5", "Content-Length: 3"], b"hello"),
         STRICT),
    case("two equal lengths", reply(["Content-Length: 5", "Content-Length: 5"], b"hello"),
         "said twice, but not in doubt (RFC 9110, 8.6)"),
    case("length \"5, 5\"", reply(["Content-Length: 5, 5"], b"hello"),
         "a length is a number; who writes lists has merged two replies"),
    case("length \"+5\"", reply(["Content-Length: +5"], b"hello"), "not a number to others"),
    case("length \"-5\"", reply(["Content-Length: -5"], b"hello")),
    case("chunk size \"0x5\"", chunked(b"0x5\r\nhello\r\n0\r\n\r\n"),
         "0 to some, 5 to others: " + STRICT),
    case("chunk size \"5 \"", chunked(b"5 \r\nhello\r\n0\r\n\r\n"),
         "blanks belong before an extension only (RFC 9112, 7.1.1)"),
    case("chunk lines in LF", chunked(b"5\nhello\n0\n\n"), STRICT),
    case("chunked twice", reply(["Transfer-Encoding: chunked, chunked"], b"0\r\n\r\n"), STRICT),
    case("Transfer-Encoding: identity", reply(["Transfer-Encoding: identity"], b"hello"),
         "no coding of HTTP/1.1 any more (RFC 9112): others ignore it, or do not"),
    case("chunks in HTTP/1.0", chunked(b"5\r\nhello\r\n0\r\n\r\n").replace(b"1.1", b"1.0", 1),
         "faulty framing (RFC 9112, 6.1)"),
    case("204 with a body", reply(["Content-Length: 2"], b"no", "204 No Content"),
         "half of the world reads those bytes as the next reply"),
    case("101 that nobody asked for", reply([], b"", "101 Switching Protocols"),
         "what follows is not HTTP"),
    case("17 interim replies", b"HTTP/1.1 103 Hints\r\n\r\n" * 17 + HELLO,
         "at most 16: a server could go on for ever"),
]
HEADS = [
    case("lines in LF", b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
         "RFC 9112 allows it, attacks use it, no server needs it"),
    case("folded header", reply(["X: a", " b", "Content-Length: 5"], b"hello"),
         "obsolete, and not seen as one line by all (RFC 9112, 5.2)"),
    case("space before a colon", reply(["Content-Length : 5"], b"hello"), STRICT),
    case("header without name", reply([": x", "Content-Length: 5"], b"hello"), "no header"),
    case("header without colon", reply(["hello", "Content-Length: 5"], b"hello"), "no header"),
    case("NUL in a value", reply(["X: a\0b", "Content-Length: 5"], b"hello"),
         "the value would end there in C"),
    case("CR in a value", reply(["X: a\rb", "Content-Length: 5"], b"hello"),
         "the end of a line to some"),
    case("Latin-1 in a value", reply(["X: \xe9", "Content-Length: 5"], b"hello")),
    case("HTTP/1.2", HELLO.replace(b"1.1", b"1.2", 1), "there is none; RFC 9110 would allow it"),
    case("HTTP/2.0 in HTTP/1's form", HELLO.replace(b"1.1", b"2.0", 1), "another protocol"),
    case("lower-case http/1.1", HELLO.replace(b"HTTP", b"http", 1), "RFC 9112, 2.3"),
    case("HTTP/0.9", b"hello"),
    case("an empty line first", b"\r\n" + HELLO, "left over from a reply before, or from nobody"),
    case("no reason", HELLO.replace(b"200 OK", b"200", 1)),
    case("status 20", HELLO.replace(b"200", b"20", 1), "no status"),
    case("150 headers", reply([f"X{i}: y" for i in range(150)] + ["Content-Length: 5"], b"hello"),
         "at most 100"),
    case("a header of 80 KB", reply(["X: " + "y" * 80000, "Content-Length: 5"], b"hello"),
         "at most 64 KiB"),
]
CODINGS = [
    case("gzip", sized(ZIPPED, "Content-Encoding: gzip")),
    case("gzip that is cut", sized(ZIPPED[:-9], "Content-Encoding: gzip"),
         "what is not whole is no result"),
    case("garbage behind gzip", sized(ZIPPED + b"garbage", "Content-Encoding: gzip"),
         "the body is not what it says"),
    case("text in Latin-1", sized(b"d\xe9j\xe0", "Content-Type: text/plain; charset=latin1"),
         "text is UTF-8, whatever it was; curl passes bytes on", text=True),
    case("text in a charset nobody knows",
         sized(b"d\xe9j\xe0", "Content-Type: text/plain; charset=x"),
         "taken for Windows-1252, as browsers do; aiohttp guesses", text=True),
    case("deflate without zlib's head", sized(DEFLATED, "Content-Encoding: deflate")),
    case("a coding nobody knows", sized(b"hello", "Content-Encoding: rot13"),
         "what cannot be decoded is not the body; `no_decoding` takes it as it is"),
    case("64 MiB of zeros in 64 KB", sized(BOMB, "Content-Encoding: gzip"),
         "more than 1000 times its size: `inflate_max`"),
]
REDIRECTS = [
    *[case(f"POST, {status}", {"/": to("/b", status), "*": HELLO}, method="POST", data="x",
           shows=methods, close=False)
      for status in ("301 Moved", "302 Found", "303 See Other", "307 Again", "308 Moved")],
    case("PUT, 301", {"/": to("/b", "301 Moved"), "*": HELLO}, method="PUT", data="x",
         shows=methods, close=False),
    case("to itself", to("/"), "a circle is told as one", shows=count, close=False),
    case("a user, to another origin", {"/": to("http://{B}/b"), "*": HELLO}, user="me:pw",
         shows=last("Authorization"), why="credentials stay with their origin"),
    case("Authorization header, to another origin", {"/": to("http://{B}/b"), "*": HELLO},
         headers=[["Authorization", "Bearer x"]], shows=last("Authorization"),
         why="credentials stay with their origin"),
    case("Cookie header, to another origin", {"/": to("http://{B}/b"), "*": HELLO},
         headers=[["Cookie", "a=b"]], shows=last("Cookie"),
         why="credentials stay with their origin; a port makes another"),
    case("Host header, to another origin", {"/": to("http://{B}/b"), "*": HELLO},
         headers=[["Host", "inside.example"]], shows=last("Host"),
         why="that name was for the first server"),
    case("a user in Location", {"/": to("http://me:pw@{B}/b"), "*": HELLO},
         shows=last("Authorization"), why="who asks is not for a server to say"),
    case("to file:", to("file:///etc/hostname"), shows=count),
    case("to a URL with a space", {"/": to("/a b"), "*": HELLO}, shows=lines, close=False),
]
PROXIED = {"environment": {"http_proxy": "http://{A}", "no_proxy": ""}, "close": False}
REQUESTS = [
    case("a line end in a header's value", HELLO, headers=[["X", "a\r\nY: b"]],
         shows=lambda requests: "Y: " + field(requests, "Y")[-1],
         why="would be a header of somebody else's choice"),
    case("a line end in a URL", HELLO, urls=["http://{A}/a\r\nX"], shows=lines),
    case("a space in a URL", HELLO, urls=["http://{A}/a b"], shows=lines,
         why="as a browser does"),
    case("dots in a path", HELLO, urls=["http://{A}/a/../b"], shows=lines),
    case("a user in a URL", HELLO, urls=["http://me:pw@{A}/"],
         shows=lambda requests: field(requests, "Authorization")[0]),
    case("two @ in a URL", HELLO, urls=["http://a@b@{A}/"], shows=lines,
         why="whose host it is depends on the reader"),
    case("a backslash in a URL's host", HELLO, urls=["http://{A}\\@other.invalid/"], shows=lines,
         why="whose host it is depends on the reader"),
    case("a name beyond ASCII", HELLO, urls=["http://b\xfccher.example/"], shows=host, **PROXIED),
    case("a sharp s in a name", HELLO, urls=["http://fa\xdf.example/"], shows=host,
         **PROXIED),
    case("proxy of the environment", HELLO, urls=["http://proxied.invalid/"], shows=host,
         why="like aiohttp, and other than curl, only if `trust_env` says so (the tool says so)",
         environment={"http_proxy": "http://{A}"}, plain_environment=True),
    case("no_proxy", HELLO, urls=["http://{A}/"], shows=lines,
         environment={"http_proxy": "http://127.0.0.1:1", "no_proxy": "127.0.0.1"}),
]
SESSIONS = [
    case("a cookie of an address", sized(b"hello", "Set-Cookie: a=b"), urls=TWO, close=False,
         shows=last("Cookie"), why="RFC 6265 knows cookies of addresses; curl keeps none unless "
         "told so, aiohttp none of addresses unless `unsafe`"),
    case("a cookie for co.uk", sized(b"hello", "Set-Cookie: a=b; Domain=co.uk"),
         urls=["http://a.co.uk/", "http://b.co.uk/"], shows=last("Cookie"),
         why="a public suffix is nobody's domain", **PROXIED),
    case("a cookie for the parent domain", sized(b"hello", "Set-Cookie: a=b; Domain=example.org"),
         urls=["http://a.example.org/", "http://b.example.org/"], shows=last("Cookie"),
         why="curl keeps none unless told so", **PROXIED),
    case("Keep-Alive: timeout=1", sized(b"hello", "Keep-Alive: timeout=1"), urls=TWO,
         close=False, shows=count, why="it will be closed before a request gets there"),
    case("kept, then closed", HELLO, urls=TWO, shows=count),
    case("closed while a GET is on its way", HELLO, urls=TWO, close=False, hangs_up=True,
         shows=count, why="nobody has answered, and a GET does no harm: once more"),
    case("closed while a POST is on its way", HELLO, urls=TWO, close=False, hangs_up=True,
         method="POST", data="x", shows=count,
         why="it may have been heard: only with `retry.all_methods`"),
]
AREAS = [("Where a body ends", FRAMING), ("Heads", HEADS), ("Content codings", CODINGS),
         ("Redirects", REDIRECTS), ("What is asked", REQUESTS),
         ("More than one request", SESSIONS)]
