"""The pair kernel against the same arithmetic in C and in numpy: ns per (q, k) point.

The C program is compiled here, once with exp() of libmvec and once with the kernel's own
polynomial, each at 256 and 512 bits; the fastest is the limit.
"""

import ctypes
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import reference
from numba import njit
from timing import Measured, in_turn

from cedrag import PAPER
from cedrag.kernels import exponential, pair
from cedrag.pairing.integrals import PairIntegrals

FLAGS = ["-O3", "-march=native", "-ffast-math", "-fopenmp-simd", "-shared", "-fPIC"]
_NODES = 480  # six components of them stay in the first-level cache: arithmetic, not memory
_MOMENTA = 64  # a quarter of a millisecond in all: shorter than a time slice
_pointer = ctypes.POINTER(ctypes.c_double)


def _address(array):
    return array.ctypes.data_as(_pointer)


@cache
def problem():
    """Nodes over both Fermi seas, momenta, and the other arguments of the kernel."""
    rng = np.random.default_rng(1)
    r, angle = np.sqrt(rng.uniform(0.0, 60.0, _NODES)), rng.uniform(0.0, 2.0 * np.pi, _NODES)
    q = np.column_stack([np.linspace(-0.3, 0.9, _MOMENTA), np.full(_MOMENTA, 0.1)])
    integrals = PairIntegrals(PAPER, 0.9, 1e-8)
    model = (
        0.9,
        PAPER.band("e"),
        PAPER.band("h"),
        integrals.reference_energy,
        PAPER.reduced_mass,
    )
    return r * np.cos(angle), r * np.sin(angle), q, model


@njit(nogil=True, error_model="numpy")
def _numba_fill(q, kx, ky, T, e_band, h_band, E_ref, m_r, f):
    for j in range(len(q)):
        pair.fill_block(
            kx, ky, q[j, 0], q[j, 1], T, e_band, h_band, E_ref, m_r,
            f[0], f[1], f[2], f[3], f[4], f[5],
        )  # fmt: skip


def with_numba(q, f):
    """Fill ``f`` (6, n) for each q in turn."""
    kx, ky, _, model = problem()
    _numba_fill(q, kx, ky, *model, f)


def with_numpy(q, f):
    """The same with :mod:`reference`, all momenta at once; the last one stays in ``f``."""
    kx, ky, _, model = problem()
    f[:] = reference.integrands(kx, ky, q[:, :1], q[:, 1:], *model)[:, -1]


def _compile(folder, name, flags):
    library = folder / f"{name}.so"
    source = Path(__file__).with_name("pair_kernel.c")
    subprocess.run(
        ["gcc", *FLAGS, *flags, "-o", library, source, "-lmvec", "-lm"], check=True, timeout=120
    )
    return ctypes.CDLL(str(library))


def _caller(library):
    kx, ky, _, (T, e_band, h_band, E_ref, m_r) = problem()
    tables = [np.array(a, dtype=float) for a in (e_band, h_band, pair.U_SERIES, pair.V_SERIES)]
    nodes = ctypes.c_ssize_t(len(kx)), _address(kx), _address(ky)
    energy, mass = ctypes.c_double(E_ref), ctypes.c_double(m_r)

    def fill(q, f):
        e, h, U, V = (_address(table) for table in tables)
        library.fill_all(
            ctypes.c_ssize_t(len(q)), _address(q), *nodes, ctypes.c_double(T), e, h, energy, mass,
            U, V, _address(f),
        )  # fmt: skip

    return fill


@cache
def c_programs():
    """Name -> function(q, f) of each compiled variant; empty without gcc."""
    if shutil.which("gcc") is None:
        return {}
    table = [f"-DE_{n}={c!r}" for n, c in enumerate(exponential.EXP_SERIES)]
    ways = {
        "libmvec": [],
        "polynomial": ["-DPOLYNOMIAL_EXP", "-fno-associative-math", *table],
    }
    with tempfile.TemporaryDirectory() as folder:
        return {
            f"C, {way}, {bits} bit": _caller(
                _compile(
                    Path(folder),
                    f"{way}{bits}",
                    [*flags, f"-mprefer-vector-width={bits}"],
                )
            )
            for way, flags in ways.items()
            for bits in (256, 512)
        }


