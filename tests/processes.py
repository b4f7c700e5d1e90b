"""Several processes that do one thing at the same time, as a server's workers do."""

import traceback
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any, Literal

TIMEOUT_S = 120

Method = Literal["spawn", "fork"]


def answers_of(method: Method, count: int, task: Callable[..., Any], *arguments: Any) -> list[Any]:
    """What the task gives in each of so many processes, which begin it together. A failure in one is raised here."""
    context = get_context("spawn") if method == "spawn" else get_context("fork")
    ready, told = context.Barrier(count), context.Queue()
    processes = [context.Process(target=_work, args=(ready, told, task, arguments)) for _ in range(count)]
    for process in processes:
        process.start()
    responses = [told.get(timeout=TIMEOUT_S) for _ in processes]
    for process in processes:
        process.join(TIMEOUT_S)
    assert [process.exitcode for process in processes] == [0] * count
    assert [problem for _, problem in responses if problem] == []
    return [response for response, _ in responses]


def _work(ready: Any, told: Any, task: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        ready.wait(TIMEOUT_S)
        told.put((task(*arguments), ""))
    except BaseException:
        told.put((None, traceback.format_exc()))
