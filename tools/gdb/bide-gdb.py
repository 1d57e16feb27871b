"""bide in gdb: the tasks of a loop, and where each of them waits.

    (gdb) source /usr/local/share/bide/gdb/bide-gdb.py
    (gdb) bide-tasks            every task: number, name, where it was spawned, what it waits for
    (gdb) bide-bt 17            where task 17 waits; also by name ("worker") or address (0x7f...)
    (gdb) bide-bt all

The selected thread's loop is looked at; a thread's running task is what the ordinary "bt" shows.
The program is not touched: while a backtrace is printed, an unwinder tells gdb that the innermost
frame was called from where the task was left.  So a core file will do as well, if the system wrote
it (gdb's own generate-core-file leaves out what lies behind a guard; with BIDE_STACK_GUARD=mprotect
in the environment it does not).
It needs the library's debug information (-g), as gdb itself does.
"""
import gdb
import gdb.unwinder

SCOPE_GROUP, MEMBER_TASK = 16, 0
PLACES = {"i386:x86-64": ("rsp", "rbp", "rip"), "aarch64": ("sp", "x29", "pc")}


def places():
    name = gdb.selected_frame().architecture().name()
    if name not in PLACES:
        raise gdb.GdbError("bide's tasks are not known on " + name)
    return PLACES[name]


def text(value):
    return value.string() if value else "?"


def find_loop():
    """The selected thread's loop: its thread-local pointer, or a frame that has it at hand."""
    try:
        loop = gdb.parse_and_eval("bide__here")
        if loop:
            return loop
    except gdb.error:               # a core file without the thread library's help
        pass
    frame = gdb.newest_frame()
    while frame:
        for variable in ("l", "loop"):
            try:
                loop = frame.read_var(variable)
                if str(loop.type.unqualified()) == "struct loop *" and loop:
                    return loop
            except (ValueError, gdb.error):
                pass
        frame = frame.older()
    raise gdb.GdbError("this thread is not in bide_run()")


def tasks_of_group(group, depth):
    member = group["members"]
    for _ in range(int(group["count"])):
        if int(member["kind"]) == MEMBER_TASK:
            offset = gdb.parse_and_eval("(unsigned long)&((struct bide_task *)0)->member")
            address = int(member) - int(offset)
            yield from tasks_under(gdb.Value(address).cast(task_type()), depth)
        else:
            offset = gdb.parse_and_eval("(unsigned long)&((struct owned_group *)0)->member")
            owned = gdb.lookup_type("struct owned_group").pointer()
            inner = gdb.Value(int(member) - int(offset)).cast(owned)
            yield from tasks_of_group(inner["group"], depth)
        member = member["next"]


def tasks_under(task, depth):
    """The task, and those in the groups that it has open."""
    yield task, depth
    group_type = gdb.lookup_type("struct group").pointer()
    scope, base = task["scope"], task["base"].address
    while scope and int(scope) != int(base):
        if int(scope["timer"]["flags"]) & SCOPE_GROUP:
            yield from tasks_of_group(scope.cast(group_type).dereference(), depth + 1)
        scope = scope["parent"]


def task_type():
    return gdb.lookup_type("struct bide_task").pointer()


def all_tasks(loop):
    return tasks_of_group(loop["root"], 0)


def state(loop, task):
    if int(loop["current"]) == int(task):
        return "runs"
    wait = task["wait"]
    if not wait:
        return "ready to run"
    on = wait["on"] or wait["data"]
    since = (int(loop["looked_ns"]) - int(wait["since_ns"])) / 1e9
    return "waits for %s at %#x, %.1f s" % (text(wait["kind"]["what"]), int(on), max(since, 0))


def describe(loop, task, depth=0):
    return "%4d  %s%s (%s): %s" % (int(task["id"]), "  " * depth, text(task["name"]),
                                   text(task["site"]), state(loop, task))


def registers_of(task):
    """Where the task goes on: stack pointer, frame pointer, place."""
    context = task["context"]
    saved = int(context["sp"]), int(context["bp"]), int(context["ip"])
    if not 0 <= saved[2] - int(task["stack"]) < int(task["stack_size"]):
        return saved
    # built with -Dswitch=ucontext: ip points to what was saved
    machine = context["ip"].cast(gdb.lookup_type("ucontext_t").pointer())["uc_mcontext"]
    if "gregs" in machine.type.keys():
        return tuple(int(machine["gregs"][i]) for i in (15, 10, 16))
    return int(machine["sp"]), int(machine["regs"][29]), int(machine["pc"])


class FrameId:
    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


class Detour(gdb.unwinder.Unwinder):
    """While it is on, the innermost frame's caller is a task that waits."""

    def __init__(self):
        super().__init__("bide-task")
        self.enabled = False
        self.innermost = self.target = self.places = None

    def __call__(self, pending):    # must not ask for frames itself
        sp, _, pc = self.places
        here = tuple(int(pending.read_register(name)) for name in (sp, pc))
        if here != self.innermost:
            return None
        word = pending.read_register(sp).type
        info = pending.create_unwind_info(
            FrameId(gdb.Value(self.target[0] - 256).cast(word), gdb.Value(here[1]).cast(word)))
        for name, value in zip(self.places, self.target):
            info.add_saved_register(
                name, gdb.Value(value).cast(pending.read_register(name).type))
        return info

    def backtrace(self, registers):
        """gdb's own words for the task's frames, counted from 0."""
        self.places = sp, _, pc = places()
        newest = gdb.newest_frame()
        self.innermost = tuple(int(newest.read_register(name)) for name in (sp, pc))
        self.target = registers
        self.enabled = True
        gdb.invalidate_cached_frames()
        try:
            lines = gdb.execute("bt", False, True).splitlines()
        finally:
            self.enabled = False
            gdb.invalidate_cached_frames()
        while lines and not lines[0].startswith("#1 "):
            lines.pop(0)
        return [renumber(line) for line in lines]


def renumber(line):
    if not line.startswith("#"):
        return line
    number, rest = line[1:].split(" ", 1)
    return "#%-2d %s" % (int(number) - 1, rest.lstrip())


class BideTasks(gdb.Command):
    """List every task of the selected thread's loop: number, name, site, and what it waits for."""

    def __init__(self):
        super().__init__("bide-tasks", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        loop = find_loop()
        for task, depth in all_tasks(loop):
            print(describe(loop, task, depth))


class BideBt(gdb.Command):
    """Print where a task waits: bide-bt NUMBER | NAME | 0xADDRESS | all."""

    def __init__(self):
        super().__init__("bide-bt", gdb.COMMAND_STACK)
        self.detour = Detour()
        gdb.unwinder.register_unwinder(None, self.detour, replace=True)

    def invoke(self, argument, from_tty):
        loop, wanted, found = find_loop(), argument.strip(), False
        if not wanted:
            raise gdb.GdbError("bide-bt NUMBER | NAME | 0xADDRESS | all")
        for task, _ in list(all_tasks(loop)):
            names = "all", str(int(task["id"])), text(task["name"]), hex(int(task))
            if wanted in names:
                found = True
                self.print_one(loop, task)
        if not found:
            raise gdb.GdbError("there is no task " + wanted)

    def print_one(self, loop, task):
        print(describe(loop, task))
        if int(loop["current"]) == int(task):
            print(gdb.execute("bt", False, True), end="")
            return
        registers = registers_of(task)
        if registers[2] == int(gdb.parse_and_eval("(unsigned long)&bide__entry")):
            print("#0  not started yet")
        else:
            print("\n".join(self.detour.backtrace(registers)))


BideTasks()
BideBt()
