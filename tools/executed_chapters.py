"""Execute the chapters side by side, each content once, and hand the results to the build.

A Sphinx extension.  An executed chapter is kept in ``_build/executed`` under a checksum of all that
its numbers can depend on: its code cells, every file of the package, the benchmark results, the
pinned versions.  A change in any of them gives another name, so an old number is never found.
A chapter that is not there is executed, on as many processes as there are cores.
If there are many, the kernels are compiled first (``compile_kernels.py``).  Its file is put
in place in one step when all cells ran: an interrupted build leaves nothing half written.

``executed_chapters.py`` does so without a build.
"""

import gc
import hashlib
import importlib.metadata
import json
import multiprocessing
import multiprocessing.connection
import os
import shutil
import sys
import tempfile
import traceback
from pathlib import Path

import compile_kernels
import nbformat
import yaml
from check_book import cores, toc_pages
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution

TIMEOUT = 600  # seconds per cell
KEPT = 3  # versions of each chapter
LIBRARIES = ("numpy", "scipy", "numba", "contourpy", "matplotlib", "pint", "ipywidgets", "myst-nb")
# what the cells of a chapter can read besides installed libraries
READ_BY_CHAPTERS = ("cedrag/**/*", "benchmarks/**/*", "chapters/**/*", "tests/data/**/*")
COMPILED = {".pyc", ".nbi", ".nbc"}
PROSE = {
    ".ipynb",
    ".md",
    ".bib",
    ".css",
    ".js",
    ".svg",
    ".png",
}  # in chapters/; the cells count apart
# what the pages depend on besides their sources; those Sphinx watches itself
BEHIND_THE_PAGES = ("tools/*.py", "_config.yml", "_toc.yml", "requirements.txt")


