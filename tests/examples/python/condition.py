import asyncio
from jumping import now, run

shelf = 0


async def bake(lock, has_room, has_bread):
    global shelf
    for loaf in range(1, 7):
        async with lock:
            await has_room.wait_for(lambda: shelf < 3)
            shelf += 1
            print(f"{now():.1f} s: loaf {loaf}, {shelf} on the shelf")
            has_bread.notify()


async def buy(lock, has_room, has_bread, name, seconds):
    global shelf
    for _ in range(3):
        await asyncio.sleep(seconds)
        async with lock:
            await has_bread.wait_for(lambda: shelf > 0)
            shelf -= 1
            print(f"{now():.1f} s: {name} buys, {shelf} left")
            has_room.notify()


async def main():
    lock = asyncio.Lock()
    shared = lock, asyncio.Condition(lock), asyncio.Condition(lock)
    await asyncio.gather(bake(*shared), buy(*shared, "Ann", 1), buy(*shared, "Ben", 1.5))

run(main())
