"""What a user waits for: a diode, a curve of 200 fields, maps, an import, the first answer."""

import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np
from timing import Measured, in_turn, new_process, repeat

from cedrag import NATURAL, PAPER, GinzburgLandau

FIELDS = np.linspace(0.03, 6.0, 200)
MAP_AXIS = np.linspace(-0.5, 0.5, 201)  # about q0, in 1/l_u
SETS = {"PAPER": PAPER, "NATURAL": NATURAL}


def _efficiency(bilayer, rtol=1e-8):
    return GinzburgLandau(bilayer, 0.9, rtol=rtol).diode().efficiency


@cache
def _tighter(name):
    return _efficiency(SETS[name], rtol=1e-10)


def diode(name):
    """One diode() of a new theory, warm."""
    # a second altogether: longer than what the machine does beside it
    first, seconds, efficiency = repeat(lambda: _efficiency(SETS[name]), at_most=1000, budget=1.0)
    return Measured(
        seconds, abs(efficiency / _tighter(name) - 1.0), 1e-6, "rtol 1e-10", first=first,
        values={"efficiency": efficiency},
    )  # fmt: skip


def _at_fields(fields):
    return [_efficiency(PAPER.replace(zeeman_inplane=float(field))) for field in fields]


@cache
def _curves():
    """Seconds and eta(B) with one thread and with two, in turn so that both see one machine."""
    parts, eta, runs = np.array_split(FIELDS, 8), {}, 4  # long against waking a processor

    def one():
        for _ in range(runs):
            eta[1] = _at_fields(FIELDS)

    def two():
        for _ in range(runs):
            eta[2] = list(chain.from_iterable(pool.map(_at_fields, parts)))

    with ThreadPoolExecutor(2) as pool:
        return in_turn({1: one, 2: two}, rounds=7, work=runs), eta


def curve(threads=2):
    """eta at 200 fields."""
    seconds, eta = (by_threads[threads] for by_threads in _curves())
    some = range(7, len(FIELDS), 64)
    want = [_efficiency(PAPER.replace(zeeman_inplane=float(FIELDS[i])), 1e-10) for i in some]
    difference = float(np.abs(np.array(eta)[some] - want).max() / np.abs(eta).max())
    return Measured(seconds, difference, 1e-6, "rtol 1e-10 at 4 fields, relative to the largest")


def maps():
    """alpha, beta and F over 201 x 201 momenta at B = 3, as in the paper's figure 3."""
    q0 = GinzburgLandau(PAPER, 0.9).condensate().q0[0]
    qx, qy = np.meshgrid(q0 + MAP_AXIS, MAP_AXIS, indexing="ij")

    def run():
        theory = GinzburgLandau(PAPER, 0.9)
        return theory.alpha(qx, qy), theory.beta(qx, qy), theory.free_energy(qx, qy)

    first, seconds, (alpha, beta, _) = repeat(run, at_most=5)
    pick = np.random.default_rng(3).integers(0, qx.size, 12)
    tight = GinzburgLandau(PAPER, 0.9, rtol=1e-10)
    at = qx.ravel()[pick], qy.ravel()[pick]
    difference = max(
        np.abs(alpha.ravel()[pick] - tight.alpha(*at)).max() / np.abs(alpha).max(),
        np.abs(beta.ravel()[pick] - tight.beta(*at)).max() / np.abs(beta).max(),
    )
    return Measured(
        seconds, float(difference), 1e-7, "rtol 1e-10 at 12 momenta, relative to the largest",
        first=first,
    )  # fmt: skip


def scaling():
    """eta(B) on one core over eta(B) on two: a pure number, not seconds."""
    seconds, eta = _curves()
    difference = float(np.abs(np.array(eta[1]) - eta[2]).max() / np.abs(eta[1]).max())
    ratios = [one / two for one, two in zip(seconds[1], seconds[2], strict=True)]
    return Measured(ratios, difference, 1e-12, "one core")


# new processes -----------------------------------------------------------------------------

_CLOCK = "import time; start = time.perf_counter(); "
_FIRST = (
    _CLOCK + "import warnings; warnings.simplefilter('ignore'); "
    "from cedrag import PAPER, GinzburgLandau; "
    "eta = GinzburgLandau(PAPER, 0.9).diode().efficiency; "
    "print('[%r, %r]' % (time.perf_counter() - start, float(eta)))"
)
# VmHWM is the peak of this process alone; ru_maxrss begins with that of the process it came from
_MEMORY = """
import re, warnings
from pathlib import Path
from cedrag import PAPER, GinzburgLandau
import cedrag.condensate.diode, cedrag.condensate.oblique

def megabytes(entry):
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(entry + r":\\s*(\\d+)", status)[1]) / 1024

warnings.simplefilter("ignore")
before = megabytes("VmRSS")
eta = GinzburgLandau(PAPER, 0.9).diode().efficiency
print('[%r, %r]' % (megabytes("VmHWM") - before, float(eta)))
"""


def _in_new_processes(code, count, **environment):
    """What each of ``count`` new processes prints: a number, and eta of PAPER."""
    found = [json.loads(new_process(code, **environment)[1]) for _ in range(count)]
    eta = np.array([e for _, e in found])
    difference = float(np.abs(eta / _efficiency(PAPER) - 1.0).max())
    return Measured([x for x, _ in found], difference, 1e-12, "this process")


def first_diode():
    """From nothing imported to eta, in a new process, the compiled kernels on disk."""
    new_process(_FIRST)  # the disk knows them
    return _in_new_processes(_FIRST, 5)


def first_diode_uncompiled():
    """The same with an empty cache: everything is compiled, once after an installation."""
    with tempfile.TemporaryDirectory() as folder:
        return _in_new_processes(_FIRST, 1, NUMBA_CACHE_DIR=folder)


def memory():
    """Peak memory of a first diode() above that after the imports, in MB; None without /proc."""
    if not Path("/proc/self/status").exists():
        return None
    return _in_new_processes(_MEMORY, 3)


def import_time(statement="import cedrag"):
    """Import in a new process, without the start of Python itself."""
    code = _CLOCK + statement + "; took = time.perf_counter() - start; import cedrag; "
    code += "print('[%r, %r]' % (took, cedrag.PAPER.mu_e))"
    found = [json.loads(new_process(code)[1]) for _ in range(7)]
    difference = max(abs(mu - PAPER.mu_e) for _, mu in found)
    return Measured([took for took, _ in found], difference, 0.0, "mu_e of PAPER here")
