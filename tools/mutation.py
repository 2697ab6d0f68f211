"""Change one operator at a time and see whether a test of that module notices.

``mutation.py`` tries every mutant of every module below, which takes hours;
``mutation.py --sample 10 --seed 1`` tries ten random ones of each, ``--module drag/ratio`` only
those of one module.  Outcomes go to ``_build/mutation.jsonl``, so that an interrupted run goes on
where it stopped: what was killed stays killed until the module changes, what survived is tried
again when its tests change.  It exits with 1 if a survivor is not in
``tests/mutation_survivors.json``, where each has its reason.

Kernels are not mutated, as each mutant would have to be compiled.
"""

import argparse
import ast
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOG = ROOT / "_build" / "mutation.jsonl"
LISTED = ROOT / "tests" / "mutation_survivors.json"
TESTS = {
    "bilayer": ["bilayer"],
    "condensate/quartic": ["quartic", "ginzburg_landau"],
    "condensate/state": ["protocol", "condensate"],
    "condensate/diode": ["protocol", "diode"],
    "condensate/stiffness": ["stiffness"],
    "condensate/oblique": ["protocol", "diode", "mean_field_plane"],
    "condensate/ginzburg_landau": ["ginzburg_landau", "condensate"],
    "drag/ratio": ["ratio"],
    "drag/parabolic_integrand": ["drag"],
    "drag/parabolic": ["drag"],
    "drag/boltzmann": ["rashba_drag"],
    "laboratory/plateau": ["plateau"],
    "laboratory/circuit": ["circuit"],
    "laboratory/superflow": ["superflow"],
    "laboratory/vortices": ["vortices"],
    "laboratory/gradient_expansion": ["phase_slips"],
    "laboratory/phase_slips": ["phase_slips"],
    "laboratory/wire": ["wire"],
    "laboratory/switching": ["switching"],
    "laboratory/orbital": ["orbital"],
    "laboratory/model": ["model"],
    "laboratory/sample_numbers": ["sample"],
    "laboratory/sample": ["sample"],
    "laboratory/translation": ["translation", "ratio"],
}
OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
COMPARISONS = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
# what an exception says is compared where it matters, what an annotation says by mypy
SKIPPED = {"annotation", "returns", "decorator_list", "exc", "cause", "msg"}
NOT_NUMBERS = (ast.Tuple, ast.Dict, ast.List, ast.JoinedStr, ast.Constant, ast.Lambda)


def _negated(node):
    return ast.UnaryOp(
        ast.Not() if isinstance(node, ast.Compare | ast.BoolOp) else ast.USub(), node
    )


def replacements(node):
    """What may stand in place of ``node``, a list of nodes."""
    match node:
        case ast.BinOp(left, op, right) if type(op) in OPERATORS:
            new = [ast.BinOp(left, OPERATORS[type(op)](), right)]
            return new + ([left, right] if isinstance(op, ast.Add | ast.Sub) else [])
        case ast.AugAssign(target, op, value) if type(op) in OPERATORS:
            return [ast.AugAssign(target, OPERATORS[type(op)](), value)]
        case ast.Compare(left, [op], right):
            return [ast.Compare(left, [COMPARISONS[type(op)]()], right)]
        case ast.BoolOp(op, values):
            return [ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)]
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            return [operand]
        case ast.Constant(int() | float() as value) if not isinstance(value, bool):
            return [ast.Constant(new) for new in {2 * value: 0, value + 1: 0} if new != value]
        case ast.Return(ast.expr() as value) if not isinstance(value, NOT_NUMBERS):
            return [ast.Return(_negated(value))]
    return []


def slots(tree):
    """(container, key) of every node that may be replaced, in the order of the source."""
    for name, value in ast.iter_fields(tree):
        if name in SKIPPED:
            continue
        holder, keys = (
            (value, range(len(value))) if isinstance(value, list) else (vars(tree), [name])
        )
        for key in keys:
            if isinstance(holder[key], ast.AST):
                yield holder, key
                yield from slots(holder[key])


def mutants(source):
    """(line, mutation, mutated source) of every mutant; ``line`` is the text it stands on."""
    tree, lines, found = ast.parse(source), source.splitlines(), []
    for holder, key in slots(tree):
        node = holder[key]
        for new in replacements(node):
            ast.copy_location(new, node)
            mutation = f"{ast.unparse(node)} -> {ast.unparse(new)}"
            holder[key] = new
            found.append((lines[node.lineno - 1].strip(), mutation, ast.unparse(tree)))
            holder[key] = node
    return found


