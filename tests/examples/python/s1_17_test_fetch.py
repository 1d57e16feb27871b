import asyncio
from jumping import now, run


async def fetch_data(url):
    await asyncio.sleep(1)
    return {"url": url, "data": "response"}


async def test_fetch_data():
    result = await fetch_data("https://api.example.com/test")
    assert result["url"] == "https://api.example.com/test"


async def test_concurrent_fetch():
    urls = [f"https://api.example.com/{i}" for i in range(10)]
    results = await asyncio.gather(*[fetch_data(url) for url in urls])
    print(f"{len(results)} results in {now():.1f} s")
    assert len(results) == 10

for test in test_fetch_data, test_concurrent_fetch:
    run(test())
    print(f"{test.__name__}: passed")
