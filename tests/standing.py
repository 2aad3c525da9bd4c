"""`manage.py` for a product that runs: a process that stands by and does one command after the other, for starting
Python and Django takes longer than most of what they do.

    python -m tests.standing

A line of JSON asks, {"arguments": ["sweep"], "stdin": ""}, and a line answers, {"code", "stdout", "stderr"}.
"""

import io
import json
import os
import select
import subprocess
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from config.children import die_with_parent

ROOT = Path(__file__).parent.parent
PATIENCE = 120
Answer = dict[str, Any]


class Standing:
    """One such process; `environment` is its product's."""

    def __init__(self, environment: dict[str, str], *, log: Path) -> None:
        with log.open("ab") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.standing"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                preexec_fn=die_with_parent,
            )

    def do(self, arguments: tuple[str, ...], stdin: str) -> Answer:
        """What the command printed, and its exit code."""
        process = self._process
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps({"arguments": arguments, "stdin": stdin}).encode() + b"\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], PATIENCE)[0]:
            raise AssertionError(f"manage.py {arguments} took longer than {PATIENCE} s")
        if not (answer := process.stdout.readline()):
            raise AssertionError(
                f"manage.py {arguments} ended with {process.wait(PATIENCE)} and said nothing"
            )
        return dict(json.loads(answer))

    def end(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=PATIENCE)


def main() -> None:
    import config

    sys.argv = ["manage.py"]  # settings look at the name
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    config.use_pinned_zones()
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)  # nothing but answers goes out by the pipe
        for line in sys.stdin:
            asked = json.loads(line)
            answers.write(json.dumps(_done(asked["arguments"], asked["stdin"])) + "\n")
            answers.flush()


def _done(arguments: list[str], stdin: str) -> Answer:
    from django.core.management import execute_from_command_line

    said, wrong, code, own = io.StringIO(), io.StringIO(), 0, sys.stdin
    with redirect_stdout(said), redirect_stderr(wrong):
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin.encode()))
        try:
            execute_from_command_line(["manage.py", *arguments])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except Exception:  # noqa: BLE001, whatever it is, the asker is told
            traceback.print_exc()
            code = 1
        finally:
            sys.stdin = own
    return {"code": code, "stdout": said.getvalue(), "stderr": wrong.getvalue()}


if __name__ == "__main__":
    main()
