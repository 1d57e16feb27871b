#!/usr/bin/env python3
"""bide url: what it prints for what is typed and pasted, and how it refuses."""
from tool import bide, equal, holds, main, test


def url(*words, **options):
    return bide("url", *words, **options)


def prints(words, *lines):
    done = url(*words)
    equal(done.err, b"")
    equal(done.status, 0)
    equal(done.out.decode().splitlines(), list(lines))


@test
def urls_are_printed_absolute_and_normal():
    prints(["example.org", "HTTP://A.b:80/x/../y z?q=a b#f", "https://[0::1]:443",
            "localhost:8080/x"],
           "http://example.org/", "http://a.b/y%20z?q=a%20b#f", "https://[::1]/",
           "http://localhost:8080/x")


@test
def references_are_joined_to_a_base():
    prints(["--base", "a.b/c/d?q", "e", "../f", "//g", "?h", "", "https://i"],
           "http://a.b/c/e", "http://a.b/f", "http://g/", "http://a.b/c/d?h", "http://a.b/c/d?q",
           "https://i/")


@test
def one_part_can_be_printed():
    prints(["--get", "host", "http://me@a:81/", "http://[::1]/"], "a", "::1")
    prints(["-gport", "a:81", "https://a"], "81", "443")
    prints(["-gquery", "a?", "a?x=1", "a"], "", "x=1", "")
    prints(["-guser", "http://a%0ab@c"], "a?b")


@test
def parameters_are_added_to_the_query():
    prints(["-a", "q=1 & 2", "--add=flag", "a?x=%41"], "http://a/?x=%41&q=1%20%26%202&flag")


@test
def what_is_no_url_is_told_and_the_rest_printed():
    done = url("http://a b/", "c", "ftp://d/", "http://me:secret@e:99999/")
    equal(done.status, 1)
    equal(done.out, b"http://c/\n")
    equal(done.err.decode().splitlines(), [
        "bide url: http://a b/: the URL has a space in it; write %20",
        "bide url: ftp://d/: the URL's scheme is neither http nor https",
        "bide url: http://e:99999/: the port is not a number from 1 to 65535"])


@test
def lines_come_from_standard_input():
    done = url("a", "-", "b", given=b"c\r\n\n  \nd e\nhttp://f/\0g\n#x\nlast")
    equal(done.status, 1)
    equal(done.out.decode().splitlines(), ["http://a/", "http://c/", "http://last/", "http://b/"])
    equal(done.err.decode().splitlines()[1:], [
        "bide url: http://f/?g: the URL has a control character in it",
        "bide url: #x: the URL has no host"])


@test
def a_line_without_end_is_refused_and_the_next_read():
    done = url("-", given=b"http://" + b"a" * 70000 + b"\nb\n")
    equal(done.status, 1)
    equal(done.out, b"http://b/\n")
    equal(done.err, b"bide url: line 1 is longer than 65535 bytes\n")
    done = url("-", given=b"c/" + b"a" * 20000)
    equal(done.status, 1)
    holds(done.err, "longer than 16384")


@test
def all_parts_are_one_object_for_programs():
    done = url("--json", "https://m%40e:pw@A:81/b c?q=1+2&q=%00&x#f", "d")
    first, second = done.lines()
    equal(first, {
        "input": "https://m%40e:pw@A:81/b c?q=1+2&q=%00&x#f",
        "url": "https://m%40e:pw@a:81/b%20c?q=1+2&q=%00&x#f", "scheme": "https", "user": "m@e",
        "password": "pw", "host": "a", "host_unicode": "a", "port": 81, "path": "/b%20c",
        "query": "q=1+2&q=%00&x", "fragment": "f", "origin": "https://a:81",
        "target": "/b%20c?q=1+2&q=%00&x", "params": [["q", "1 2"], ["q", "%00"], ["x", ""]]})
    equal(second["user"], None)
    equal(second["params"], [])


@test
def a_question_that_makes_no_sense_is_refused():
    for words, sentence in (
            ([], "no URL: name some, or - for the lines of standard input"),
            (["--get", "hots", "a"], "--get: no part is called hots"),
            (["--get", "host", "--json", "a"], "--get and --json do not go together"),
            (["--base", "ftp://a/", "b"],
             "--base: ftp://a/: the URL's scheme is neither http nor https")):
        done = url(*words)
        equal(done.status, 2)
        equal(done.out, b"")
        equal(done.err.decode(), f"bide url: {sentence} (see bide url --help)\n")


@test
def output_that_cannot_be_written_is_an_error():
    with open("/dev/full", "wb") as full:
        done = url("-", given=b"a\n" * 20000, stdout=full)
    equal(done.status, 1)
    holds(done.err, "standard output: No space left on device")


main()
