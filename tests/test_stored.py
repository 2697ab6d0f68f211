"""Numbers of long computations: read as they were written, laid out as maps, refused by name."""

import json

import numpy as np
import pytest

from cedrag.paper import stored as module
from cedrag.paper.stored import Stored, stored, stored_names


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A package whose data are made here."""
    monkeypatch.setattr(module.resources, "files", lambda name: tmp_path)
    kept = tmp_path / "data" / "results"
    kept.mkdir(parents=True)
    record = {
        "words": "A map.",
        "provenance": {"cedrag": "0"},
        "tolerance": {"eta": [1e-6, 0]},
        "columns": {"B": [1, 0, 1, 0], "kind": list("abab"), "eta": [0.25, None, 0.75, 1.0]},
    }
    (kept / "map.json").write_text(json.dumps(record), encoding="utf-8")
    (kept / "map.part").write_text("{", encoding="utf-8")  # of an interrupted write
    return kept


def test_columns_come_back_in_order_and_read_only(folder):
    result = stored("map")
    assert stored_names() == ("map",)
    assert len(result) == 4
    assert result["B"].tolist() == [1, 0, 1, 0]
    assert result["kind"].tolist() == ["a", "b", "a", "b"]
    np.testing.assert_array_equal(result["eta"], [0.25, np.nan, 0.75, 1.0])
    assert result.tolerance == {"eta": (1e-6, 0.0)}
    with pytest.raises(ValueError, match="read-only"):
        result["eta"][0] = 1.0
    with pytest.raises(TypeError):
        result.columns["eta"] = result["B"]


def test_a_grid_finds_each_point_whatever_their_order():
    x, y = np.array([3.0, 1.0, 3.0, 1.0, 2.0, 2.0]), np.array([7.0, 7.0, 5.0, 5.0, 7.0, 5.0])
    grid = Stored("map", "", {"x": x, "y": y, "z": 10.0 * x + y}, {}, {}).grid("z", "x", "y")
    np.testing.assert_array_equal(grid, [[15.0, 17.0], [25.0, 27.0], [35.0, 37.0]])


@pytest.mark.parametrize(
    ("x", "y"), [([0, 1, 1], [0, 0, 1]), ([0, 0, 1, 1], [0, 0, 1, 1])], ids=["hole", "twice"]
)
def test_what_is_no_grid_is_refused(x, y):
    result = Stored("map", "", {"x": np.array(x), "y": np.array(y)}, {}, {})
    with pytest.raises(ValueError, match="must span a full grid"):
        result.grid("x", "x", "y")


def test_unknown_names_are_refused(folder):
    with pytest.raises(ValueError, match=r"name must be one of 'map' \(got 'mop'\)"):
        stored("mop")
    with pytest.raises(TypeError, match="name must be a str"):
        stored(3)
    with pytest.raises(ValueError, match=r"column must be one of .*'eta' \(got 'J'\)"):
        stored("map")["J"]
