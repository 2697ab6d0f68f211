"""The benchmarks run, compare values, and notice what became slower.  No test asserts a time."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "benchmarks"


@pytest.fixture
def bench(monkeypatch):
    """The module benchmarks/run.py."""
    monkeypatch.syspath_prepend(str(FOLDER))
    import run

    return run


def test_a_small_selection_runs_and_its_values_agree(tmp_path):
    done = subprocess.run(
        [sys.executable, "benchmarks/run.py", "rho_D, RPA", "pair kernel, 1", "--write", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert set(results["cases"]) == {"pair kernel, 1 thread", "rho_D, RPA, GaAs 3 K"}
    for record in results["cases"].values():
        assert 0.0 <= record["difference"] <= record["tolerance"]
        assert 0.0 < record["low"] <= record["median"] <= record["high"]
    (line,) = (tmp_path / "history.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["medians"].keys() == results["cases"].keys()


def test_a_wrong_value_fails_the_run(bench, monkeypatch, capsys):
    wrong = bench.user.Measured([1.0], 1e-3, 1e-6, "the truth")
    monkeypatch.setattr(bench, "CASES", (bench.Case("wrong", lambda: wrong, "s"),))
    assert bench.main(["wrong"]) == 1
    assert "values disagree: wrong" in capsys.readouterr().err


def test_what_cannot_run_here_is_left_out(bench, capsys):
    assert bench.measure([bench.Case("absent", lambda: None, "s")]) == {}
    assert "absent" in capsys.readouterr().out


def test_only_more_than_a_fifth_slower_on_the_same_machine_is_flagged(bench):
    here, there = {"processor": "a"}, {"processor": "b"}
    records = {
        "time": {"unit": "ms", "median": 1.3},
        "gain": {"unit": "x", "median": 1.9},
        "new": {"unit": "s", "median": 9.0},
    }
    history = [
        {"machine": here, "commit": "1", "medians": {"time": 1.0, "gain": 1.0}},
        {"machine": there, "commit": "2", "medians": {"time": 9.0, "gain": 9.0}},
    ]
    factors, last = bench.changes(records, history, here)
    assert last["commit"] == "1"
    assert factors == pytest.approx({"time": 1.3, "gain": 1.9})
    assert bench.slower("time", records, 1.3)
    assert not bench.slower("time", records, 1.1)
    assert not bench.slower("gain", records, 1.9)
    assert bench.slower("gain", records, 0.5)


def test_every_case_has_its_reference_before_it(bench):
    seen = set()
    for case in bench.CASES:
        assert case.name not in seen
        assert case.unit in bench.UNITS
        assert case.reference is None or case.reference in seen
        seen.add(case.name)


def test_the_committed_results_agree_in_their_values(bench):
    results = json.loads((FOLDER / "results.json").read_text(encoding="utf-8"))
    known = {case.name for case in bench.CASES}
    assert results["cases"].keys() <= known
    for name, record in results["cases"].items():
        assert record["difference"] <= record["tolerance"], name
        assert record["compared_with"]
    assert results["cases"]["pair kernel, 1 thread"]["difference"] <= 1e-12
    runs = bench.read_history(FOLDER / "history.jsonl")
    assert runs[-1]["date"] == results["date"]


def test_numpy_reference_equals_the_kernel(bench):
    kx, _, q, _ = bench.pair_kernel.problem()
    got, want = np.empty((6, len(kx))), np.empty((6, len(kx)))
    bench.pair_kernel.with_numba(q[:1], got)
    bench.pair_kernel.with_numpy(q[:1], want)
    assert bench.pair_kernel.relative(got, want) < 1e-11
