"""Long computations: computed once, kept as small data, recomputed in part at every build.

``results.py [NAME ...]`` computes what is missing or was computed by other code.
``results.py --check`` recomputes a random sample of the kept points and fails if one differs.

A computation is a file ``results/NAME.py`` with ``POINTS`` (a list of flat dictionaries),
``TOLERANCE`` (computed column -> (relative, absolute)) and ``compute(point)``, which returns one
plain number for each column of ``TOLERANCE``.  Its numbers go to ``cedrag/data/results/NAME.json``;
:func:`cedrag.paper.stored.stored` reads them.
"""

import argparse
import ast
import datetime
import hashlib
import importlib.metadata
import importlib.util
import json
import math
import multiprocessing
import os
import random
import sys
import time
import warnings
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUDGET = 8.0  # s of one build for the sample, by the times that were measured when computing
AGAIN = 1.5  # s, if neither the code nor the numbers changed since the last sound check
LIBRARIES = ("numpy", "scipy", "numba")


class Computation:
    """One file of ``results/`` and where its numbers lie."""

    def __init__(self, name, root=ROOT):
        self.name, self.root = name, Path(root)
        self.source = self.root / "results" / f"{name}.py"
        self.data = self.root / "cedrag" / "data" / "results" / f"{name}.json"
        spec = importlib.util.spec_from_file_location(f"results_{name}", self.source)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.words = module.__doc__.strip().partition("\n")[0]
        self.points, self.tolerance = module.POINTS, module.TOLERANCE
        self.function = module.compute

    def question(self):
        """Hash of what is asked: the file of the computation.  Numbers answer this one alone."""
        return digest(code_of(self.source), json.dumps(self.points), json.dumps(self.tolerance))

    def code(self):
        """Hash of the modules of the package that can take part, as they were when first asked."""
        return self._code

    @cached_property
    def _code(self):
        return digest(*(code_of(path) for path in modules_behind(self.source, self.root)))

    def compute(self, point):
        """The numbers at one point, checked: a column is missing or one number each."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a page says what limits its numbers
            numbers = self.function(point)
        if set(numbers) != set(self.tolerance):
            raise ValueError(
                f"{self.name}: compute must return {sorted(self.tolerance)} (got {sorted(numbers)})"
            )
        return {column: float(value) for column, value in numbers.items()}

    def record(self):
        """The kept record, or None."""
        return json.loads(self.data.read_text(encoding="utf-8")) if self.data.is_file() else None

    def differences(self, index, numbers, record):
        """One line for each column that left its tolerance at the point of this index."""
        lines = []
        for column, (relative, absolute) in self.tolerance.items():
            kept, now = record["columns"][column][index], numbers[column]
            kept = math.nan if kept is None else kept
            if math.isnan(kept) and math.isnan(now):
                continue
            allowed = absolute + relative * abs(kept)
            if not abs(now - kept) <= allowed:
                lines.append(
                    f"{self.name} at {self.points[index]}: {column} = {now!r}, kept is {kept!r}; "
                    f"off by {abs(now - kept):.2e}, allowed {allowed:.2e}"
                )
        return lines


def digest(*texts):
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def code_of(path):
    """The program in a file without its comments, docstrings and line breaks."""
    return program(Path(path).read_text(encoding="utf-8"))


@cache  # most computations stand on the same modules
def program(text):
    tree = ast.parse(text)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        value = first.value if isinstance(first, ast.Expr) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            body[0] = ast.Expr(ast.Constant(""))
    return ast.dump(tree)


def modules_behind(path, root):
    """Files of the package that this one imports, directly or through others, sorted."""
    found, seen, waiting = set(), set(), [Path(path)]
    everything = root / "cedrag" / "__init__.py"  # loads what is asked for, see lazy_homes
    while waiting:
        for name in set(imports_of(waiting.pop(), root)) - seen:
            seen.add(name)
            target = root.joinpath(*name.split("."))
            for file in (target.with_suffix(".py"), target / "__init__.py"):
                if file.is_file() and file not in found and file != everything:
                    found.add(file)
                    waiting.append(file)
    return sorted(found)


def imports_of(path, root):
    """Dotted names inside ``cedrag`` that a file may import, also within its functions."""
    inside = path.is_relative_to(root / "cedrag")
    package = list(path.relative_to(root).with_suffix("").parts[:-1]) if inside else []
    # `from cedrag import X` loads the module that __init__ names for X
    homes = lazy_homes(root)
    for node in import_statements(path.read_text(encoding="utf-8")):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("cedrag"))
        else:
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            if module.split(".")[0] != "cedrag":
                continue
            for alias in node.names:
                yield f"cedrag.{homes[alias.name]}" if alias.name in homes else module
                yield f"{module}.{alias.name}"


@cache
def import_statements(text):
    return [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Import | ast.ImportFrom)]


def lazy_homes(root):
    """Public name -> module, from the table in ``cedrag/__init__.py``."""
    return lazy_table((root / "cedrag" / "__init__.py").read_text(encoding="utf-8"))


@cache
def lazy_table(text):
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            table = ast.literal_eval(node.value)
            return {name: module for module, names in table.items() for name in names}
    return {}


# computing --------------------------------------------------------------------------------


def at_point(name, root, index):
    """What a worker process does: (index, numbers, seconds of the processor)."""
    computation = Computation(name, root)
    start = time.process_time()  # a busy machine makes no point longer
    numbers = computation.compute(computation.points[index])
    return index, numbers, time.process_time() - start


def workers(jobs):
    """Fresh processes: nothing of the parent's threads or caches goes with them."""
    return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))


