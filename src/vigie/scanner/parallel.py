"""Long work in threads, so that the main thread can be interrupted: no signal is handled while it is inside Rust."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import TypeVar

Answer = TypeVar("Answer")


def run_all(work: Callable[[int], None], indices: Iterable[int], workers: int) -> None:
    """Runs `work` on each index, at most `workers` at once. The first failure, or an interrupt, is raised at once: what
    has not begun is dropped, and what runs is not waited for."""
    left = deque(indices)
    failures: list[BaseException] = []
    ended = threading.Semaphore(0)

    def crew() -> None:
        try:
            while True:
                try:
                    index = left.popleft()
                except IndexError:
                    return
                work(index)
        except BaseException as error:  # raised again where it is waited for
            failures.append(error)
        finally:
            ended.release()

    threads = [threading.Thread(target=crew, name=f"vigie-{number}") for number in range(min(len(left), workers))]
    try:
        for thread in threads:
            thread.start()
        for _ in threads:
            ended.acquire()
            if failures:
                raise failures[0]
    except BaseException:
        left.clear()
        raise


def interruptible(call: Callable[[], Answer]) -> Answer:
    """The answer of a call that may take long. An interrupt does not wait for its end."""
    answers: list[Answer] = []
    run_all(lambda _: answers.append(call()), [0], 1)
    return answers[0]
