"""The laboratory of the page Explore: mean field in JavaScript, curves, what it hands out."""

import csv
import io
import math
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from live_page import address
from numpy.testing import assert_allclose

from cedrag import NATURAL, PAPER, GinzburgLandau, MeanField, Scales
from cedrag.paper.sampling import sampled_diode
from cedrag.view import live

READING_A, READING_B = (live.parameters_of(bilayer, 0.9) for bilayer in (PAPER, NATURAL))
TOLERANCE = 5e-3  # of J_c, as the page promises


def full(parameters):
    return address(parameters) + "&theory=full"


def go(control, fragment):
    """The result once the address has named ``fragment``."""
    return control.page.evaluate(
        """(hash) => new Promise((done) => {
             const root = document.querySelector(".cedrag-live");
             root.addEventListener("cedrag-drawn", () => done(root.result), { once: true });
             location.hash = hash;
           })""",
        fragment,
    )


def finish(control):
    """Wait until the worker has nothing left to do."""
    control.page.wait_for_timeout(400)
    control.page.wait_for_selector(".cl-lab[data-busy=false]", timeout=240_000)


def picture(control, name):
    return control.page.locator(f"svg[data-lab={name}]").inner_html()


# the numbers ------------------------------------------------------------------------------


@pytest.mark.parametrize("bilayer", [NATURAL, PAPER], ids=["natural", "fitted"])
def test_the_sign_of_the_full_efficiency(control, file, bilayer):
    control.open(file)
    shown = go(control, full(live.parameters_of(bilayer, 0.9)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exact = MeanField(bilayer, 0.9, rtol=1e-6).diode()
    assert_allclose(shown["eta"], exact.efficiency, rtol=0.02)
    assert_allclose(shown["plus"]["J"], exact.jc_plus, rtol=1e-4)
    assert "AboveBKT" in {note["kind"] for note in shown["notes"]}


def test_both_layers_coupled_is_computed_projected_and_says_so(control, file):
    shown = go(control.open(file), full(READING_B | {"lambda_h": 0.3}))
    assert shown["level"] == "band"
    assert "Level" in {note["kind"] for note in shown["notes"]}


def random_bilayers(number, seed=20261126):
    """Slider positions around the presets; every third one couples both layers."""
    random = np.random.default_rng(seed)
    for i in range(number):
        fermi = random.uniform(8.5, 11.5)
        yield {
            "B": random.uniform(0.5, 7.5),
            "t": random.uniform(0.35, 0.95),
            "lambda_e": random.uniform(0.2, 1.4),
            "J": random.uniform(9.0, 14.0),
            "E_Fe": fermi,
            "E_Fh": fermi - random.uniform(-2.0, 2.0),
            "lambda_h": random.uniform(0.1, 0.6) if i % 3 == 2 else 0.0,
        }


@pytest.mark.parametrize("parameters", list(random_bilayers(6)), ids=lambda p: f"t={p['t']:.2f}")
def test_mean_field_of_random_sets_is_the_packages(control, file, parameters):
    control.open(file)
    shown = go(control, full(parameters))
    assert control.values() == pytest.approx(parameters)  # none was refused
    level = "band" if parameters["lambda_h"] else "full"
    assert shown["level"] == level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bilayer = live.bilayer_of(parameters)
        exact = MeanField(bilayer, parameters["t"], spin=level, rtol=1e-6).diode()
    largest = max(exact.jc_plus, -exact.jc_minus)
    assert abs(shown["plus"]["J"] - exact.jc_plus) <= TOLERANCE * largest
    assert abs(shown["minus"]["J"] - exact.jc_minus) <= TOLERANCE * largest
    assert_allclose(shown["q0"], exact.q0[0], atol=TOLERANCE * (exact.q_plus[0] - exact.q_minus[0]))


# the pictures -----------------------------------------------------------------------------


def test_curves_maps_and_shading_arrive(control, file):
    control.open(file, address(READING_B))
    finish(control)
    for name in ("energy", "etaB", "currentB", "etaT"):
        assert picture(control, name).count('class="cl-line') >= 1
        assert picture(control, name).count('class="cl-here"') == 1  # you are here
    assert picture(control, "map").count("cl-depth") > 100
    assert picture(control, "valid").count("cl-cell") > 100
    assert "vortices unbind" in control.page.locator(".cl-key").text_content()
    fetched = "performance.getEntriesByType('resource').map((entry) => entry.name)"
    assert [name for name in control.page.evaluate(fetched) if not name.startswith("blob:")] == []


def point_of(control, axis, x):
    """eta, J_c+ and J_c- of the CSV at x; coarse points come first, so not all are waited for."""
    for _ in range(300):
        table = rows_of(control)
        found = [dict(table.get(f"{name}({axis})", ())) for name in ("eta", "jc_plus", "jc_minus")]
        at = [key for key in found[0] if abs(key - x) < 1e-6]
        if at:
            return [row[at[0]] for row in found]
        control.page.wait_for_timeout(100)
    pytest.fail(f"the curves never reached {axis} = {x}")


@pytest.mark.parametrize("theory", ["quartic", "full"])
def test_the_live_curves_are_the_packages(control, file, theory):
    control.open(file, address(READING_B) + ("" if theory == "quartic" else "&theory=full"))
    for axis, x in (("B", 6.0), ("t", 0.645)):
        eta, plus, minus = point_of(control, axis, x)
        field, t = (x, 0.9) if axis == "B" else (3.0, x)
        bilayer = NATURAL.replace(zeeman_inplane=field)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theories = {"quartic": GinzburgLandau, "full": MeanField}
            exact = theories[theory](bilayer, t, rtol=1e-6).diode()
        for mine, its in ((plus, exact.jc_plus), (minus, exact.jc_minus)):
            assert abs(mine - its) <= TOLERANCE * exact.jc_plus, (axis, x)
        assert abs(eta - exact.efficiency) <= TOLERANCE


def test_the_grid_makes_the_oscillations_come_and_go(control, file):
    control.open(file, address(READING_B))
    finish(control)
    table = rows_of(control)
    sampled = dict(table["eta_on_grid(B)"])
    exact = sampled_diode_at(3.0)
    assert_allclose(sampled[3.0], exact, atol=2e-4)
    signs = np.sign([v for _, v in table["eta_on_grid(B)"] if v])
    assert np.count_nonzero(np.diff(signs)) >= 4
    control.page.locator("[data-lab-step]").evaluate(
        """(input) => {
          input.value = 0;
          input.dispatchEvent(new Event("input", { bubbles: true }));
        }"""
    )
    finish(control)
    assert "cl-sampled" not in picture(control, "etaB")


def sampled_diode_at(B):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theory = GinzburgLandau(NATURAL.replace(zeeman_inplane=B), 0.9)
        return sampled_diode(theory, 0.1, exact=theory.diode()).efficiency


def rows_of(control):
    """The CSV that the button saves, by curve."""
    with control.page.expect_download() as saved:
        control.page.get_by_role("button", name="CSV").click()
    text = Path(saved.value.path()).read_text(encoding="utf-8")
    assert text.startswith("# cedrag B=3")
    table = {}
    for curve, x, y in list(csv.reader(io.StringIO(text.split("\n", 1)[1])))[1:]:
        table.setdefault(curve, []).append((float(x), float(y) if y else None))
    return table


def test_csv_holds_the_curves(control, file):
    control.open(file, address(READING_B))
    finish(control)
    table = rows_of(control)
    q, current = np.array(table["J(q)"], dtype=float).T
    shown = control.page.evaluate("document.querySelector('.cedrag-live').result")
    assert_allclose(current.max(), shown["plus"]["J"], rtol=1e-3)
    energy = np.array(table["F(q)"], dtype=float)[:, 1]
    assert_allclose(np.gradient(energy, q)[12:-12], current[12:-12], atol=2e-3 * current.max())


def test_a_pinned_curve_stays(control, file):
    control.open(file, address(READING_B))
    finish(control)
    control.page.get_by_role("button", name="pin the curves").click()
    pinned = control.page.locator("svg[data-plot=current] .cl-pinned").get_attribute("d")
    go(control, address(READING_B | {"t": 0.6}))
    assert control.page.locator("svg[data-plot=current] .cl-pinned").count() == 1
    assert control.page.locator("svg[data-plot=current] .cl-pinned").get_attribute("d") != pinned
    control.page.get_by_role("button", name="remove the pinned").click()
    assert control.page.locator(".cl-pinned").count() == 0


def test_play_moves_the_field_and_stops(control, file):
    control.open(file, address(READING_B))
    button = control.page.locator("[data-lab-action=play]")
    button.click()
    control.page.wait_for_function("document.querySelector('input[name=B]').valueAsNumber > 3.05")
    button.click()
    control.settle()
    before = control.values()["B"]
    control.page.wait_for_timeout(400)
    assert control.values()["B"] == before > 3.05


def test_png_is_a_picture(control, file):
    control.open(file, address(READING_B))
    finish(control)
    with control.page.expect_download(timeout=60_000) as saved:
        control.page.get_by_role("button", name="PNG").click()
    data = Path(saved.value.path()).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(data) > 40_000


@pytest.mark.parametrize("theory", ["quartic", "full"])
def test_the_copied_python_gives_the_shown_numbers(control, file, theory):
    control.open(file, address(READING_B) + ("&theory=full" if theory == "full" else ""))
    control.page.get_by_role("button", name="copy as Python").click()
    control.page.wait_for_selector(".cl-lab[data-python]")
    text = control.page.locator(".cl-lab").get_attribute("data-python")
    scope = {"print": lambda *_: None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(text, scope)
        exact = scope["theory"].diode()
    shown = control.page.evaluate("document.querySelector('.cedrag-live').result")
    assert_allclose(shown["plus"]["J"], exact.jc_plus, rtol=TOLERANCE)


def test_my_sample_in_si(control, file):
    control.open(file, address(READING_B))
    sample = control.page.locator("[data-lab-sample]")
    scales = Scales(critical_temperature=10.0, electron_mass=0.2)
    text = sample.text_content()
    wave = 2e9 * math.pi * scales.length / 0.19863
    assert f"{wave:.0f} nm" in text
    control.page.locator("input[data-sample=Tc]").fill("1")
    assert_allclose(float(re.search(r"field([\d.]+) T", sample.text_content())[1]), 4.5, atol=0.05)
    control.page.locator("input[data-sample=Tc]").fill("-1")
    status = control.page.locator("[data-lab-status]").text_content()
    assert "must lie between 0.01 and 300 (got -1)" in status


def test_a_link_keeps_the_sample_and_the_step(control, file):
    control.open(file, address(READING_B) + "&Tc=4.5&step=0.05")
    value = control.page.locator("input[data-sample=Tc]").input_value
    assert float(value()) == 4.5
    assert float(control.page.locator("[data-lab-step]").input_value()) == 0.05
    control.page.locator("input[data-sample=mass]").fill("0.5")
    kept = control.settle()
    assert kept.endswith("&Tc=4.5&mass=0.5&step=0.05")
    control.page.locator("input[data-sample=mass]").fill("-1")  # no address for what is refused
    assert control.settle() == kept
    go(control, address(READING_B) + "&width=2")
    assert float(value()) == 10.0
    control.open(file, address(READING_B) + "&Tc=1e9")
    status = control.page.locator(".cl-status").first.text_content()
    assert "Tc must lie between 0.01 and 300 (got 1e9)" in status


def test_an_unknown_theory_in_the_address_is_refused(control, file):
    control.open(file, address(READING_B) + "&theory=exact")
    status = control.page.locator(".cl-status").first.text_content()
    assert "theory must be quartic or full (got exact)" in status
