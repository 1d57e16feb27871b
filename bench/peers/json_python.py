"""The documents of bench/json.c, parsed and written by Python's json (its C part).

Prints the same lines as that program. The collector of cycles is off: none are made.
"""
import gc
import json
import time

WORDS = "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "théta"


class Draw:
    state = 1

    def __call__(self, below):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        return (self.state >> 33) % below


draw = Draw()


def word():
    return WORDS[draw(8)]


def record(number):
    made = {"id": number, "active": draw(2) == 1, "balance": draw(500000) / 100,
            "mail": f"{word()}.{number}@example.com"}
    made["address"] = {"street": f"{draw(999)} {word()} street", "city": word()}
    made["tags"] = [word() for _ in range(4)]
    made["score"] = draw(1000000000) / 1e7
    made["parent"] = None if draw(3) else number // 3
    return made


def text():
    return "".join(word() + (" " if draw(50) else '.\n"') for _ in range(60))


def numbers():
    return [draw(2000000) - 1000000, draw(100000) / 1000, draw(2147483647) / 2147483647]


def measure(name, document):
    source = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    size = len(source.encode())
    turns = 2 if size > 100000 else 5000
    encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
    for what, function, argument in (("parse", json.loads, source),
                                     ("write", encoder.encode, document)):
        best = min(timed(function, argument, turns) for _ in range(3))
        print(f"json_{what}{name} {size * turns * 1e3 / best:.6g} MB/s", flush=True)


def timed(function, argument, turns):
    start = time.process_time_ns()
    for _ in range(turns):
        function(argument)
    return time.process_time_ns() - start


def main():
    gc.disable()
    measure("", [record(i) for i in range(45000)])
    measure("_small", [record(i) for i in range(3)])
    measure("_texts", [text() for _ in range(12000)])
    measure("_numbers", [number for _ in range(100000) for number in numbers()])


if __name__ == "__main__":
    main()
