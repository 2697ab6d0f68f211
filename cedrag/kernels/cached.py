"""``njit`` whose compiled code is kept on disk, shared by all processes, and never out of date.

numba's own ``cache=True`` looks at one file at a time: a compiled caller stays when a function it
calls changes in another file.  And its index is read and written without a lock: of two processes
that compile one kernel for different arguments at once, one can file its code under the other's
signature.  Here

- the folder is named after the content of all kernel files and the version of the compiler, so
  that any edit starts a new folder;
- each signature has a file of its own, named after the signature and put in place in one step, so
  that there is no index to disagree about.

The folder lies in ``NUMBA_CACHE_DIR`` if that is set, else in the user's cache folder, else in a
private folder for temporary files.  Where none can be written, each process compiles for itself.
"""

import contextlib
import gc
import hashlib
import os
import pickle
import shutil
import stat
import sys
import tempfile
from functools import cache, cached_property
from pathlib import Path

import llvmlite
import numba
from numba.core import caching, config
from numba.core.registry import CPUDispatcher
from numba.core.runtime import rtsys
from numba.misc.appdirs import AppDirs

from .parts import Part

__all__ = ["cache_folder", "fingerprint", "formula", "njit"]

_HERE = Path(__file__).parent
KEPT = 8  # folders of earlier versions that stay beside the current one


def _sources():
    return sorted(_HERE.glob("*.py"))


def _state():
    """Names, sizes and times of the kernel files: cheap to read, different after an edit."""
    return [(s.name, (at := s.stat()).st_size, at.st_mtime_ns) for s in _sources()]


@cache
def fingerprint():
    """Sixteen hexadecimal digits for the content of all kernels and for what compiles them."""
    digest = hashlib.sha256()
    for source in _sources():
        digest.update(b"%s\0%s\0" % (source.name.encode(), source.read_bytes()))
    versions = (numba.__version__, llvmlite.__version__, sys.version)
    settings = (config.OPT, config.BOUNDSCHECK, config.DEBUGINFO_DEFAULT)
    digest.update(repr((versions, settings)).encode())
    return digest.hexdigest()[:16]


def _temporary():
    """This user's own folder for temporary files; OSError if somebody else made it."""
    folder = Path(tempfile.gettempdir()) / f"cedrag-{getattr(os, 'getuid', lambda: 'user')()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    # code is loaded from here, so nobody else may have put it there
    if hasattr(os, "getuid") and (
        not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022
    ):
        raise PermissionError(f"{folder} belongs to somebody else")
    return folder


def _candidates():
    if config.CACHE_DIR:
        yield lambda: Path(config.CACHE_DIR)
    yield lambda: Path(AppDirs("cedrag", appauthor=False).user_cache_dir)
    yield _temporary


@cache
def cache_folder():
    """Where the compiled code lies, or None if it cannot be kept."""
    for parent in _candidates():
        try:
            folder = parent() / f"cedrag-{fingerprint()}"
            new = not folder.exists()
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError:
            continue
        if new:
            forget_old(folder)
        return folder
    return None


def forget_old(current):
    """Remove all but the latest few folders of other versions."""

    def age(folder):
        try:
            return -folder.stat().st_mtime
        except OSError:  # another process removes it as well
            return 0.0

    others = [folder for folder in current.parent.glob("cedrag-*") if folder != current]
    for folder in sorted(others, key=age)[KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)


class _Locator(caching._CacheLocator):
    """Tells numba where the code of a kernel lies."""

    def __init__(self, line):
        self._line = line

    @classmethod
    def from_function(cls, py_func, py_file):
        return cls(py_func.__code__.co_firstlineno)

    def ensure_cache_path(self):
        os.makedirs(self.get_cache_path(), exist_ok=True)

    def get_cache_path(self):
        return str(cache_folder())

    def get_source_stamp(self):
        return fingerprint()

    def get_disambiguator(self):
        return str(self._line)


class _Codec(caching.CompileResultCacheImpl):
    _locator_classes = (_Locator,)


class _Files(caching.IndexDataCacheFile):
    """One file per signature and processor instead of numbered files and an index."""

    def _name_of(self, key):
        return f"{self._index_name[:-4]}.{hashlib.sha256(repr(key).encode()).hexdigest()[:24]}.nbc"

    def save(self, key, data):
        self._save_data(self._name_of(key), data)

    def load(self, key):
        try:
            return self._load_data(self._name_of(key))
        except (OSError, EOFError, pickle.UnpicklingError):
            return None  # not there, or cut short by a full disk


@cache
def _announce():
    """Say once in a process that it compiles, unless CEDRAG_QUIET is set: it takes a while."""
    if not os.environ.get("CEDRAG_QUIET"):
        print("cedrag: compiling kernels, once after an installation ...", file=sys.stderr)


class _KernelCache(caching.FunctionCache):
    _impl_class = _Codec

    def __init__(self, py_func):
        super().__init__(py_func)
        self._cache_file = _Files(self._cache_path, self._impl.filename_base, fingerprint())

    def load_overload(self, sig, target_context):
        # compiled code needs numba's memory manager only; its compiler would take 0.2 s and 30 MB
        rtsys.initialize(target_context)
        found = None
        with self._guard_against_spurious_io_errors():
            found = self._load_overload(sig, target_context)
        if found is None:
            _announce()
        return found

    def save_overload(self, sig, data):
        with contextlib.suppress(OSError):  # a full disk must not stop a computation
            super().save_overload(sig, data)


class _Kernel(CPUDispatcher):
    """A kernel that lets Ctrl-C through, and that other kernels take in as a part."""

    @cached_property
    def part(self):
        """What other kernels take in."""
        return Part(self)

    def get_call_template(self, args, kws):
        """What the part promises for arguments of these types."""
        return self.part.get_call_template(args, kws)

    def get_overload(self, sig):
        """The code of the part."""
        return self.part.get_overload(sig)

    def compile(self, sig):
        """Compile or load; the collector of garbage, which rests, would take a tenth of it."""
        collecting = gc.isenabled()
        gc.disable()
        try:
            return super().compile(sig)
        finally:
            if collecting:
                gc.enable()

    def __call__(self, *args, **kws):
        """Call; KeyboardInterrupt of a signal, at a fifth of a microsecond more.

        The signal waits until the compiled code is done and is then raised while numba builds the
        result, which makes a SystemError of it.
        """
        try:
            return super().__call__(*args, **kws)
        except SystemError as error:
            reason = error.__cause__
            while isinstance(reason, SystemError):
                reason = reason.__cause__
            if isinstance(reason, KeyboardInterrupt):
                raise reason from None
            raise


_SEEN = _state()
_FORMULAS = []  # numba refers to them weakly


def njit(**options):
    """Like :func:`numba.njit`; ``cache=True`` means the cache of this module."""
    cached = options.pop("cache", False)

    def compile_later(function):
        dispatcher = numba.njit(**options)(function)
        if isinstance(dispatcher, CPUDispatcher):  # not with the compiler switched off
            dispatcher.__class__ = _Kernel
        # with a kernel edited since the import, this process holds a mixture that has no name
        if cached and not config.DISABLE_JIT and cache_folder() is not None and _state() == _SEEN:
            dispatcher._cache = _KernelCache(function)
        return dispatcher

    return compile_later


def formula(**options):
    """A function that stays Python for numpy arrays and is compiled into kernels that call it."""

    def compile_later(function):
        dispatcher = numba.njit(**options)(function)
        if isinstance(dispatcher, CPUDispatcher):
            _FORMULAS.append(Part(dispatcher))
            _FORMULAS[-1].is_called_as(function)
        return function

    return compile_later
