"""A list of URLs with Twisted: so many at a time, five seconds for each, tried again where that is
worth it, an error for each that fails, the others untouched.

    central_twisted.py URLS LIMIT
"""
import sys

from twisted.internet import defer, error, reactor, task
from twisted.web.client import Agent, HTTPConnectionPool, ResponseFailed, ResponseNeverReceived
from twisted.web.client import readBody

AGAIN = {408, 429, 500, 502, 503, 504}
LOST = error.ConnectError, error.ConnectionLost, ResponseFailed, ResponseNeverReceived


class BadStatus(Exception):
    pass


def is_cancelled(why):
    """Was it the time-out that ended the request?"""
    return any(each.check(defer.CancelledError) for each in getattr(why, "reasons", ()))


@defer.inlineCallbacks
def fetch(agent, url):
    for pause in 0.1, 0.2, None:
        try:
            response = yield agent.request(b"GET", url.encode())
            body = yield readBody(response)
            if response.code < 400:
                return body
            if pause is None or response.code not in AGAIN:
                raise BadStatus(f"status {response.code}")
        except LOST as why:
            if pause is None or is_cancelled(why):
                raise
        yield task.deferLater(reactor, pause)


def fetch_in_time(agent, url):
    return fetch(agent, url).addTimeout(5, reactor)


@defer.inlineCallbacks
def main(_reactor, path, limit):
    with open(path) as file:
        urls = file.read().split()
    pool = HTTPConnectionPool(reactor)
    pool.maxPersistentPerHost = limit
    agent, permits = Agent(reactor, pool=pool), defer.DeferredSemaphore(limit)
    results = yield defer.DeferredList([permits.run(fetch_in_time, agent, url) for url in urls],
                                       consumeErrors=True)
    yield pool.closeCachedConnections()
    failed = 0
    for url, (good, result) in zip(urls, results):
        if not good:
            print(f"{url}: {result.getErrorMessage()}")
            failed += 1
    print(f"Fetched {len(urls) - failed} of {len(urls)} URLs")
    if failed:
        sys.exit(1)


task.react(main, (sys.argv[1], int(sys.argv[2])))
