"""Time a function, cold and warm apart, and say on which machine."""

import os
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Measured:
    """Seconds of each repeat per unit of work, and what the run was compared with.

    ``difference`` is that of the computed values from ``compared_with``, relative unless the note
    says otherwise; a run fails if it is above ``tolerance``.
    """

    seconds: list
    difference: float
    tolerance: float
    compared_with: str
    first: float | None = None  # seconds of the first call, where it means something
    note: str = ""
    values: dict = field(default_factory=dict)

    def record(self, scale=1.0):
        """What is written down, in units of ``scale`` seconds."""
        numbers = sorted(s / scale for s in self.seconds)
        return {
            "median": statistics.median(numbers),
            "low": numbers[0],
            "high": numbers[-1],
            "repeats": len(numbers),
            "first": None if self.first is None else self.first / scale,
            "difference": float(self.difference),
            "tolerance": self.tolerance,
            "agrees": bool(self.difference <= self.tolerance),
            "compared_with": self.compared_with,
            "note": self.note,
            "values": {name: float(value) for name, value in self.values.items()},
        }


def once(function, clock=time.perf_counter):
    """Seconds and result of one call."""
    start = clock()
    result = function()
    return clock() - start, result


def repeat(function, *, at_most=60, budget=2.0, first=True):
    """First call, then warm calls until ``budget`` seconds are spent: first, seconds, result.

    Without ``first`` the first call counts as a warm one.
    """
    cold = once(function)[0] if first else None
    seconds = []
    while not seconds or (len(seconds) < at_most and sum(seconds) < budget):
        took, result = once(function)
        seconds.append(took)
    return cold, seconds, result


def in_turn(functions, *, rounds=60, work=1):
    """Warm seconds of several functions, one round after the other, so that all see one machine."""
    for function in functions.values():
        function()
    seconds = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            seconds[name].append(once(function)[0] / work)
    return seconds


def new_process(code, **environment):
    """Wall seconds of a new Python process and what it printed."""
    settings = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return once(
        lambda: (
            subprocess.run(
                [sys.executable, "-c", code],
                env=settings,
                capture_output=True,
                text=True,
                check=True,
                timeout=300,
            ).stdout
        )
    )


def _first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return (done.stdout.splitlines() or [""])[0]


def _processor():
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = {key.strip(): value.strip() for key, _, value in (s.partition(":") for s in lines)}
        return f"{names['model name']} (family {names['cpu family']}, model {names['model']})"
    except (OSError, KeyError):
        return platform.processor() or platform.machine()


def machine():
    """Processor, cores, operating system and versions."""
    import numba
    import numpy
    import scipy
    from llvmlite import binding

    return {
        "processor": _processor(),
        "llvm_target": binding.get_host_cpu_name(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "numba": numba.__version__,
        "scipy": scipy.__version__,
        "gcc": _first_line("gcc", "--version"),
    }


def commit():
    """The commit that was measured; with ``+`` if the package had uncommitted changes."""
    changed = _first_line("git", "status", "--porcelain", "--", "cedrag", "benchmarks/*.py")
    return (_first_line("git", "rev-parse", "--short", "HEAD") or "unknown") + "+" * bool(changed)