def unlisted(survivors, listed):
    """Survivors, each {module, line, mutation}, that ``listed`` does not explain."""
    names = ("module", "line", "mutation")
    known = {tuple(entry[name] for name in names) for entry in listed}
    return [one for one in survivors if tuple(one[name] for name in names) not in known]


def _digest(*texts):
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


class Tree:
    """A copy of package and tests in which one module is mutated."""

    def __init__(self, folder, module):
        self.folder, self.module = Path(folder), self.path(folder, module)
        for name in ("cedrag", "tests"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, self.folder / name, ignore=ignored)
        shutil.copy(ROOT / "pyproject.toml", self.folder)
        self.tests = [f"tests/test_{name}.py" for name in TESTS[module]]

    @staticmethod
    def path(folder, module):
        return Path(folder, "cedrag", *module.split("/")).with_suffix(".py")

    def survives(self, source, limit, **environment):
        """Whether the tests pass with this text of the module."""
        self.module.write_text(source, encoding="utf-8")
        # a mutant of the same size and second would be taken from the cache
        for stale in self.module.parent.glob(f"__pycache__/{self.module.stem}.*.pyc"):
            stale.unlink()
        environment = os.environ | {
            "PYTHONPATH": str(self.folder), "NUMBA_NUM_THREADS": "1", "CI": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # those of the notebooks take seconds to load
            "NUMBA_CACHE_DIR": os.environ.get("NUMBA_CACHE_DIR", str(ROOT / "_build" / "numba")),
        } | environment  # fmt: skip
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        with subprocess.Popen(
            command + self.tests, cwd=self.folder, env=environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            try:
                return process.wait(limit) == 0
            except subprocess.TimeoutExpired:
                return False
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)


def run(module, number, seed, limit, log):
    """Try ``number`` random mutants of one module, or all; the records of those tried."""
    source = Tree.path(ROOT, module).read_text(encoding="utf-8")
    texts = [(ROOT / "tests" / f"test_{name}.py").read_text() for name in TESTS[module]]
    chosen = mutants(source)
    if number is not None and number < len(chosen):
        chosen = random.Random(f"{seed} {module}").sample(chosen, number)
    records = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    known = {record["mutant"]: record for record in records}
    out = []
    with tempfile.TemporaryDirectory() as folder:
        tree = None
        for line, mutation, text in chosen:
            mutant, tests = _digest(module, text), _digest(*texts)
            record = known.get(mutant)
            if record is None or (record["survived"] and record["tests"] != tests):
                if tree is None:
                    tree = Tree(folder, module)
                    if not tree.survives(source, 20 * limit):
                        sys.exit(f"{module}: its tests fail without a mutation")
                survived = tree.survives(text, limit, PYTHONDONTWRITEBYTECODE="1")
                record = {
                    "module": module, "line": line, "mutation": mutation, "survived": survived,
                    "mutant": mutant, "tests": tests,
                }  # fmt: skip
                with log.open("a") as file:
                    file.write(json.dumps(record) + "\n")
            out.append(record)
    return out


def main(arguments=None, *, log=LOG, listed=LISTED):
    """Run, print counts and unexplained survivors; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--module", choices=TESTS, action="append", help="default: all")
    parser.add_argument("--sample", type=int, metavar="N", help="N random mutants per module")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds per mutant")
    options = parser.parse_args(arguments)
    log.parent.mkdir(exist_ok=True)
    explained = json.loads(listed.read_text(encoding="utf-8"))
    unknown = []
    for module in options.module or TESTS:
        tried = run(module, options.sample, options.seed, options.limit, log)
        survivors = [record for record in tried if record["survived"]]
        new = unlisted(survivors, explained)
        killed, explained_now = len(tried) - len(survivors), len(survivors) - len(new)
        print(
            f"{module}: {len(tried)} mutants, {killed} killed, "
            f"{explained_now} survivors listed, {len(new)} not",
            flush=True,
        )
        for record in new:
            print(f"  {record['line']}\n    {record['mutation']}")
        unknown += new
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
