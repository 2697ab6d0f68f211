"""The explorers in a notebook: every move computes, and a sentence comes instead of a traceback."""

import json

import numpy as np
import pytest
from numpy.testing import assert_allclose

from cedrag import AboveBKTWarning, Bilayer, GinzburgLandau
from cedrag.view import live
from cedrag.view.explore import explore_bands, explore_diode, shift_estimate

ORDINARY = Bilayer.from_fermi_energies(
    fermi_energy_e=11.6, fermi_energy_h=11.6, rashba_e=0.7, zeeman_inplane=3.0,
    zeeman_outofplane=10.0,
)  # fmt: skip


def kinds(widget):
    return {note["kind"] for note in widget.result["notes"]}


def test_shift_estimate_is_exact_for_weak_rashba_coupling():
    errors = []
    for scale in (1.0, 0.1):
        bilayer = ORDINARY.replace(rashba_e=0.7 * scale, rashba_h=0.2 * scale)
        q0 = GinzburgLandau(bilayer, 0.9, rtol=1e-7).pairing_momentum[0]
        errors.append(abs(q0 / shift_estimate(bilayer) - 1.0))
    # relative corrections are of second order in lambda
    assert errors[0] < 0.03
    assert errors[1] < 0.02 * errors[0]


def test_shift_estimate_without_any_field():
    assert shift_estimate(ORDINARY.replace(zeeman_inplane=0, zeeman_outofplane=0)) == 0.0


# bands -------------------------------------------------------------------------------------


def moved(widget, **changes):
    widget.parameters = widget.parameters | changes
    return widget.result


def test_moving_a_slider_redraws_the_bands():
    widget = explore_bands(ORDINARY)
    before = widget.result
    assert moved(widget, zeeman_inplane=6.0) != before
    assert moved(widget, zeeman_inplane=3.0) == before
    json.dumps(before, allow_nan=False)


def test_the_bands_are_those_of_the_bilayer():
    result = explore_bands(ORDINARY).result
    k = np.array(result["bands"]["k"])
    assert_allclose(result["bands"]["e"]["kept"], ORDINARY.xi_e(k, 0.0), rtol=1e-12)
    assert_allclose(result["bands"]["h"]["dropped"], ORDINARY.upper_branch("h", k, 0.0), rtol=1e-12)
    x, y = np.array(result["contours"]["e"], float).T
    assert np.nanmax(np.abs(ORDINARY.xi_e(x, y))) < 0.05  # on the contour, to the eye
    assert result["q0"] == shift_estimate(ORDINARY)


def test_the_bands_explorer_says_when_the_upper_branch_fills():
    widget = explore_bands(ORDINARY)
    assert "is empty; margin 8.82 E_u" in widget.result["text"]
    assert "is occupied" in moved(widget, zeeman_outofplane=1.0)["text"]


def test_the_bands_explorer_survives_every_corner():
    widget = explore_bands(ORDINARY)
    start = widget.parameters
    for slider in widget.sliders:
        for edge in (slider["min"], slider["max"]):
            result = moved(widget, **{**start, slider["name"]: edge})
            json.dumps(result, allow_nan=False)
            assert result["text"], (slider["name"], edge)


# diode -------------------------------------------------------------------------------------


def test_the_diode_explorer_starts_at_the_bilayer():
    widget = explore_diode(ORDINARY, t=0.95)
    assert widget.parameters == live.parameters_of(ORDINARY, 0.95)
    assert widget.config["start"] == widget.parameters
    with pytest.warns(AboveBKTWarning):
        careful = GinzburgLandau(ORDINARY, 0.95).condensate()
    assert_allclose(widget.result["q0"], careful.q0[0], rtol=1e-6)
    assert kinds(widget) == {"AboveBKT"}


def test_a_move_computes_anew_and_back_again():
    widget = explore_diode(ORDINARY)
    start, before = widget.parameters, widget.result
    widget.parameters = start | {"B": 6.0}
    assert widget.result["q0"] > 1.7 * before["q0"]
    assert widget.result["eta"] > before["eta"]
    widget.parameters = start
    assert_allclose(widget.result["eta"], before["eta"], rtol=1e-6)
    json.dumps(widget.get_state()["result"])  # what crosses to the browser


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"t": 1.0}, "NoCondensate", "t must be below 1"),
        ({"J": 1.0, "E_Fe": 11.6, "E_Fh": 11.6}, "OccupiedUpperBranch", "upper spin branch"),
        ({"E_Fe": 11.3, "E_Fh": 8.5, "lambda_e": 0.97}, "UnstableQuartic", "beta"),
        ({"E_Fe": -40.0}, "NoPairing", "mu_e"),
    ],
)
def test_what_goes_wrong_is_said_in_words(changes, kind, words):
    widget = explore_diode(ORDINARY)
    widget.parameters = widget.parameters | changes
    assert kind in kinds(widget)
    assert any(words in note["text"] for note in widget.result["notes"])
    if kind != "OccupiedUpperBranch":
        assert widget.result["eta"] is None


def test_the_curve_runs_through_its_marks():
    result = explore_diode(ORDINARY).result
    q, current = np.array(result["curve"]["q"]), np.array(result["curve"]["J"])
    for end, extreme in (("plus", current.max()), ("minus", current.min())):
        state = result[end]
        assert_allclose(state["J"], np.interp(state["q"], q, current), rtol=2e-3)
        assert_allclose(state["J"], extreme, rtol=2e-3)


def test_the_widget_carries_the_view_and_not_the_physics():
    module, style = live.widget()
    assert "export default" in module
    assert "cedragView" in module
    assert "cedragDiode" not in module
    assert ".cedrag-live" in style