def checksum(root, patterns, *more):
    """Hexadecimal digits for the names and contents of all matching files, and for ``more``."""
    digest = hashlib.sha256(repr(more).encode())
    found = {path for pattern in patterns for path in Path(root).glob(pattern)}
    for path in sorted(found):
        name = path.relative_to(root)
        skipped = COMPILED | (PROSE if name.parts[0] == "chapters" else set())
        if path.is_file() and path.suffix not in skipped and "__pycache__" not in name.parts:
            digest.update(f"{name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def fingerprint(root):
    """Checksum of everything outside a chapter that its numbers can depend on."""
    versions = [(name, importlib.metadata.version(name)) for name in LIBRARIES]
    return checksum(root, (*READ_BY_CHAPTERS, "requirements.txt"), versions, sys.version)


def stored_name(path, notebook, outside):
    """File name of an executed chapter: other code cells, another name."""
    cells = [(c.source, c.metadata) for c in notebook.cells if c.cell_type == "code"]
    text = json.dumps([cells, notebook.metadata.get("kernelspec"), outside], sort_keys=True)
    return f"{path.stem}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.ipynb"


def chapters_of(root):
    """Paths of the notebooks that the table of contents names."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    paths = (root / f"{page}.ipynb" for page in toc_pages(toc))
    return [path for path in paths if path.is_file()]


# execution -------------------------------------------------------------------------------


def execute_one(source, target):
    """Execute ``source`` and put the result at ``target``; return the traceback of a failure."""
    notebook = nbformat.read(source, as_version=4)
    run = single_nb_execution(notebook, str(source.parent), TIMEOUT, allow_errors=False)
    if run.err is not None:
        return run.exc_string
    notebook.metadata["seconds"] = round(run.time, 2)
    with tempfile.NamedTemporaryFile("w", dir=target.parent, suffix=".part", delete=False) as part:
        nbformat.write(notebook, part)
    os.replace(part.name, target)
    return None


def report(source, target, answer):
    """What the process of one chapter does: send the traceback of a failure, or None."""
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)  # a kernel greets on stderr
    try:
        answer.send(execute_one(source, target))
    except Exception:
        answer.send(traceback.format_exc())
    except KeyboardInterrupt:
        pass


def compile_first(say=print):
    """Compile what chapters that start together would each compile."""
    say("compiling kernels")
    processes = compile_kernels.start()
    try:
        codes = [process.wait() for process in processes]
        if any(codes):
            raise RuntimeError("the kernels could not be compiled, see above")
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def execute_missing(wanted, jobs, say=print):
    """Execute every source whose target is missing; return {source: traceback} of failures.

    ``wanted`` are pairs (source, target).  The largest starts first: it is likely the longest.
    """
    waiting = [pair for pair in wanted if not pair[1].exists()]
    waiting.sort(key=lambda pair: pair[0].stat().st_size)
    if len(waiting) > jobs > 1:
        compile_first(say)
    # a fork has imported already what takes a second in each new process
    processes = multiprocessing.get_context("fork" if jobs > 1 else None)
    running, failures = {}, {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                source, target = waiting.pop()
                say(f"executing {source.name}")
                ours, theirs = processes.Pipe(duplex=False)
                process = processes.Process(target=report, args=(source, target, theirs))
                process.start()
                theirs.close()
                running[process.sentinel] = process, source, ours
            for sentinel in multiprocessing.connection.wait(running):
                process, source, ours = running.pop(sentinel)
                process.join()
                try:
                    problem = ours.recv()
                except EOFError:
                    problem = f"exit code {process.exitcode}"
                if problem:
                    failures[source] = problem
    finally:
        for process, _, _ in running.values():  # interrupted
            process.terminate()
            process.join()
    return failures


# the build -------------------------------------------------------------------------------


def hand_over(executed, folder):
    """Fill the jupyter-cache ``folder`` with executed notebooks, unless it holds just these."""
    contents = folder / "contents"
    names = "\n".join(path.name for path in executed)
    if contents.is_file() and contents.read_text() == names:
        return
    for old in folder.parent.glob("cache-*"):
        shutil.rmtree(old)
    book = get_cache(str(folder))
    for path in executed:
        notebook = nbformat.read(path, as_version=4)
        data = {"execution_seconds": notebook.metadata.pop("seconds")}
        bundle = CacheBundleIn(notebook, path.name, data=data)
        book.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    contents.write_text(names)  # last: an interrupted one is filled anew


def forget_old(store, executed):
    """Keep the latest few versions of each chapter, and of no other."""
    for chapter in {path.name.rpartition("-")[0] for path in store.glob("*.ipynb")}:
        versions = sorted(store.glob(f"{chapter}-*.ipynb"), key=lambda p: -p.stat().st_mtime)
        for path in versions[KEPT:]:
            if path not in executed:
                path.unlink()
    for part in store.glob("*.part"):
        part.unlink()


def provide(root, store, jobs):
    """Execute what is missing and return the folder that the build reads, or raise."""
    outside = fingerprint(root)
    store.mkdir(parents=True, exist_ok=True)
    wanted = [
        (path, store / stored_name(path, nbformat.read(path, as_version=4), outside))
        for path in chapters_of(root)
    ]
    failures = execute_missing(wanted, jobs)
    if failures:
        for source, text in sorted(failures.items()):
            print(f"\n===== {source.name} =====\n{text}", file=sys.stderr)
        names = ", ".join(sorted(source.name for source in failures))
        raise RuntimeError(f"chapters that did not run: {names}")
    executed = [target for _, target in wanted]
    folder = store / f"cache-{outside}"
    hand_over(executed, folder)
    forget_old(store, executed)
    return folder


def before(app, config):
    """Execute what is missing, and start from nothing if the last build was not sound."""
    gc.disable()  # the trees of the pages live as long as the build: to look through them is idle
    root, out = Path(app.srcdir), Path(app.outdir)
    sound = Path(app.doctreedir) / "sound"
    app.behind_the_pages = checksum(root, BEHIND_THE_PAGES)
    if not (sound.is_file() and sound.read_text() == app.behind_the_pages):
        for folder in (Path(app.doctreedir), out):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
    sound.unlink(missing_ok=True)
    folder = provide(root, out.parent / "executed", cores())
    config.nb_execution_mode = "cache"
    # a new name of this folder makes Sphinx read every page again
    config.nb_execution_cache_path = str(folder)


def write_side_by_side(app, env):
    """Write pages on all cores; not all extensions of jupyter-book can read them so."""
    app.parallel = cores()


def remove_leftovers(out, pages):
    """Remove what an earlier build wrote for pages that are gone, and their sources."""
    for path in [*out.glob("chapters/**/*.html"), *out.glob("_sources/chapters/**/*.*")]:
        name = path.relative_to(out).as_posix().removeprefix("_sources/")
        if name.partition(".")[0] not in pages:
            path.unlink()


def after(app, exception):
    if exception is None and app.builder.name == "html":
        remove_leftovers(Path(app.outdir), app.env.found_docs)


def conclude(app, exception):
    """Call the build sound if nothing was wrong: the next one may then trust its pages."""
    if exception is None and not app._warncount:  # noqa: SLF001 - Sphinx has no other count
        (Path(app.doctreedir) / "sound").write_text(app.behind_the_pages)


def setup(app):
    app.connect("config-inited", before, priority=400)
    app.connect("env-updated", write_side_by_side)
    app.connect("build-finished", after)
    app.connect("build-finished", conclude, priority=1000)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def main():
    root = Path(__file__).resolve().parent.parent
    try:
        provide(root, root / "_build" / "executed", cores())
    except RuntimeError as error:
        sys.exit(f"make book: {error}")


if __name__ == "__main__":
    main()