def relative(got, want):
    """Largest difference relative to each component, not below 1/1000 of its largest value.

    The components change sign, and there a relative difference means nothing.
    """
    floor = 1e-3 * np.abs(want).max(axis=1, keepdims=True)
    return float((np.abs(got - want) / np.maximum(np.abs(want), floor)).max())


@cache
def _times(threads):
    kx, _, q, _ = problem()
    rounds = 300
    if threads > 1:  # long against handing over the work
        q, rounds = np.tile(q, (40, 1)), 40
    portions = [np.ascontiguousarray(part) for part in np.array_split(q, threads)]
    buffers = [np.empty((6, len(kx))) for _ in portions]
    with ThreadPoolExecutor(threads) as pool:

        def task(fill):
            if threads == 1:
                return lambda: fill(portions[0], buffers[0])
            return lambda: list(pool.map(fill, portions, buffers))

        fills = {"numba": with_numba, **c_programs()}
        tasks = {name: task(fill) for name, fill in fills.items()}
        return in_turn(tasks, rounds=rounds, work=len(kx) * len(q))


def _difference():
    """Largest difference of numba from the C programs, at a few momenta."""
    kx, _, q, _ = problem()
    got, want, worst = np.empty((6, len(kx))), np.empty((6, len(kx))), 0.0
    for one in np.array_split(q, len(q))[:: len(q) // 7]:
        with_numba(one, got)
        for fill in c_programs().values() or [with_numpy]:
            fill(one, want)
            worst = max(worst, relative(got, want))
    return worst


def _measured(seconds, note=""):
    with_what = "C" if c_programs() else "numpy (no gcc here)"
    return Measured(seconds, _difference(), 1e-12, with_what, note=note)


def numba_kernel(threads=1):
    """The kernel that the package uses."""
    return _measured(_times(threads)["numba"])


def gain():
    """One thread over two, in turn, the same work: a pure number."""
    kx, _, q, _ = problem()
    q = np.tile(q, (400, 1))  # a tenth of a second: long against waking a processor
    halves = np.array_split(q, 2)
    buffers = np.empty((2, 6, len(kx)))
    with ThreadPoolExecutor(2) as pool:
        seconds = in_turn(
            {
                1: lambda: with_numba(q, buffers[0]),
                2: lambda: list(pool.map(with_numba, halves, buffers)),
            },
            rounds=12,
        )
    return _measured([one / two for one, two in zip(seconds[1], seconds[2], strict=True)])


def c_limit(threads=1):
    """The fastest of the C programs; None without gcc."""
    seconds = {name: s for name, s in _times(threads).items() if name != "numba"}
    if not seconds:
        return None
    best = min(seconds, key=lambda name: np.median(seconds[name]))
    return _measured(seconds[best], note=best.removeprefix("C, "))


def c_libmvec():
    """The C program that calls libmvec, at its better vector width."""
    seconds = [s for name, s in _times(1).items() if "libmvec" in name]
    return _measured(min(seconds, key=np.median)) if seconds else None


def numpy_kernel():
    """The same integrands, vectorised with numpy."""
    kx, _, q, _ = problem()
    some = q[::4].copy()
    got, want = np.empty((6, len(kx))), np.empty((6, len(kx)))
    seconds = in_turn({"numpy": lambda: with_numpy(some, got)}, rounds=9, work=len(kx) * len(some))
    with_numba(some[-1:], want)
    return Measured(seconds["numpy"], relative(want, got), 1e-11, "numba")


def mesh_path():
    """A whole warm evaluation: kernel, sums over panels and rays, error estimates."""
    integrals = PairIntegrals(PAPER, 0.9, 1e-8)
    q = np.column_stack([np.linspace(0.24, 0.26, 200), np.zeros(200)])
    integrals.evaluate(q)
    (mesh, *_), *more = integrals.meshes
    work = len(q) * mesh.size
    seconds = in_turn({"mesh": lambda: integrals.evaluate(q)}, work=work)["mesh"]
    value, _, scale = integrals.evaluate(q)
    wider = PairIntegrals(PAPER, 0.9, 1e-10).evaluate(q[::20])[0]
    difference = float((np.abs(value[::20] - wider) / scale[::20]).max())
    note = f"{mesh.size} nodes" + (f", {len(more)} more meshes" if more else "")
    return Measured(seconds, difference, 1e-8, "rtol 1e-10, relative to the L1 norm", note=note)
