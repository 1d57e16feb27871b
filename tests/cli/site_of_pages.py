"""A site of 1,000 pages and more, the same each time, for `bide crawl` to be tried on.

Page n is /p/n.html (page 0 is /) and links to three others, so that all can be reached, on many
ways and in circles.  How it writes its links differs from page to page.  Some pages lead besides to
what is no ordinary page: redirects, broken links, other hosts, what robots.txt forbids, and so on.
`reachable()` says what a crawl must fetch, once each; FORBIDDEN what it must not ask for.
"""
import time

from servers import reply

PAGES = 1000
ROBOTS = (b"\xef\xbb\xbfUser-agent: other\nDisallow: /\n\n"
          b"User-agent: *\nDisallow: /private/*.html$\n")
FORBIDDEN = ("/private/", "/hidden/", "/never/")
HUGE = 600_000

# What page n links to besides the others: one of these, by n.
EXTRAS = {
    1: ("/redirect/{n}", ""), 2: ("/broken/{n}", ""), 3: ("/private/{n}.html", ""),
    4: ("/never/{n}", "rel='external nofollow'"), 5: ("/meta/{n}", ""), 6: ("/binary/{n}", ""),
    7: ("/huge/{n}", ""), 8: ("/slow/{n}", ""), 9: ("/error/{n}", ""), 10: ("/drop/{n}", ""),
    11: ("/header/{n}", ""), 12: ("/away/{n}", ""),
}


def path(n):
    return f"/p/{n}.html" if n else "/"


def neighbours(n):
    return [(2 * n + 1) % PAGES, (2 * n + 2) % PAGES, (7 * n + 3) % PAGES]


def extra(n):
    kind = n % 40
    return EXTRAS.get(kind)


def spelled(n, other, base):
    """The link from page n to another, in one of many ways."""
    name = path(other)
    relative = f"{other}.html" if other else "../"
    ways = {
        0: name, 1: relative if n else name, 2: base + name, 3: "//" + base[7:] + name,
        4: name + "#part", 5: f"\n {name}\t", 6: "/x/../y/.." + name,
        7: name.replace("p/", "%70/"), 8: "HTTP:" + base[5:] + name,
        9: relative,                    # these pages have a base
    }
    return ways[n % 10]


def page(n, base, elsewhere):
    head = "<base href='/p/q/../'>" if n % 10 == 9 else ""
    links = [f"<li><a href='{spelled(n, other, base)}'>to {other}</a>" for other in neighbours(n)]
    if extra(n):
        where, attributes = extra(n)
        links.append(f"<A {attributes} HREF=\"{where.format(n=n)}\">more</A>")
    links.append(f"<a href='{elsewhere}/{n}'>away</a><a href='mailto:a@b'>mail</a>"
                 "<a href='javascript:void(0)'>no</a><a name=x>none</a>"
                 "<svg><title>not this</title></svg>")
    return (f"<!doctype html><html><head><title>Page\n  {n} &amp;c</title>{head}</head>"
            f"<body><ul>{''.join(links)}</ul>{'filling ' * 40}</body></html>").encode()


def html(body, status="200 OK", headers=""):
    return reply(body, status, "Content-Type: text/html; charset=utf-8\r\n" + headers)


def answer(where, base, elsewhere):
    """The behaviour for one path, and how long it takes to begin."""
    if where == "/robots.txt":
        return reply(ROBOTS, headers="Content-Type: text/plain\r\n")
    if where == "/":
        return html(page(0, base, elsewhere))
    kind, _, name = where[1:].partition("/")
    hidden = f"<a href='/hidden/{name}'>hidden</a>".encode()
    n = int(name.removesuffix(".html")) if name.removesuffix(".html").isdigit() else 0
    if kind == "p":
        return html(page(n, base, elsewhere))
    if kind == "slow":
        time.sleep(0.2)
    answers = {
        "redirect": reply(b"", "302 Found", f"Location: ../target/{n}\r\n"),
        "away": reply(b"", "301 Moved Permanently", f"Location: {elsewhere}/moved\r\n"),
        "target": html(b"<title>target</title>"),
        "meta": html(b"<meta name=ROBOTS content='NoFollow'><title>meta</title>" + hidden),
        "header": html(b"<title>secret</title>" + hidden, headers="X-Robots-Tag: none\r\n"),
        "binary": reply(hidden, headers="Content-Type: application/octet-stream\r\n"),
        "huge": html(b"<title>huge</title>" + b"x" * HUGE + f"<a href='/end/{n}'>".encode()),
        "end": html(b"<title>end</title>"),
        "slow": html(b"<title>slow</title>"),
        "error": html(hidden, "500 Internal Server Error"),
    }
    return answers.get(kind) or html(hidden, "404 Not Found")


def behaviour(site, elsewhere):
    """What Server() takes; site() is the address of that server."""
    def behave(connection, head):
        where = head.split()[1].decode()
        if where.startswith("/drop/"):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                               b"Content-Length: 100\r\n\r\n<title>cut")
            return False
        return answer(where, site(), elsewhere)(connection, head)
    return behave


def reachable():
    """Every path that is to be fetched."""
    found = {path(n) for n in range(PAGES)}
    for n in range(PAGES):
        if not extra(n):
            continue
        where = extra(n)[0].format(n=n)
        if not where.startswith(FORBIDDEN):
            found.add(where)
        if where.startswith("/redirect/"):
            found.add(f"/target/{n}")
        if where.startswith("/huge/"):
            found.add(f"/end/{n}")
    return found
