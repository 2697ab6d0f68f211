"""Every number of the materials table has a source that exists, or says that it is assumed."""

import math
import re
from pathlib import Path

import pytest
from scipy import constants

from cedrag import Scales
from cedrag.laboratory.materials import Entry, materials


def approx(expected, rel=1e-6, abs=0.0):
    """pytest.approx without its default abs = 1e-12, which would pass any small SI number."""
    return pytest.approx(expected, rel=rel, abs=abs)


BIBLIOGRAPHY = Path(__file__).resolve().parent.parent / "chapters" / "references.bib"
ADDRESS = re.compile(r"arXiv:\d{4}\.\d{4,5}$|https://\S+( \(.+\))?$")
KEY = re.compile(r"[a-z]+\d{4}$")
CELLS = [
    pytest.param(entry, column, id=f"{key}-{column}")
    for key, material in materials().items()
    for column, entry in material.entries()
]


def bibliography_keys():
    return set(re.findall(r"^@\w+\{(\w+),", BIBLIOGRAPHY.read_text(encoding="utf-8"), re.M))


def test_the_table_holds_the_materials_asked_for():
    assert {"paper", "mose2_wse2", "janus", "gaas", "bilayer_graphene"} <= set(materials())
    assert len(CELLS) == 7 * len(materials())


@pytest.mark.parametrize(("entry", "column"), CELLS)
def test_each_number_has_a_source_or_is_marked_as_assumed(entry, column):
    assert bool(entry.source) != bool(entry.assumed)
    if entry.source:
        known = entry.source in bibliography_keys() if KEY.match(entry.source) else False
        assert known or ADDRESS.match(entry.source), entry.source
    else:
        assert len(entry.assumed) > 10  # a reason, not a mark


@pytest.mark.parametrize(("entry", "column"), CELLS)
def test_each_number_is_usable(entry, column):
    assert math.isfinite(entry.value)
    assert entry.value > 0.0 or column in {"g_factor", "rashba"}


def test_keys_named_in_reasons_exist():
    text = " ".join(
        entry.assumed + " " + entry.note for m in materials().values() for _, entry in m.entries()
    )
    named = set(re.findall(r"\b[a-z]{3,}(?:19|20)\d{2}\b", text))
    assert named
    assert named <= bibliography_keys()


@pytest.mark.parametrize("words", [{}, {"source": "hui2026", "assumed": "a guess"}])
def test_an_entry_without_exactly_one_origin_is_refused(words):
    with pytest.raises(ValueError, match="either a source or the reason"):
        Entry(1.0, **words)


def test_scattering_time_is_mobility_times_mass_over_charge():
    gaas = materials()["gaas"]
    assert gaas.scattering_time == approx(1.905e-11, rel=1e-3)
    assert materials()["paper"].scattering_time == approx(1.5e-9, rel=1e-3)


def test_the_paper_s_rashba_coupling_is_that_of_reading_b():
    paper = materials()["paper"]
    scales = Scales(critical_temperature=10.0, electron_mass=paper.electron_mass.value)
    unit = scales.energy_meV * 1e-3 * scales.length / constants.angstrom  # E_u l_u in eV Angstrom
    assert paper.rashba.value == approx(0.7 * unit, rel=0.01)
