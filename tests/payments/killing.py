"""`kill -9` of a real process between every two steps of its money's way.

The process is a fork of the test's: it does one act and is killed at its n-th step, whichever that is: before
or after a commit, before or after a request to the gateway. ``deaths`` goes through them all, one after the
other, until an act gets through alive."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

import stripe as stripe_library
from django.db import connections
from django.db.transaction import Atomic

from payments.gateways import stripe as gateway

MOST = 60


class Steps:
    """Counts the steps of this process and ends it at one of them, as ``kill -9`` does."""

    def __init__(self, deadly: int) -> None:
        self.deadly, self.count = deadly, 0

    def step(self) -> None:
        self.count += 1
        if self.count == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        """Every outermost transaction and every request is two steps: before and after."""
        leave, ask = Atomic.__exit__, stripe_library.RequestsClient.request

        def committed(atomic: Atomic, *how: Any) -> None:
            outermost = len(connections[atomic.using or "default"].atomic_blocks) == 1
            if outermost:
                self.step()
            leave(atomic, *how)
            if outermost:
                self.step()

        def asked(client: Any, *what: Any, **more: Any) -> Any:
            self.step()
            answer = ask(client, *what, **more)
            self.step()
            return answer

        Atomic.__exit__ = committed  # type: ignore[method-assign]
        stripe_library.RequestsClient.request = asked  # type: ignore[method-assign]


def dies(act: Callable[[], Any], *, at_step: int) -> bool:
    """Does ``act`` in a process of its own; True when it was killed before it was through."""
    connections.close_all()
    gateway._client.cache_clear()  # no socket is shared with the child
    child = os.fork()
    if child:
        _pid, how = os.waitpid(child, 0)
        assert os.WIFSIGNALED(how) or os.WEXITSTATUS(how) == 0, "the act itself failed"
        return os.WIFSIGNALED(how)
    code, _of_the_parent = 1, _unknown()
    try:
        steps = Steps(at_step)
        steps.watch()
        act()
        code = 0
    except BaseException as error:  # noqa: BLE001, the child must end here whatever happens
        print(repr(error), file=sys.stderr)
    finally:
        os._exit(code)


def _unknown() -> list[Any]:
    """Connections that the parent has open come along, and this process may meet one that the parent did not
    close: where a browser runs the parent has a second set, that of its event loop, which a child does not have.
    A killed child's transaction on such a one would stay open with its locks, for the parent lives. They are
    forgotten and not closed, since closing would speak to the server in the parent's name."""
    known = [connections[alias] for alias in connections]
    for alias in connections:
        del connections[alias]
    return known


def deaths(act: Callable[[int], Callable[[], Any]]) -> Iterator[int]:
    """Kills at the first step, then at the second, and so on; ``act(n)`` prepares the n-th case. Yields each
    number after its death, the last one after the act that lived."""
    for number in range(1, MOST):
        killed = dies(act(number), at_step=number)
        yield number
        if not killed:
            return
    raise AssertionError("it never got through")
