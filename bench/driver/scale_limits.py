"""How many there may be: descriptors and memory, raised where that is allowed."""
import contextlib
import resource

OWN_DESCRIPTORS = 64            # a process's beside those of its connections
NR_OPEN = "/proc/sys/fs/nr_open"


def raise_system_limit(wanted):
    """No process may have more than nr_open, whoever it is; root may raise that."""
    with contextlib.suppress(OSError, ValueError):
        with open(NR_OPEN) as file:
            if int(file.read()) >= wanted:
                return
        with open(NR_OPEN, "w") as file:
            file.write(str(wanted))


def raise_descriptors(wanted):
    """The limit for what is started from here: at least wanted, or as much as is allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise_system_limit(wanted)
        with contextlib.suppress(OSError, ValueError):          # only root may, and not everywhere
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
            return wanted
    limit = wanted if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, limit), hard))
    return max(soft, limit)


def available_bytes():
    with open("/proc/meminfo") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("MemAvail"))


def fitting(subject, numbers):
    """The numbers that this machine can bear, the largest made smaller where it must be, and a
    sentence about that or None."""
    wanted, most, why = max(numbers), max(numbers), ""
    if subject.descriptors:
        limit = raise_descriptors(wanted + OWN_DESCRIPTORS)
        if limit - OWN_DESCRIPTORS < most:
            most = limit - OWN_DESCRIPTORS
            why = f"a process may have {limit:,} descriptors here (ulimit -Hn)" + subject.otherwise
    if subject.needs_bytes * most > available_bytes() * 0.9:
        most = int(available_bytes() * 0.9 / subject.needs_bytes)
        why = "there is no memory for more"
    fit = sorted({min(n, most) for n in numbers})
    return fit, f"{subject.name}: {most:,} instead of {wanted:,}: {why}" if why else None
