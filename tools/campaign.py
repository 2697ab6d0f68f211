"""Random bilayers at a maintainer's size: does every search end in a minimum or say why not?

``python tools/campaign.py 3000`` runs the sets of ``tests/random_sets.py`` that were not run yet,
shows how far it is, and prints the counts.  Each set is a line of a file in ``_build``, so that an
interrupted run goes on where it stopped; an edit of the package starts a new file.
"""

import collections
import hashlib
import json
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from random_sets import random_set, verdict  # noqa: E402


def code() -> str:
    """Sixteen digits for what the answers depend on."""
    digest = hashlib.sha256()
    for path in sorted([*(ROOT / "cedrag").rglob("*.py"), ROOT / "tests" / "random_sets.py"]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def run(sets: int, folder: Path) -> collections.Counter[str]:
    """Answers of the sets 0 to ``sets`` - 1, counted."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"campaign-{code()}.jsonl"
    # what was written when the last run was interrupted may lack its end
    lines = kept.read_text().splitlines(keepends=True) if kept.exists() else []
    whole = [line for line in lines if line.endswith("}\n")]
    rows = [row for row in map(json.loads, whole) if row["set"] < sets]
    answers = {row["set"]: row["answer"] for row in rows}
    kept.write_text("".join(whole))
    with kept.open("a") as file:
        for number in range(sets):
            if number in answers:
                continue
            start = time.process_time()
            answers[number] = verdict(*random_set(number), np.random.default_rng(number))
            row = {"set": number, "answer": answers[number], "s": time.process_time() - start}
            file.write(json.dumps(row) + "\n")
            file.flush()
            print(f"\r{len(answers)}/{sets}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return collections.Counter(answers.values())


if __name__ == "__main__":
    sets = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    counts = run(sets, ROOT / "_build")
    for answer, n in counts.most_common():
        print(f"{n:6d}  {answer}")
    wrong = sum(n for answer, n in counts.items() if answer.startswith("silent"))
    refused = counts["ConvergenceError"]
    share = 100.0 * refused / sets
    print(f"{sets} sets, {wrong} silently wrong, {refused} refused ({share:.2f} %)")
    sys.exit(wrong > 0 or refused > 0.02 * sets)