def finished(journal):
    """Index -> (numbers, seconds) of the points that an interrupted run left behind."""
    done = {}
    for line in journal.read_text(encoding="utf-8").splitlines() if journal.is_file() else []:
        try:
            index, numbers, seconds = json.loads(line)
        except ValueError:
            continue  # the line that was being written
        done[index] = numbers, seconds
    return done


def run(computation, jobs, say=print):
    """Compute all points, each kept in a journal at once, and write the record in one step."""
    name, root, count = computation.name, computation.root, len(computation.points)
    hashes = {"question": computation.question(), "code": computation.code()}
    journal = root / "_build" / "results" / f"{name}-{'-'.join(hashes.values())}.jsonl"
    journal.parent.mkdir(parents=True, exist_ok=True)
    done = finished(journal)
    if done:
        say(f"{name}: {len(done)} of {count} points are there already")
    waiting = [index for index in range(count) if index not in done]
    start = time.perf_counter()
    with workers(jobs) as pool, journal.open("a", encoding="utf-8") as lines:
        futures = [pool.submit(at_point, name, root, index) for index in waiting]

        def keep(future):
            index, numbers, seconds = future.result()
            lines.write(json.dumps([index, numbers, seconds]) + "\n")
            lines.flush()
            done[index] = numbers, seconds

        try:
            for made, future in enumerate(as_completed(futures), 1):
                keep(future)
                left = (time.perf_counter() - start) / made * (len(waiting) - made)
                say(f"{name}: {len(done)} of {count} points, {left:.0f} s left")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for future in futures:  # finished, but not yet handed over
                if future.done() and not future.cancelled() and future.exception() is None:
                    keep(future)
            raise
    write(computation, done, hashes)
    journal.unlink()


