import asyncio
from functools import wraps
from jumping import now, run


def retry(max_attempts=3, base_delay=1.0):
    def decorator(func):
        @wraps(func)
        async def wrapper(*args):
            for attempt in range(max_attempts):
                try:
                    return await func(*args)
                except Exception:
                    if attempt == max_attempts - 1:
                        raise
                    await asyncio.sleep(base_delay * 2 ** attempt)
        return wrapper
    return decorator


class Source:
    def __init__(self, down_for):
        self.down_for, self.tries, self.start = down_for, 0, now()


@retry(max_attempts=3, base_delay=1.0)
async def fetch_rates(source):
    source.tries += 1
    print(f"{now() - source.start:.0f} s: try {source.tries}")
    if source.tries <= source.down_for:
        raise ConnectionRefusedError(f"try {source.tries} was refused")
    return source.tries


async def fetch_patiently(down_for):
    try:
        print("result", await fetch_rates(Source(down_for)))
    except ConnectionRefusedError as error:
        print(f"failed: <words: {error}>")          # bide says how many attempts were made


async def main():
    await fetch_patiently(2)
    await fetch_patiently(9)

run(main())
