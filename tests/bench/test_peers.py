#!/usr/bin/env python3
"""Tests of what bench-peers works out and writes: ratios, spread, budget, tables, pictures. TAP.

No program is measured here; the figures are in figures.py.
"""
import pathlib
import re
import sys
import time
import xml.etree.ElementTree as xml
from types import SimpleNamespace

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "bench"), str(pathlib.Path(__file__).resolve().parent)]

import figures                                              # noqa: E402
from driver import budget, children, choice, summary, turns         # noqa: E402
from page import pictures, scales, tables                   # noqa: E402


def rates():
    return figures.rows()[0]


def costs():
    return figures.rows()[1]


def a_ratio_is_the_median_of_the_rounds_ratios():
    assert rates()["contestants"]["bide"]["to_ceiling"] == 0.5      # of 0.5, 0.8 and 0.5
    assert rates()["contestants"]["slow"]["to_bide"] == 0.5         # of 0.5, 0.25 and 0.5


def more_than_one_is_better_for_times_too():
    assert costs()["contestants"]["cheap"]["to_bide"] == 1.625      # of 1.25 and 2
    assert costs()["contestants"]["bide"]["to_ceiling"] == 0.45


def where_there_is_no_ceiling_there_is_no_ratio_to_it():
    assert figures.rows()[2]["contestants"]["bide"]["to_ceiling"] is None


def the_spread_is_from_the_lowest_to_the_highest():
    assert summary.spread([3.0, 1.0, 2.0, 5.0, 4.0]) == [1, 2, 3, 4, 5]
    assert summary.spread([7.0]) == [7] * 5


def the_best_is_the_first_and_the_ceiling_is_none():
    assert summary.best_first(rates()) == ["bide", "slow"]
    assert summary.best_first(costs()) == ["cheap", "bide", "dear"]
    assert summary.best_peer(costs()) == "cheap"


def everybody_takes_turns():
    order = []

    def figures_of(name):
        order.append(name)
        return {"each": 1.0}
    turns.take_turns({"a": (), "b": ()}, 2, "row", figures_of)
    assert order == ["a", "b", "a", "b"]


def no_round_begins_after_the_time_but_one_is_made():
    made, _ = turns.take_turns({"a": ()}, 5, "row", lambda name: {"each": 1.0},
                               time.monotonic() - 1)
    assert made == {"a": {"each": [1.0]}}


def who_fails_once_has_no_figures_and_the_others_go_on():
    left = [3]

    def figures_of(name):
        left[0] -= 1
        if name == "a" and left[0] == 0:
            raise children.Failed("it broke")
        return {"each": 1.0}
    made, failed = turns.take_turns({"a": (), "b": ()}, 2, "row", figures_of)
    assert made == {"b": {"each": [1.0, 1.0]}} and failed == {"a": "it broke"}


def everybody():
    names = dict.fromkeys(["bide", "floor", "nginx", "h2o", "haproxy", "libmicrohttpd", "libuv",
                           "libevent", "go", "node", "aiohttp", "hyper"])
    return SimpleNamespace(servers=names, clients=dict.fromkeys(list(names)[:8]),
                           runtimes=dict.fromkeys(["st", "libuv", "go", "asyncio", "uvloop",
                                                   "tokio"]),
                           fetchers=dict.fromkeys(["libcurl", "curl", "go", "aiohttp"]))


def the_whole_run_takes_less_than_twenty_minutes_and_the_quick_one_less_than_two():
    for quick, rounds, limit in ((False, choice.ROUNDS, 1200), (True, choice.QUICK_ROUNDS, 120)):
        plan = budget.planned(choice.chosen(quick), everybody(), rounds)
        assert sum(plan) < 0.95 * limit, sum(plan)
    assert choice.LIMIT_SECONDS < 1200 and choice.QUICK_LIMIT_SECONDS < 120
    assert choice.ROUNDS >= 5


def those_that_cannot_do_a_row_are_not_in_its_budget():
    by_name = {each.row.name: each for each in choice.CHOICES}
    assert budget.taking_part(by_name["switch"], everybody()) == 7          # all but libuv
    assert budget.taking_part(by_name["server_plaintext"], everybody()) == 12
    assert budget.taking_part(by_name["ws_echo"], everybody()) == 5


def where_there_is_too_little_time_each_row_gives_its_part():
    assert budget.share([10, 20, 10], 1, 15) == 10
    assert budget.share([10, 20, 10], 2, 5) == 5


def a_row_may_take_more_where_there_is_time_to_spare():
    assert budget.share([10, 20, 10], 0, 40) == 10
    assert budget.share([10, 20, 10], 0, 42) == 12
    assert budget.share([10, 20, 10], 0, 100) == 15


