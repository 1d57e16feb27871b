"""The tables of docs/benchmarks.md, and the one that bench-peers prints, from the JSON alone."""
from driver.summary import CEILING, best_first, best_peer
from page.scales import times, words_of

GROUPS = {"server": "Servers", "latency": "Latency of servers", "client": "Clients",
          "runtime": "Tasks, timers, threads", "memory": "Memory of connections"}
EVEN = 1.05                     # less than that is no difference


def names_of(row):
    """The ceiling, then all by rank."""
    return [CEILING] * (CEILING in row["contestants"]) + best_first(row)


def shown(name):
    return "**bide**" if name == "bide" else "*ceiling*" if name == CEILING else name


def range_of(entry):
    return f"{words_of(entry['low'])} – {words_of(entry['high'])}"


def cells(row, name):
    entry = row["contestants"][name]
    return [shown(name), words_of(entry["median"]), range_of(entry), times(entry["to_bide"]),
            times(entry["to_ceiling"])]


def markdown(lines, align):
    text = ["| " + " | ".join(line) + " |" for line in lines]
    text.insert(1, "| " + " | ".join(align) + " |")
    return "\n".join(text)


def table_of(row):
    """One row of the comparison as a table of its contestants."""
    head = ["", row["unit"], "lowest – highest", "to bide", "to the ceiling"]
    lines = [head] + [cells(row, name) for name in names_of(row)]
    text = f"**{row['title']}** (`{row['name']}`)\n\n"
    text += markdown(lines, ["---", "---:", "---:", "---:", "---:"])
    for name, why in row["failed"].items():
        text += f"\n\n{name} failed: {why}"
    return text


def in_groups(rows):
    return {group: [row for row in rows if row["group"] == group] for group in GROUPS}


def detailed(rows):
    """All tables, under a heading for each group."""
    return "\n\n".join("\n\n".join([f"### {GROUPS[group]}", *map(table_of, some)])
                       for group, some in in_groups(rows).items() if some)


def at_a_glance(rows):
    """A line for each row: bide, the ceiling, the best peer."""
    lines = [["what", "bide", "ceiling", "bide to the ceiling", "best peer", "bide to it"]]
    for row in rows:
        own, peer = row["contestants"].get("bide"), best_peer(row)
        if not own:
            continue
        ceiling = row["contestants"].get(CEILING)
        other = row["contestants"].get(peer)
        lines.append([
            row["title"], f"{words_of(own['median'])} {row['unit']}",
            words_of(ceiling["median"]) if ceiling else "–", times(own["to_ceiling"]),
            f"{peer} {words_of(other['median'])}" if other else "–",
            times(1 / other["to_bide"]) if other and other["to_bide"] else "–"])
    return markdown(lines, ["---", "---:", "---:", "---:", "---", "---:"])


def won_by_peers(rows):
    """Where somebody is better than bide by more than chance: never left out, and never by hand."""
    lines = []
    for row in rows:
        better = [f"{name} by {entry['to_bide']:.2f}×"
                  for name, entry in ((n, row["contestants"][n]) for n in best_first(row))
                  if name != "bide" and (entry["to_bide"] or 0) > EVEN]
        if better:
            lines.append(f"- {row['title']} (`{row['name']}`): {', '.join(better)}")
    return "\n".join(lines) or "In no row of this run."


def machine(results):
    where = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    missing = "; ".join(results["missing"])
    used = " and ".join(map(str, where["cores_used"]))
    return "\n".join([
        f"- {where['processor']}, {where['cores']} cores, {where['memory_gib']} GiB, "
        f"{where['system']}, Linux {where['kernel']}",
        f"- servers on core {used.split(' and ')[0]}, everything measured on the other; load "
        f"before the run {where['load']:g}" if len(set(where["cores_used"])) > 1 else
        f"- everything on one core; load before the run {where['load']:g}",
        f"- {results['rounds']} rounds{', --quick' if results['quick'] else ''}, "
        f"{results['seconds']} s",
        f"- versions: {versions}"] + ([f"- not measured: {missing}"] if missing else []))


def commands(rows):
    """What was started for each row, to be done by hand."""
    return "\n\n".join("\n".join([f"`{row['name']}`", "", "```", *row["commands"], "```"])
                       for row in rows)


def plain(rows):
    """For standard output."""
    lines = []
    for row in rows:
        lines.append(f"{row['name']} ({row['unit']}): {row['title']}")
        for name in names_of(row):
            entry = row["contestants"][name]
            who = "ceiling" if name == CEILING else name
            lines.append(f"  {who:14} {words_of(entry['median']):>10}  {range_of(entry):>20}"
                         f"  x bide {times(entry['to_bide']):>6}"
                         f"  x ceiling {times(entry['to_ceiling']):>6}")
        lines += [f"  {name:14} failed: {why}" for name, why in row["failed"].items()]
    return "\n".join(lines)


# ---- what the scale programs tell ---------------------------------------------------------------

def facts(scale):
    lines = [["what", "", ""]] + [[each["what"], words_of(each["value"]), each["unit"]]
                                  for each in scale.get("facts", [])]
    return markdown(lines, ["---", "---:", "---"]) if len(lines) > 1 else "–"


def loops(scale):
    lines = [["two loops on two cores", "one", "two", "unit", "speed-up"]]
    lines += [[each["name"], words_of(each["one"]), words_of(each["two"]), each["unit"],
               f"{each['speedup']:.2f}"] for each in scale.get("loops", [])]
    return markdown(lines, ["---", "---:", "---:", "---", "---:"]) if len(lines) > 1 else "–"
