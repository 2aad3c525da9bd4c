"""Rows are the queue: no task carries a time, so that a lost broker costs seconds and never a reminder."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APPS = ("booking", "payments", "policies", "reminders", "config")
TIMES = {"eta", "countdown", "retry_backoff"}  # one that expires is a look that nobody needs any more
SENDING = {"apply_async", "send_task", "delay", "retry", "signature", "chord", "chain"}


def calls() -> Iterator[tuple[Path, ast.Call]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    yield path.relative_to(ROOT), node


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_no_task_carries_a_time_in_the_broker() -> None:
    found = list(calls())
    timed = [
        f"{path}:{call.lineno} {name_of(call)}({word.arg}=…)"
        for path, call in found
        for word in call.keywords
        if name_of(call) in SENDING and word.arg in TIMES
    ]

    assert timed == []
    assert len(found) > 1_000, "the code was read"


def test_tasks_take_no_arguments_that_could_grow_old() -> None:
    tasks = [
        (path.relative_to(ROOT), node)
        for app in APPS
        for path in sorted((ROOT / app).rglob("tasks.py"))
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef)
        and any("shared_task" in ast.dump(one) for one in node.decorator_list)
    ]

    assert len(tasks) >= 3
    assert [f"{path} {task.name}" for path, task in tasks if task.args.args or task.args.kwonlyargs] == []


@pytest.mark.parametrize("word", sorted(TIMES))
def test_a_time_would_be_found(word: str) -> None:
    """The negative control."""
    (call,) = [
        node for node in ast.walk(ast.parse(f"task.apply_async({word}=5)")) if isinstance(node, ast.Call)
    ]
    assert name_of(call) in SENDING
    assert call.keywords[0].arg in TIMES
