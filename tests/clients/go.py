#!/usr/bin/env python3
"""Go's net/http client, and gorilla's WebSocket client where Debian's package of it is there."""
import os
import pathlib
import shutil
import tempfile

from serving import Skip, bide_serve, equal, main, orchard, output_of, test
from certificates import authority

GOPATH = "/usr/share/gocode"            # where Debian puts packages
PATH = tempfile.TemporaryDirectory()

if not shutil.which("go"):
    print("1..0 # SKIP there is no Go here")
    raise SystemExit(0)


def build(name):
    """A program of one file, built without any network."""
    program = os.path.join(PATH.name, name)
    if not os.path.exists(program):
        source = pathlib.Path(__file__).with_name(name + ".go")
        output_of("go", "build", "-o", program, source, cwd=PATH.name,
                  env={**os.environ, "GO111MODULE": "off", "GOPATH": GOPATH, "GOPROXY": "off",
                       "GOFLAGS": "", "CGO_ENABLED": "0"})
    return program


def check_asking(*words):
    equal(output_of(build("asking"), *words).decode().splitlines(),
          ["get 200 HTTP/1.1", "length true 5000000", "chunked true [chunked]", "expect true",
           "head 200 0", "many 800 true"])


@test
def go_asks_in_each_way_and_uses_connections_again():
    with bide_serve("--echo", "--workers", "2") as server:
        check_asking(server.url)


@test
def go_asks_over_tls():
    made = authority()
    with bide_serve("--echo", "--tls", made.server) as server:
        check_asking(server.url, made.ca)


@test
def go_talks_over_websockets():
    if not os.path.isdir(f"{GOPATH}/src/github.com/gorilla/websocket"):
        raise Skip("there is no golang-github-gorilla-websocket-dev here")
    with bide_serve("--echo", "--deflate") as server:
        equal(output_of(build("talking"), server.url.replace("http", "ws")).decode().splitlines(),
              ["false 7 true", "true 7 true"])
    with orchard("--workers", 2) as server:
        equal(output_of(build("talking"), server.url.replace("http", "ws") + "/room").decode()
              .splitlines(), ["false 7 true", "true 7 true"])


main()
