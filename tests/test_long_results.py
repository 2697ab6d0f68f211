"""``make results``: computes, is interrupted, goes on, keeps; a build finds what differs."""

import json
import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))

import results

SOURCE = '''"""Squares."""

POINTS = [{"x": float(x)} for x in range(6)]
TOLERANCE = {"square": (1e-9, 0.0), "root": (0.0, 1e-9)}


def compute(point):
    from pathlib import Path

    from cedrag.shapes import power

    here = Path(__file__).parent
    with (here / "calls").open("a") as calls:
        calls.write(f"{point['x']}\\n")
    if (here / "stop").exists() and point["x"] == 4.0:
        raise KeyboardInterrupt
    root = point["x"] ** 0.5 if point["x"] else float("nan")
    return {"square": power(point["x"], 2), "root": root}
'''
SHAPES = '"""Powers."""\n\nfrom .deep import times\n\n\ndef power(x, n):\n    return times(x, x)\n'
DEEP = "def times(x, y):\n    return x * y\n"


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A project with one computation and a package of three modules."""
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "squares.py").write_text(SOURCE)
    package = tmp_path / "cedrag"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "shapes.py").write_text(SHAPES)
    (package / "deep.py").write_text(DEEP)
    (package / "aside.py").write_text("x = 1\n")
    return tmp_path


class Here:
    """A pool of one process, this one: the package of ``tree`` in place of the real one."""

    def __init__(self, root):
        self.root = root

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def shutdown(self, **_):
        pass

    def submit(self, function, *arguments):
        future = results_future()
        kept = {n: m for n, m in sys.modules.items() if n.partition(".")[0] == "cedrag"}
        for name in kept:
            del sys.modules[name]
        sys.path.insert(0, str(self.root))
        try:
            future.set_result(function(*arguments))
        except BaseException as error:
            future.set_exception(error)
        finally:
            sys.path.remove(str(self.root))
            for name in [n for n in sys.modules if n.partition(".")[0] == "cedrag"]:
                del sys.modules[name]
            sys.modules.update(kept)
        return future


def results_future():
    from concurrent.futures import Future

    return Future()


@pytest.fixture
def squares(tree, monkeypatch):
    monkeypatch.setattr(results, "workers", lambda jobs: Here(tree))
    return lambda: results.Computation("squares", tree)


def calls(tree):
    return (tree / "results" / "calls").read_text().split()


def silent(text):
    pass


def test_the_numbers_are_kept_with_what_they_depend_on(squares, tree):
    results.run(squares(), 1, silent)
    record = json.loads((tree / "cedrag/data/results/squares.json").read_text())
    assert record["columns"]["x"] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert record["columns"]["square"] == [0.0, 1.0, 4.0, 9.0, 16.0, 25.0]
    assert record["columns"]["root"][0] is None  # no number there
    assert record["provenance"]["code"] == squares().code()
    assert record["provenance"]["question"] == squares().question()
    assert not list((tree / "_build/results").iterdir())


def test_an_interrupted_run_goes_on(squares, tree):
    (tree / "results" / "stop").touch()
    with pytest.raises(KeyboardInterrupt):
        results.run(squares(), 1, silent)
    assert not (tree / "cedrag/data").exists()
    [journal] = (tree / "_build/results").iterdir()
    assert {json.loads(line)[0] for line in journal.read_text().splitlines()} == {0, 1, 2, 3, 5}
    journal.write_text(journal.read_text() + '[4, {"squ')  # killed while it wrote
    (tree / "results" / "stop").unlink()
    (tree / "results" / "calls").unlink()
    results.run(squares(), 1, silent)
    assert calls(tree) == ["4.0"]
    assert squares().record()["columns"]["square"] == [0.0, 1.0, 4.0, 9.0, 16.0, 25.0]


@pytest.mark.parametrize(
    ("file", "old", "new", "changes"),
    [
        ("cedrag/deep.py", "x * y", "x * y + 0", True),  # imported by what is imported
        ("cedrag/shapes.py", "Powers", "Powers of x", False),
        ("cedrag/deep.py", "x * y", "x * y  # product", False),
        ("cedrag/aside.py", "1", "2", False),  # not imported
    ],
)
def test_the_hash_follows_the_code_behind_a_result(squares, tree, file, old, new, changes):
    before = squares().code()
    path = tree / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert (squares().code() != before) is changes


def test_the_real_computations_see_their_kernels():
    computation = results.Computation("eta_of_field_full")
    found = {
        path.relative_to(results.ROOT).as_posix()
        for path in results.modules_behind(computation.source, computation.root)
    }
    # through the lazy table of cedrag/__init__.py, a relative import, and a module of a package
    assert "cedrag/condensate/mean_field.py" in found
    assert "cedrag/kernels/mean_field_full.py" in found
    assert "cedrag/drag/boltzmann.py" not in found


def test_a_build_fails_for_a_number_that_differs(squares, tree):
    results.run(squares(), 1, silent)
    assert results.check([squares()], 1, 1e9, random.Random(0), silent) == []
    (tree / "cedrag/deep.py").write_text(DEEP.replace("x * y", "x * y * (1.0 + 2e-9)"))
    said = []
    problems = results.check([squares()], 1, 1e9, random.Random(0), said.append)
    assert len(problems) == 5  # all but 0 * 0
    assert any("square = 16.00000003" in line and "kept is 16.0" in line for line in problems)
    assert any("other code" in line for line in said)


def test_a_number_that_appears_where_there_was_none_differs(squares, tree):
    results.run(squares(), 1, silent)
    path = tree / "cedrag/data/results/squares.json"
    record = json.loads(path.read_text())
    record["columns"]["root"][3] = None
    path.write_text(json.dumps(record))
    [problem] = results.check([squares()], 1, 1e9, random.Random(0), silent)
    assert "root = 1.73" in problem


def test_numbers_that_answer_another_question_are_refused(squares, tree):
    assert "no numbers are kept" in results.check([squares()], 1, say=silent)[0]
    results.run(squares(), 1, silent)
    source = tree / "results" / "squares.py"
    source.write_text(SOURCE.replace("range(6)", "range(7)"))
    [problem] = results.check([squares()], 1, say=silent)
    assert "has changed since" in problem


def test_the_sample_stays_within_its_seconds_and_moves(squares, tree):
    results.run(squares(), 1, silent)
    record = squares().record()
    record["provenance"]["seconds_per_point"] = 1.5

    def drawn(budget, seed):
        computations = [squares()]
        pairs = results.draw(computations, {"squares": record}, budget, random.Random(seed))
        return [index for _, index in pairs]

    assert len(drawn(4.6, 0)) == 3
    assert len(drawn(0.1, 0)) == 2
    assert len(drawn(1e9, 0)) == 6
    assert {index for seed in range(40) for index in drawn(0.1, seed)} == set(range(6))


def test_a_forgotten_column_is_named(squares, tree):
    source = tree / "results" / "squares.py"
    source.write_text(SOURCE.replace(', "root": root}', "}"))
    with pytest.raises(ValueError, match=r"must return \['root', 'square'\] \(got \['square'\]\)"):
        results.run(squares(), 1, silent)


def test_every_computation_has_its_numbers():
    names = sorted(path.stem for path in (results.ROOT / "results").glob("*.py"))
    assert names
    for name in names:
        computation = results.Computation(name)
        assert results.unanswered(computation, computation.record()) is None
    kept = sorted(path.stem for path in (results.ROOT / "cedrag/data/results").glob("*.json"))
    assert kept == names
