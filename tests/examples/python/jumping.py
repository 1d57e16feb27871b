"""asyncio on a clock that jumps.

Whenever nothing is ready, time skips to the next timer, so a program that sleeps ten seconds
ends at once and still reads exactly ten seconds on loop.time().  Sockets get a moment of real
time before each jump: what was written on the loopback is read before any timer fires.
With CLOCK=real the programs take the time that they print.
"""
import asyncio
import os
import selectors

MOMENT = 0.03       # real seconds that bytes on the loopback may take


class JumpingSelector(selectors.DefaultSelector):
    def __init__(self):
        super().__init__()
        self.now = 0.0

    def select(self, timeout=None):
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None:
            return super().select(None)
        if len(self.get_map()) > 1:             # more than the loop's own wake-up pipe
            ready = super().select(MOMENT)
        if not ready:
            self.now += timeout
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self.jumping = JumpingSelector()
        super().__init__(self.jumping)

    def time(self):
        return self.jumping.now


def run(coroutine):
    real = os.environ.get("CLOCK") == "real"
    with asyncio.Runner(loop_factory=None if real else JumpingLoop) as runner:
        global begun
        begun = runner.get_loop().time()
        return runner.run(coroutine)


def now():
    """Seconds since run() began."""
    return asyncio.get_running_loop().time() - begun
