"""The mutation tool makes the mutants it should and fails for a survivor nobody explained."""

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import mutation  # noqa: E402

SAMPLE = '''
def f(x: int = 0, y=None):
    """1 + 1."""
    if not x > 2 and y:
        raise ValueError(f"{x + 1}")
    return x * y - 3
'''


def test_mutants_of_a_short_function():
    assert [change for _, change, _ in mutation.mutants(SAMPLE)] == [
        "0 -> 1",
        "not x > 2 and y -> not x > 2 or y",
        "not x > 2 -> x > 2",
        "x > 2 -> x <= 2",
        "2 -> 4",
        "2 -> 3",
        "return x * y - 3 -> return -(x * y - 3)",
        "x * y - 3 -> x * y + 3",
        "x * y - 3 -> x * y",
        "x * y - 3 -> 3",
        "x * y -> x / y",
        "3 -> 6",
        "3 -> 4",
    ]
    texts = [text for _, _, text in mutation.mutants(SAMPLE)]
    assert len(set(texts)) == len(texts)
    assert mutation.mutants(SAMPLE)[-1][0] == "return x * y - 3"
    for text in texts:
        compile(text, "mutant", "exec")


@pytest.mark.parametrize("reasons", [[], ["equivalent"]])
def test_a_survivor_needs_a_reason(tmp_path, monkeypatch, capsys, reasons):
    survivor = {"module": "drag/ratio", "line": "a + b", "mutation": "a + b -> a - b"}
    monkeypatch.setattr(mutation, "run", lambda *_: [survivor | {"survived": True}])
    listed = tmp_path / "listed.json"
    listed.write_text(json.dumps([survivor | {"reason": reason} for reason in reasons]))
    code = mutation.main(["--module", "drag/ratio"], log=tmp_path / "log", listed=listed)
    assert code == (0 if reasons else 1)
    assert ("a + b -> a - b" in capsys.readouterr().out) == (not reasons)


def test_listed_survivors_are_mutants_of_today_and_have_a_reason():
    for entry in json.loads(mutation.LISTED.read_text(encoding="utf-8")):
        source = mutation.Tree.path(ROOT, entry["module"]).read_text(encoding="utf-8")
        made = {(line, change) for line, change, _ in mutation.mutants(source)}
        assert (entry["line"], entry["mutation"]) in made, entry
        assert entry["reason"]
