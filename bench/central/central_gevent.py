"""A list of URLs with gevent and requests: so many at a time, five seconds for each, tried again
where that is worth it, an error for each that fails, the others untouched.

    central_gevent.py URLS LIMIT
"""
from gevent import monkey
monkey.patch_all()

import sys                      # noqa: E402

import gevent.pool              # noqa: E402
import requests                 # noqa: E402

AGAIN = {408, 429, 500, 502, 503, 504}


def fetch(session, url):
    with gevent.Timeout(5):
        for pause in 0.1, 0.2, None:
            try:
                response = session.get(url)
                response.raise_for_status()
                return response.content
            except requests.HTTPError as why:
                if pause is None or why.response.status_code not in AGAIN:
                    raise
            except requests.ConnectionError:
                if pause is None:
                    raise
            gevent.sleep(pause)


def try_fetching(session, url):
    try:
        return fetch(session, url)
    except (requests.RequestException, gevent.Timeout) as why:
        return why


def main(path, limit):
    with open(path) as file:
        urls = file.read().split()
    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=limit))
    pool = gevent.pool.Pool(limit)
    results = pool.map(lambda url: try_fetching(session, url), urls)
    failed = 0
    for url, result in zip(urls, results):
        if isinstance(result, BaseException):
            print(f"{url}: {result}")
            failed += 1
    print(f"Fetched {len(urls) - failed} of {len(urls)} URLs")
    return failed > 0


sys.exit(main(sys.argv[1], int(sys.argv[2])))
