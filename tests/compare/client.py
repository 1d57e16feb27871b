"""aiohttp's side of tests/compare/run: reads what to ask for as JSON, and prints as JSON a list of
[status, body in hex] or [null, sentence], one for each URL, all by one session."""
import asyncio
import json
import sys

import aiohttp


async def ask(session, wish, url):
    auth = aiohttp.BasicAuth(*wish["user"].split(":")) if wish["user"] else None
    try:
        async with session.request(wish["method"], url, data=wish["data"], auth=auth,
                                   headers=dict(wish["headers"])) as r:
            body = (await r.text()).encode() if wish["text"] else await r.read()
            return [r.status, body[:100].hex()]
    except Exception as error:      # whatever it is, it is what a user would see
        return [None, f"{type(error).__name__}: {error}"]


async def main():
    wish = json.load(sys.stdin)
    timeout = aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=wish["environment"]) as session:
        print(json.dumps([await ask(session, wish, url) for url in wish["urls"]]))


asyncio.run(main())
