"""`kill -9` of a real process between every two steps of its money's way.

The process is a fork of the test's: it does one act and is killed after its n-th step, whichever that is: a
commit, a write without a transaction, an answer of the gateway. (To die before a commit is to have died after
the step before it: what was not committed is not there.) ``deaths`` goes through them all, one after the other,
until an act gets through alive."""

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
LONGEST = 120  # seconds: a fork of a process with threads may find a lock that nobody in it will ever open
WRITES = ("INSERT", "UPDATE", "DELETE")


class Steps:
    """Counts the steps of this process and ends it after one of them, as ``kill -9`` does."""

    def __init__(self, deadly: int) -> None:
        self.deadly, self.count = deadly, 0

    def step(self) -> None:
        self.count += 1
        if self.count == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        leave, ask = Atomic.__exit__, stripe_library.RequestsClient.request

        def committed(atomic: Atomic, *how: Any) -> None:
            outermost = len(connections[atomic.using or "default"].atomic_blocks) == 1
            leave(atomic, *how)
            if outermost:
                self.step()

        def asked(client: Any, *what: Any, **more: Any) -> Any:
            answer = ask(client, *what, **more)
            self.step()
            return answer

        def wrote(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            result = execute(sql, params, many, context)
            if not context["connection"].in_atomic_block and sql.startswith(WRITES):
                self.step()
            return result

        Atomic.__exit__ = committed  # type: ignore[method-assign]
        stripe_library.RequestsClient.request = asked  # type: ignore[method-assign]
        connections["default"].execute_wrappers.append(wrote)


def dies(act: Callable[[], Any], *, at_step: int) -> bool:
    """Does ``act`` in a process of its own; True when it was killed before it was through."""
    connections.close_all()
    gateway._client.cache_clear()  # no socket is shared with the child
    child = os.fork()
    if child:
        _pid, how = os.waitpid(child, 0)
        killed_by = os.WTERMSIG(how) if os.WIFSIGNALED(how) else 0
        assert killed_by != signal.SIGALRM, f"the act hung before step {at_step}"
        assert killed_by or os.WEXITSTATUS(how) == 0, "the act itself failed"
        return bool(killed_by)
    signal.alarm(LONGEST)
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
    """Kills after the first step, then after the second, and so on; ``act(n)`` prepares the n-th case. Yields each
    number after its death, the last one after the act that lived."""
    for number in range(1, MOST):
        killed = dies(act(number), at_step=number)
        yield number
        if not killed:
            return
    raise AssertionError("it never got through")