def write(computation, done, hashes):
    """Put the record in its place."""
    order = range(len(computation.points))
    names = list(computation.points[0])
    columns = {name: [point[name] for point in computation.points] for name in names}
    for column in computation.tolerance:
        values = [done[index][0][column] for index in order]
        columns[column] = [None if math.isnan(value) else value for value in values]
    provenance = {
        "cedrag": importlib.metadata.version("cedrag"),
        **{library: importlib.metadata.version(library) for library in LIBRARIES},
        "python": sys.version.split()[0],
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "seconds_per_point": round(sum(done[index][1] for index in order) / len(done), 3),
        **hashes,  # of when it began
    }
    record = {
        "words": computation.words,
        "provenance": provenance,
        "tolerance": computation.tolerance,
        "columns": columns,
    }
    computation.data.parent.mkdir(parents=True, exist_ok=True)
    part = computation.data.with_suffix(".part")
    part.write_text(json.dumps(record, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    os.replace(part, computation.data)


# checking ---------------------------------------------------------------------------------


def unanswered(computation, record):
    """Why the kept numbers do not answer what the file asks, or None."""
    if record is None:
        return f"{computation.name}: no numbers are kept; make results RESULT={computation.name}"
    if record["provenance"]["question"] != computation.question():
        return (
            f"{computation.name}: results/{computation.name}.py has changed since; "
            f"make results RESULT={computation.name}"
        )
    return None


def draw(computations, records, budget, rng):
    """Pairs (computation, index) in random order until the seconds are spent; two at least."""
    pairs = [(c, index) for c in computations for index in range(len(c.points))]
    rng.shuffle(pairs)
    sample, spent = [], 0.0
    for computation, index in pairs:
        cost = records[computation.name]["provenance"]["seconds_per_point"]
        if len(sample) >= 2 and spent + cost > budget:
            break
        sample.append((computation, index))
        spent += cost
    return sample


def check(computations, jobs, budget=BUDGET, rng=None, say=print):
    """Problems of the kept numbers, one line each; an empty list if there are none."""
    records = {c.name: c.record() for c in computations}
    problems = [line for c in computations if (line := unanswered(c, records[c.name]))]
    known = [c for c in computations if not unanswered(c, records[c.name])]
    for computation in known:
        if records[computation.name]["provenance"]["code"] != computation.code():
            say(f"{computation.name}: computed by other code than today's; the sample decides")
    sample = draw(known, records, budget, rng or random.Random())
    if not sample:
        return problems
    with workers(min(jobs, len(sample))) as pool:
        tasks = [(c, pool.submit(at_point, c.name, c.root, index)) for c, index in sample]
        for computation, task in tasks:
            index, numbers, _ = task.result()
            problems += computation.differences(index, numbers, records[computation.name])
    said = ", ".join(f"{c.name} at {c.points[index]}" for c, index in sample)
    say(f"{len(sample)} kept points computed again: {said}")
    return problems


def main(arguments=None):
    """Compute, or check."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="files of results/, without .py; default all")
    parser.add_argument("--check", action="store_true", help="recompute a sample of what is kept")
    parser.add_argument("--seconds", type=float, default=BUDGET, help="for the sample")
    parser.add_argument("--force", action="store_true", help="compute again what is up to date")
    options = parser.parse_args(arguments)
    known = sorted(path.stem for path in (ROOT / "results").glob("*.py"))
    if unknown := sorted(set(options.names) - set(known)):
        parser.error(f"NAME must be one of {known} (got {unknown})")
    computations = [Computation(name) for name in options.names or known]
    jobs = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if options.check:
        asked = digest(*(c.question() + c.code() + str(c.record()) for c in computations))
        seen = ROOT / "_build" / "results" / "sound"
        known = seen.is_file() and seen.read_text(encoding="utf-8") == asked
        problems = check(computations, jobs, min(options.seconds, AGAIN if known else math.inf))
        if not problems:
            seen.parent.mkdir(parents=True, exist_ok=True)
            seen.write_text(asked, encoding="utf-8")
        sys.exit("\n".join(["kept results differ from the package:", *problems]) if problems else 0)
    for computation in computations:
        record = computation.record()
        fresh = not unanswered(computation, record) and (
            record["provenance"]["code"] == computation.code()
        )
        if fresh and not options.force:
            print(f"{computation.name}: up to date")
            continue
        try:
            run(computation, jobs, say=lambda text: print(text, flush=True))
        except KeyboardInterrupt:
            sys.exit(f"{computation.name}: interrupted; the next call goes on from here")


if __name__ == "__main__":
    main()
