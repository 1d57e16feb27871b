"""TechEmpower's routes with aiohttp and asyncpg on uvloop: te_aiohttp.py PORT DATABASE CONNECTIONS.

No access log, for none of the others writes one.
"""
import html
import random
import sys

import asyncpg
import uvloop
from aiohttp import web

SELECT = "select id, randomnumber from world where id = $1"
UPDATE = "update world set randomnumber = $1 where id = $2"
FORTUNES = "select id, message from fortune"
HEAD = "<!DOCTYPE html><html><head><title>Fortunes</title></head><body><table>" \
       "<tr><th>id</th><th>message</th></tr>"
FOOT = "</table></body></html>"


def random_id():
    return random.randint(1, 10000)


def count_of(request):
    """queries, as TechEmpower has it: what is no number is 1, and at most 500."""
    try:
        return min(max(int(request.query["queries"]), 1), 500)
    except (KeyError, ValueError):
        return 1


async def read_worlds(connection, count):
    statement = await connection.prepare(SELECT)
    return [await statement.fetchrow(random_id()) for _ in range(count)]


def as_json(row):
    return {"id": row["id"], "randomNumber": row["randomnumber"]}


async def serve_db(request):
    async with request.app["db"].acquire() as connection:
        row = await connection.fetchrow(SELECT, random_id())
    return web.json_response(as_json(row))


async def serve_queries(request):
    async with request.app["db"].acquire() as connection:
        rows = await read_worlds(connection, count_of(request))
    return web.json_response([as_json(row) for row in rows])


async def serve_updates(request):
    """In the order of their ids, so that two requests never wait for each other."""
    async with request.app["db"].acquire() as connection:
        rows = sorted(await read_worlds(connection, count_of(request)), key=lambda row: row["id"])
        changes = [(random_id(), row["id"]) for row in rows]
        await connection.executemany(UPDATE, changes)
    return web.json_response([{"id": id, "randomNumber": number} for number, id in changes])


async def serve_fortunes(request):
    async with request.app["db"].acquire() as connection:
        rows = await connection.fetch(FORTUNES)
    fortunes = [(row["id"], row["message"]) for row in rows]
    fortunes.append((0, "Additional fortune added at request time."))
    fortunes.sort(key=lambda fortune: fortune[1])
    table = "".join(f"<tr><td>{id}</td><td>{html.escape(message)}</td></tr>"
                    for id, message in fortunes)
    return web.Response(text=HEAD + table + FOOT, content_type="text/html")


def main(port, database, connections):
    async def with_pool(app):
        app["db"] = await asyncpg.create_pool(database, min_size=int(connections),
                                              max_size=int(connections))
        yield
        await app["db"].close()

    uvloop.install()
    app = web.Application()
    app.cleanup_ctx.append(with_pool)
    app.router.add_get("/db", serve_db)
    app.router.add_get("/queries", serve_queries)
    app.router.add_get("/updates", serve_updates)
    app.router.add_get("/fortunes", serve_fortunes)
    web.run_app(app, host="127.0.0.1", port=int(port), access_log=None, print=None, backlog=4096,
                keepalive_timeout=600)


main(*sys.argv[1:])
