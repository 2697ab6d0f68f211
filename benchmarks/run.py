"""``make bench``: time everything that was promised, compare the values, keep a history.

``python benchmarks/run.py [case ...]`` runs all cases, or those whose name contains one of the
words.  A full run writes ``results.json`` and adds a line to ``history.jsonl``.  The exit status
is 1 if values disagree: a fast wrong number is no result.  No time makes it fail.
"""

import argparse
import datetime
import json
import os
import statistics
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import drag
import laboratory
import lattice
import mean_field
import pair_kernel
import quadrature
import sweeping
import user
from timing import commit, machine, once

HERE = Path(__file__).resolve().parent
SLOWER = 1.2  # a median that grew by more than this is flagged
UNITS = {"s": 1.0, "ms": 1e-3, "ns/point": 1e-9, "MB": 1.0, "%": 1.0, "x": 1.0}


@dataclass(frozen=True)
class Case:
    """One line of the table: what, how measured, in which unit, and what was aimed at."""

    name: str
    function: callable
    unit: str
    target: float | None = None  # upper bound in ``unit``; for "x" a lower bound
    reference: str | None = None  # case whose median this one is divided by
    ratio_target: float | None = None


CASES = (
    # kernel: ns per (q, k) point for alpha, beta and their four gradients
    Case("C kernel, 1 thread", pair_kernel.c_limit, "ns/point"),
    Case("C kernel with libmvec, 1 thread", pair_kernel.c_libmvec, "ns/point"),
    Case("pair kernel, 1 thread", pair_kernel.numba_kernel, "ns/point",
          reference="C kernel, 1 thread", ratio_target=1.25),
    Case("C kernel, 2 threads", lambda: pair_kernel.c_limit(2), "ns/point"),
    Case("pair kernel, 2 threads", lambda: pair_kernel.numba_kernel(2), "ns/point",
          reference="C kernel, 2 threads", ratio_target=1.25),
    Case("pair kernel, gain from the second thread", pair_kernel.gain, "x", 1.8),
    Case("integrals with error estimates", pair_kernel.mesh_path, "ns/point",
          reference="pair kernel, 1 thread"),
    Case("numpy, same integrands", pair_kernel.numpy_kernel, "ns/point",
          reference="pair kernel, 1 thread"),
    # one alpha and beta, mesh included, to 1e-8
    Case("alpha and beta, new mesh", quadrature.cedrag_values, "ms"),
    Case("scipy cubature", quadrature.cubature, "ms", reference="alpha and beta, new mesh"),
    Case("scipy dblquad, compiled integrand", quadrature.dblquad, "ms",
          reference="alpha and beta, new mesh"),
    Case("alpha and beta, no Rashba", lattice.cedrag_values, "ms"),
    Case("pyqula, finite differences", lattice.pyqula_values, "ms",
          reference="alpha and beta, no Rashba"),
    # what a user waits for
    Case("diode(), PAPER", lambda: user.diode("PAPER"), "ms", 1.0),
    Case("diode(), NATURAL", lambda: user.diode("NATURAL"), "ms", 1.0),
    Case("eta(B), 200 fields, 1 core", lambda: user.curve(1), "s"),
    Case("eta(B), 200 fields, 2 cores", user.curve, "s", 0.2),
    Case("eta(B), gain from the second core", user.scaling, "x", 1.8),
    Case("maps of alpha, beta, F, 201 x 201", user.maps, "s", 0.5),
    Case("import cedrag", user.import_time, "s", 0.5),
    Case("import GinzburgLandau",
          lambda: user.import_time("from cedrag import GinzburgLandau"), "s", 0.5),
    Case("first diode(), new process", user.first_diode, "s", 1.0),
    Case("first diode(), nothing compiled yet", user.first_diode_uncompiled, "s"),
    Case("memory of diode() above import", user.memory, "MB", 50.0),
    Case("sweep, 4,096 points of 10 ms in a store: added", sweeping.overhead, "%", 5.0),
    Case("eta(B,T), mean field band, 32 x 32, 2 cores", sweeping.field_and_temperature, "s", 30.0),
    Case("the same, gain from the second core", sweeping.gain, "x", 1.8),
    # mean field; numpy divides by the case above it
    Case("mean field, band", lambda: mean_field.diode("NATURAL", "band", 0.9), "ms", 20.0),
    Case("mean field, band, plain numpy", lambda: mean_field.numpy_diode("NATURAL", "band", 0.9),
         "ms", reference="mean field, band"),
    Case("mean field, full", lambda: mean_field.diode("NATURAL", "full", 0.9), "ms", 150.0),
    Case("mean field, full, plain numpy", lambda: mean_field.numpy_diode("NATURAL", "full", 0.9),
         "ms", reference="mean field, full"),
    Case("mean field, band, t = 0.1", lambda: mean_field.diode("NATURAL", "band", 0.1), "ms", 80.0),
    Case("mean field, full, t = 0.1", lambda: mean_field.diode("NATURAL", "full", 0.1), "ms",
         600.0),
    Case("mean field, full, both layers coupled",
         lambda: mean_field.diode("both coupled", "full", 0.9), "ms", 600.0),
    Case("mean field, full, both layers coupled, t = 0.1",
         lambda: mean_field.diode("both coupled", "full", 0.1), "ms", 2400.0),
    Case("T_BKT, mean field band", lambda: mean_field.vortex_unbinding("band"), "s", 0.5),
    Case("T_BKT, mean field full", lambda: mean_field.vortex_unbinding("full"), "s", 4.0),
    # drag
    Case("rho_D, RPA, GaAs 3 K", drag.resistivity, "ms", 10.0),
    Case("rho_D at 50 temperatures", drag.temperatures, "s", 1.0),
    Case("tau_D, Rashba branch, RPA", drag.rashba_rate, "s", 10.0),
    Case("nonreciprocal friction, RPA", drag.friction, "s"),
    # the laboratory
    Case("zeta(I), 200 points, both limits, strip", lambda: laboratory.curve("strip"), "s", 0.2),
    Case("zeta(I), 200 points, both limits, wire", lambda: laboratory.curve("wire"), "s", 0.2),
)  # fmt: skip