def a_named_row_is_the_only_one():
    assert [each.row.name for each in choice.chosen(False, ["switch"])] == ["switch"]


def a_number_has_three_figures_that_matter():
    told = [scales.words_of(value) for value in (1244000, 43128, 999, 12.34, 0.3149)]
    assert told == ["1.24 M", "43,100", "999", "12.3", "0.315"]


def a_small_ratio_is_a_fraction():
    assert [scales.times(value) for value in (12.3, 1.234, 0.5, 0.0022, None)] == \
        ["12", "1.23", "0.50", "1/455", "–"]


def the_table_has_the_ceiling_and_then_all_by_rank():
    lines = tables.table_of(rates()).splitlines()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines
             if line.startswith("|")]
    assert cells[0] == ["", "requests/s", "lowest – highest", "to bide", "to the ceiling"]
    assert [row[0] for row in cells[2:]] == ["*ceiling*", "**bide**", "slow"]
    assert cells[3] == ["**bide**", "150", "100 – 200", "1.00", "0.50"]
    assert lines[-1] == "gone failed: exit 1: no <word>"


def a_peer_that_wins_is_told_and_one_that_is_as_good_is_not():
    assert tables.won_by_peers(figures.rows()) == "- switch (`switch`): cheap by 1.62×"
    assert tables.won_by_peers([rates()]) == "In no row of this run."


def the_glance_has_a_line_for_each_row():
    text = tables.at_a_glance(figures.rows())
    assert "| plain text | 150 requests/s | 250 | 0.50 | slow 50 | 2.00 |" in text
    assert len(text.splitlines()) == 2 + 3


def the_machine_and_what_is_missing_are_told():
    text = tables.machine(figures.results())
    assert "go 1.19.8" in text and "not measured: x (package y)" in text and "3 rounds" in text


def pictures_are_well_formed_and_the_same_each_time():
    made = pictures.all_of(figures.results(), figures.CURVES)
    assert set(made) == {"overview", "server", "runtime", "latency", "server-cost",
                         "growth-time"}
    assert made == pictures.all_of(figures.results(), figures.CURVES)
    for svg in made.values():
        xml.fromstring(svg)


def nothing_is_drawn_beyond_the_edges():
    for name, svg in pictures.all_of(figures.results(), figures.CURVES).items():
        root = xml.fromstring(svg)
        width, height = float(root.get("width")), float(root.get("height"))
        for part in root:
            for key, most in ("x", width), ("x1", width), ("x2", width), ("cx", width), \
                    ("y", height), ("y1", height), ("y2", height), ("cy", height):
                assert 0 <= float(part.get(key, 0)) <= most, (name, part.attrib)
            end = float(part.get("x", 0)) + float(part.get("width", 0))
            assert end <= width, (name, part.attrib)


def a_curve_leaves_out_what_has_no_logarithm():
    points = [[10, 0.0], [100, -3.0], [1000, None], [10000, 5.0], [100000, 6.0]]
    svg = pictures.all_of(figures.results(), {"curves": [{**figures.CURVES["curves"][0],
                                                         "points": points}]})["growth-time"]
    assert svg.count("<circle") == 2


def who_wakes_too_early_has_a_bar_of_no_length():
    early = {"bide": {"each": [-0.01, -0.02]}, "late": {"each": [1.0, 1.0]}}
    row = summary.make_row("lateness", figures.COST, early, {}, [])
    assert row["contestants"]["late"]["to_bide"] is None
    made = pictures.all_of({**figures.results(), "rows": [{**row, "group": "runtime"}]}, None)
    xml.fromstring(made["runtime"])


def a_picture_has_colours_for_light_and_dark():
    svg = pictures.all_of(figures.results(), None)["server"]
    light, dark = svg.split("@media (prefers-color-scheme: dark)")
    for kind in set(re.findall(r'class="([a-z-]+)"', svg)):
        assert f".{kind} {{" in light and f".{kind} {{" in dark, kind


TESTS = [value for value in list(globals().values())
         if callable(value) and getattr(value, "__module__", "") == "__main__"
         and value not in (rates, costs, everybody)]


def main():
    print(f"1..{len(TESTS)}")
    failed = 0
    for number, test in enumerate(TESTS, 1):
        name = test.__name__.replace("_", " ")
        try:
            test()
            print(f"ok {number} - {name}", flush=True)
        except Exception as why:                # noqa: BLE001 - whatever it is, it failed
            failed += 1
            print(f"not ok {number} - {name}\n# {type(why).__name__}: {why}", flush=True)
    sys.exit(failed > 0)


main()
