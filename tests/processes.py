"""Several processes that run a task at the same time, as a server's workers do."""

import traceback
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any, Literal

TIMEOUT_S = 600

Method = Literal["spawn", "fork"]


def answers_of(method: Method, count: int, task: Callable[..., Any], *arguments: Any) -> list[Any]:
    """The task's result in each of `count` processes, which start it together. Raises if one of them fails."""
    context = get_context("spawn") if method == "spawn" else get_context("fork")
    ready, results = context.Barrier(count), context.Queue()
    processes = [context.Process(target=_work, args=(ready, results, task, arguments)) for _ in range(count)]
    for process in processes:
        process.start()
    responses = [results.get(timeout=TIMEOUT_S) for _ in processes]
    for process in processes:
        process.join(TIMEOUT_S)
    assert [process.exitcode for process in processes] == [0] * count
    assert [problem for _, problem in responses if problem] == []
    return [response for response, _ in responses]


def _work(ready: Any, results: Any, task: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        ready.wait(TIMEOUT_S)
        results.put((task(*arguments), ""))
    except BaseException:
        results.put((None, traceback.format_exc()))
