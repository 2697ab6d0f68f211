"""Who computes the chunks: this process, one process per core, or a Dask cluster.

The local workers are fresh interpreters that read tasks from a pipe: nothing is forked, the main
module is not imported again, and kernels come compiled from the cache.  A worker that dies costs
only the chunk it had, which another one repeats.
"""

import contextlib
import importlib
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ..errors import missing_library
from .points import Block, Blueprint, compute
from .store import write_chunk

__all__ = ["Job", "Task", "run_here", "run_on_client", "run_on_cores"]

ATTEMPTS = 3  # on a chunk whose worker dies
_ENTRY = "from cedrag.sweeps.workers import serve; serve()"


@dataclass(frozen=True)
class Task:
    """One whole chunk.

    Attributes
    ----------
    index : tuple of int
    where : tuple of slice
    axes : tuple of ndarray

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag.sweeps.workers import Task
    >>> Task((0,), (slice(0, 2),), (np.array([0.5, 0.6]),)).shape
    (2,)
    """

    index: tuple[int, ...]
    where: tuple[slice, ...]
    axes: tuple[NDArray[np.float64], ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Points along each axis."""
        return tuple(len(axis) for axis in self.axes)


@dataclass(frozen=True)
class Job:
    """What every task of one sweep has in common.

    Attributes
    ----------
    blueprint : Blueprint
    names : tuple of str
    store : str or None
        Path to which the workers write; without it the results come back.

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag import NATURAL, GinzburgLandau
    >>> from cedrag.sweeps.points import Blueprint
    >>> from cedrag.sweeps.workers import Job, Task
    >>> plan = Blueprint(("q0",), NATURAL, 0.9, GinzburgLandau, {}, ("t",), "mu")
    >>> Job(plan, ("q0",), None)(Task((0,), (slice(0, 1),), (np.array([0.9]),))).status.tolist()
    [1]
    """

    blueprint: Blueprint
    names: tuple[str, ...]
    store: str | None

    def __call__(self, task: Task) -> Block | None:
        """Compute a chunk, and store it if there is a store."""
        block = compute(self.blueprint, self.names, task.axes)
        if self.store is None:
            return block
        write_chunk(self.store, task.where, block)
        return None


Done = tuple[Task, Block | None]


def run_here(job: Job, tasks: Iterable[Task]) -> Iterator[Done]:
    """Compute one chunk after the other in this process.

    Parameters
    ----------
    job : Job
    tasks : iterable of Task

    Yields
    ------
    tuple of Task and Block
        None in place of the block if it was stored.

    Examples
    --------
    >>> from cedrag.sweeps.workers import run_here
    >>> list(run_here(None, ()))
    []
    """
    for task in tasks:
        yield task, job(task)


# local workers ---------------------------------------------------------------------------


def _pickler() -> Callable[[Any], bytes]:
    """cloudpickle where it is, for functions of notebooks and scripts; dask brings it."""
    try:
        return importlib.import_module("cloudpickle").dumps
    except ModuleNotFoundError:
        return pickle.dumps


def serve() -> None:
    """Answer tasks from stdin on stdout until it closes: what a worker process runs.

    Examples
    --------
    It is started by :func:`run_on_cores`:

    >>> from cedrag.sweeps.workers import run_on_cores
    >>> list(run_on_cores(None, (), 2))
    []
    """
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the driver's to handle
    tasks, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what an observable prints must not get between the answers
    job = pickle.load(tasks)
    while True:
        try:
            task = pickle.load(tasks)
        except EOFError:  # the driver is gone
            return
        try:
            answer: Any = job(task)
        except BaseException as error:  # the driver raises it
            answer = _portable(error)
        pickle.dump(answer, answers)
        answers.flush()


def _portable(error: BaseException) -> BaseException:
    """``error`` itself if it survives a pipe, else its text."""
    try:
        return pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")


class _Worker:
    """A process that computes chunks."""

    def __init__(self, job: bytes) -> None:
        settings = {
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-c", _ENTRY], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=os.environ | settings,
        )  # fmt: skip
        self._say(job)

    @property
    def _pipes(self) -> tuple[BinaryIO, BinaryIO]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        return self.process.stdin, self.process.stdout  # type: ignore[return-value]

    def _say(self, message: bytes) -> None:
        with contextlib.suppress(BrokenPipeError):  # it died: no answer will come
            self._pipes[0].write(message)
            self._pipes[0].flush()

    def ask(self, task: Task) -> Any:
        """The answer; EOFError if the process dies."""
        self._say(pickle.dumps(task))
        try:
            return pickle.load(self._pipes[1])
        except (EOFError, pickle.UnpicklingError):  # cut short
            raise EOFError from None

    def ending(self) -> str:
        """How the process ended."""
        code = self.process.wait()
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def close(self, *, kill: bool = False) -> None:
        if kill:
            self.process.kill()
        for pipe in self._pipes:
            with contextlib.suppress(OSError):
                pipe.close()
        self.process.wait()


def run_on_cores(job: Job, tasks: Iterable[Task], workers: int) -> Iterator[Done]:
    """Compute chunks in ``workers`` processes; yields them as they are done.

    Parameters
    ----------
    job : Job
    tasks : iterable of Task
    workers : int

    Yields
    ------
    tuple of Task and Block

    Raises
    ------
    RuntimeError
        If workers end by themselves, for example because a library is missing there.
    Exception
        What a worker could not do with a chunk as a whole, such as OSError on a full disk.

    Examples
    --------
    >>> from cedrag.sweeps.workers import run_on_cores
    >>> list(run_on_cores(None, (), 2))
    []
    """
    waiting, lock = iter(tasks), threading.Lock()
    answers: queue.Queue[tuple[Task | None, Any]] = queue.Queue()
    dumped = _pickler()(job)
    stop = threading.Event()
    alive: set[_Worker] = set()

    def next_task() -> Task | None:
        with lock:
            return None if stop.is_set() else next(waiting, None)

    def start() -> _Worker:
        worker = _Worker(dumped)
        with lock:
            alive.add(worker)
        return worker

    def finish(worker: _Worker, *, kill: bool = False) -> None:
        with lock:
            alive.discard(worker)
        worker.close(kill=kill)

    def look_after() -> None:
        """One thread keeps one process busy."""
        try:
            worker: _Worker | None = None
            while (task := next_task()) is not None:
                for attempt in range(1, ATTEMPTS + 1):
                    worker = worker or start()
                    try:
                        answer = worker.ask(task)
                        break
                    except EOFError:
                        if stop.is_set():
                            return
                        ending = worker.ending()
                        finish(worker)
                        worker = None
                    if attempt == ATTEMPTS and ending.startswith("exit"):
                        # no signal: it could not start, or the observable leaves Python
                        raise RuntimeError(f"worker processes end with {ending}: see stderr")
                    if attempt == ATTEMPTS:
                        reason = f"the worker process died {ATTEMPTS} times (last: {ending})"
                        answer = Block.lost(job.names, task.shape, reason)
                answers.put((task, answer))
            if worker is not None:
                finish(worker)
            answers.put((None, None))
        except BaseException as error:  # a process that cannot be started
            answers.put((None, error))

    threads = [threading.Thread(target=look_after, daemon=True) for _ in range(workers)]
    try:
        for thread in threads:
            thread.start()
        left = len(threads)
        while left:
            task, answer = answers.get()
            if isinstance(answer, BaseException):
                raise answer
            if task is None:
                left -= 1
            else:
                yield task, answer
    finally:
        stop.set()
        with lock:
            rest = list(alive)
        for worker in rest:
            worker.process.kill()
        for thread in threads:
            thread.join()
        for worker in rest:
            worker.close()


# a cluster -------------------------------------------------------------------------------


def run_on_client(client: Any, job: Job, tasks: Iterable[Task]) -> Iterator[Done]:
    """Compute chunks on a Dask cluster, a few for each thread under way at a time.

    Parameters
    ----------
    client : distributed.Client
    job : Job
        Its store must be seen by the workers.
    tasks : iterable of Task

    Yields
    ------
    tuple of Task and Block

    Examples
    --------
    A cluster takes a second to start, so only the way of calling is shown:

    >>> from cedrag.sweeps.workers import run_on_client
    >>> run_on_client.__name__
    'run_on_client'
    """
    try:
        import distributed
    except ModuleNotFoundError as error:
        raise missing_library(error, "sweep") from None
    waiting = iter(tasks)
    threads = max(sum(client.nthreads().values()), 1)
    under_way: dict[Any, Task] = {}
    done = distributed.as_completed()

    def submit() -> None:
        task = next(waiting, None)
        if task is not None:
            future = client.submit(job, task, pure=False)
            under_way[future] = task
            done.add(future)

    try:
        for _ in range(4 * threads):
            submit()
        for future in done:
            task = under_way.pop(future)
            try:
                answer = future.result()
            except distributed.KilledWorker:
                answer = Block.lost(job.names, task.shape, "the worker processes died with it")
            submit()
            yield task, answer
    finally:
        for future in list(under_way):
            future.cancel()
