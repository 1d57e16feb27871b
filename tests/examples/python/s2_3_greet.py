from jumping import run


async def greet(name):
    return f"Hello, {name}"

print(run(greet("Alice")))
