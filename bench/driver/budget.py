"""How long a run of bench-peers takes, told before it begins, and kept to where it takes longer."""
from driver.measuring import run_client, run_fetch, run_runtime


def taking_part(choice, found):
    """How many contestants the row has."""
    own = 2                     # bide and the floor
    where = {run_runtime: found.runtimes, run_client: found.clients, run_fetch: found.fetchers}
    names = set(where.get(choice.run, found.servers)) - {"bide", "floor"}
    return own + len(names - getattr(choice.measure, "without", frozenset()))


def seconds_of(choice, contestants, rounds):
    return choice.start + choice.rounds(rounds) * contestants * choice.seconds


def planned(choices, found, rounds):
    """Seconds of each."""
    return [seconds_of(choice, taking_part(choice, found), rounds) for choice in choices]


def share(plan, position, seconds_left):
    """What the row at that position may take: half as much again as it should, if that leaves
    enough for those still to come; where there is too little for all, each gives its part."""
    own, spare = plan[position], seconds_left - sum(plan[position:])
    if spare < 0:
        return seconds_left * own / sum(plan[position:])
    return own + min(spare, own / 2)


def told(choices, plan, limit):
    """The budget as text."""
    lines = [f"{choice.row.name:22} {seconds:5.0f} s" for choice, seconds in zip(choices, plan)]
    return "\n".join(lines + [f"{'together, about':22} {sum(plan):5.0f} s; "
                              f"at {limit:.0f} s it ends with fewer rounds"])