def measure(cases):
    """Records of the cases, in their order; one that cannot run here is left out and said."""
    records = {}
    for case in cases:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # validity of the physics is not the subject here
            took, measured = once(case.function)
        if measured is None:
            print(f"{case.name:40s} skipped: what it needs is not on this machine", flush=True)
            continue
        record = measured.record(UNITS[case.unit])
        record |= {"unit": case.unit, "target": case.target, "took": round(took, 2)}
        if case.reference in records:
            record["reference"] = case.reference
            record["ratio"] = record["median"] / records[case.reference]["median"]
            record["ratio_target"] = case.ratio_target
        records[case.name] = record
        print(line(case.name, record), flush=True)
    return records


def reached(record):
    """Whether the target is met; None without one."""
    if record.get("ratio_target") is not None:
        return record["ratio"] <= record["ratio_target"]
    if record["target"] is None:
        return None
    if record["unit"] == "x":
        return record["median"] >= record["target"]
    return record["median"] <= record["target"]


def line(name, record):
    """One line of the printed table."""
    target = "" if record["target"] is None else f"{record['target']:g}"
    ratio = f"{record['ratio']:.3g} x" if "ratio" in record else ""
    if record.get("ratio_target") is not None:
        target = f"{record['ratio_target']:g} x"
    verdict = {True: "ok", False: "MISSED", None: ""}[reached(record)]
    values = f"{record['difference']:.0e}" + ("" if record["agrees"] else " DISAGREES")
    return (
        f"{name:40s} {record['median']:10.4g} {record['unit']:9s} "
        f"({record['low']:.3g} .. {record['high']:.3g})  target {target:7s} {verdict:7s}"
        f"{ratio:10s} values {values}  {record['note']}"
    )


def changes(records, history, where):
    """Median over the last one on the same machine, per case; the run it is compared with."""
    runs = [run for run in history if run["machine"] == where]
    if not runs:
        return {}, None
    last = runs[-1]
    return {
        name: record["median"] / last["medians"][name]
        for name, record in records.items()
        if last["medians"].get(name)
    }, last


def slower(name, records, factor):
    """Whether a change is a regression; memory and times grow, a gain shrinks."""
    return (1.0 / factor if records[name]["unit"] == "x" else factor) > SLOWER


def read_history(path):
    """All earlier runs."""
    if not path.exists():
        return []
    return [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines() if text]


def report_changes(records, history, where):
    """Print what became slower or faster by more than a fifth."""
    found, last = changes(records, history, where)
    if last is None:
        print("no earlier run on this machine")
        return
    print(f"against {last['commit']} of {last['date']}:")
    for name, factor in found.items():
        if slower(name, records, factor):
            print(f"  SLOWER  {name}: {factor:.2f} x")
        elif max(factor, 1.0 / factor) > SLOWER:
            print(f"  faster  {name}: {factor:.2f} x")
    middle = statistics.median(found.values()) if found else float("nan")
    print(f"  median over all cases: {middle:.2f} x")


def write(records, folder, where, load):
    """results.json and one more line of history.jsonl."""
    run = {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="minutes"),
        "commit": commit(),
        "machine": where,
        "load": round(load, 1),
    }
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**run, "cases": records}, indent=1)
    (folder / "results.json").write_text(text + "\n", encoding="utf-8")
    medians = {name: float(f"{record['median']:.4g}") for name, record in records.items()}
    with (folder / "history.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({**run, "medians": medians}) + "\n")


def main(arguments=None):
    """Run, print, write; 1 if values disagree."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", nargs="*", help="part of a name; default: all, and write")
    parser.add_argument("--write", type=Path, help="folder to write to, also for a selection")
    options = parser.parse_args(arguments)
    chosen = [
        case
        for case in CASES
        if not options.case or any(word in case.name for word in options.case)
    ]
    if not chosen:
        parser.error(f"no case has {options.case} in its name")
    where, load = machine(), os.getloadavg()[0]
    if load > 0.5:
        print(f"another process is running (load {load:.1f}): times will be too long")
    print(", ".join(f"{key} {value}" for key, value in where.items()))
    took, records = once(lambda: measure(chosen))
    print(f"{len(records)} cases in {took:.0f} s")
    report_changes(records, read_history(HERE / "history.jsonl"), where)
    folder = options.write or (None if options.case else HERE)
    if folder:
        write(records, folder, where, load)
    wrong = [name for name, record in records.items() if not record["agrees"]]
    if wrong:
        print("values disagree:", "; ".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
