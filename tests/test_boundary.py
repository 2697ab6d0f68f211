"""What comes in from outside is checked: units, masks, wrong objects, Ctrl-C."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pint
import pytest

import cedrag
from cedrag import NATURAL, GinzburgLandau, ParabolicLayer, critical_temperature, drag_ratio
from cedrag._checks import positive_integer, real_array, real_scalar
from cedrag.condensate.diode import efficiency, find_diode
from cedrag.condensate.oblique import follow_current
from cedrag.condensate.state import find_condensate
from cedrag.condensate.stiffness import hessian
from cedrag.drag.parabolic import drag_rate
from cedrag.laboratory.translation import translate
from cedrag.laboratory.two_body import binding_shooting, binding_variational
from cedrag.paper.sampling import current_bound, sampled_diode

ROOT = Path(__file__).resolve().parent.parent
THEORY = GinzburgLandau(NATURAL)
LAYER = ParabolicLayer(density=2e15, mass=6.1e-32, degeneracy=2)
Q = pint.get_application_registry().Quantity

BAD = (float("nan"), 10**400, 10**5000, "", None, object(), [], {}, 1j, True, "2 parsecs",
       np.ma.masked, Q(2.0, "parsec"), [[1.0], [1.0, 2.0]])  # fmt: skip
CALLS = {
    "jc_plus": lambda x: efficiency(x, -1.0),
    "jc_minus": lambda x: efficiency(1.0, x),
    "step": lambda x: hessian(THEORY, (0.2, 0.0), x),
    "q": lambda x: hessian(THEORY, x, 0.01),
    "theory": find_condensate,
    "angle": lambda x: find_diode(THEORY, x),
    "q0": lambda x: follow_current(THEORY, x, 0.0, 0.3),
    "reach": lambda x: follow_current(THEORY, (0.2, 0.0), 0.0, x),
    "binding_energy": lambda x: critical_temperature(NATURAL, x),
    "bilayer": lambda x: critical_temperature(x, 0.1),
    "t": lambda x: GinzburgLandau(NATURAL, x),
    "rtol": lambda x: binding_shooting(1.0, rtol=x),
    "distance": binding_shooting,
    "functions": lambda x: binding_variational(1.0, x),
    "momentum": lambda x: current_bound(NATURAL, x),
    "offset": lambda x: sampled_diode(THEORY, 0.1, x),
    "layer": lambda x: NATURAL.band(x),
    "layer1": lambda x: drag_rate(x, LAYER, separation=1e-8, permittivity=4.0, temperature=1.0),
    "carriers": lambda x: drag_rate(
        LAYER, LAYER, separation=1e-8, permittivity=4.0, temperature=1.0, carriers=x),
    "separation": lambda x: translate(
        NATURAL, critical_temperature=10.0, electron_mass=0.2, permittivity=4.0, separation=x),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: type(bad).__name__)
@pytest.mark.parametrize("name", CALLS)
def test_bad_values_are_refused_by_name(name, bad):
    if name == "separation" and isinstance(bad, (str, pint.Quantity)) and "parsec" in str(bad):
        pytest.skip("a length")
    with pytest.raises((TypeError, ValueError)) as caught:
        CALLS[name](bad)
    assert str(caught.value).startswith(f"{name} must "), str(caught.value)
    assert "(got " in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("name", ["step", "reach", "binding_energy", "t", "rtol"])
@pytest.mark.parametrize("bad", [0.0, -1.0, float("inf")])
def test_what_must_be_positive(name, bad):
    with pytest.raises(ValueError, match=rf"^{name} must .*\(got "):
        CALLS[name](bad)


def test_units_are_converted_where_they_are_known():
    surroundings = {"separation": 30e-9, "permittivity": 12.9}
    plain = drag_rate(LAYER, LAYER, temperature=2.0, **surroundings)
    cold = drag_rate(LAYER, LAYER, temperature=Q(2000.0, "mK"), **surroundings)
    assert cold.resistivity == pytest.approx(plain.resistivity, rel=1e-12, abs=0.0)
    per_cm2 = ParabolicLayer(density=Q(2e11, "1/cm**2"), mass=Q(6.1e-29, "g"), degeneracy=2)
    assert per_cm2.density == pytest.approx(LAYER.density, rel=1e-12)
    assert per_cm2.mass == pytest.approx(LAYER.mass, rel=1e-12, abs=0.0)
    times = drag_ratio(drag_time=Q([1.0, 2.0], "ns"), scattering_time=Q(10.0, "ps"))
    assert times == pytest.approx(drag_ratio(drag_time=[1e-9, 2e-9], scattering_time=1e-11))
    with pytest.raises(ValueError, match="must all carry a unit or none"):
        drag_ratio(drag_time=Q(1.0, "ns"), scattering_time=1e-11)
    assert real_array("x", [Q(1.0, "m"), Q(1.0, "km")], unit="m").tolist() == [1.0, 1000.0]
    with pytest.raises(ValueError, match=r"x must be convertible to m \(got"):
        real_array("x", Q([1.0], "s"), unit="m")


def test_units_and_masks_are_refused_elsewhere():
    with pytest.raises(TypeError, match=r"qx must be a plain number in 1/l_u, .*\(got .*nano"):
        THEORY.alpha(Q(0.2, "1/nm"))
    hidden = np.ma.array([0.1, 0.2], mask=[False, True])
    with pytest.raises(ValueError, match="qx must not have masked elements"):
        THEORY.alpha(hidden)
    with pytest.raises(ValueError, match="qx must not have masked elements"):
        THEORY.alpha([0.1, np.ma.masked])
    assert (THEORY.alpha(np.ma.array([0.1, 0.2])) == THEORY.alpha([0.1, 0.2])).all()


def test_large_integers():
    assert real_scalar("x", 2**70) == 2.0**70
    assert real_array("x", [2**70, 1]).tolist() == [2.0**70, 1.0]
    with pytest.raises(ValueError, match=r"n must be at most .*\(got 1000"):
        positive_integer("n", 10**400)


INTERRUPTED = """
import os, signal, threading, warnings
warnings.simplefilter("ignore")
from cedrag import NATURAL, GinzburgLandau
from cedrag import cli
cli._run = lambda given: [GinzburgLandau(NATURAL).diode() for _ in range(100000)]
GinzburgLandau(NATURAL).diode()
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
raise SystemExit(cli.main(["diode"]))
"""


def test_ctrl_c_inside_a_kernel():
    run = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], cwd=ROOT, capture_output=True, text=True,
        check=False, timeout=300, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (run.returncode, run.stdout, run.stderr) == (130, "", "")


# every public callable with numbers that it takes, and what else it may be given in their place
BILAYER = {name: getattr(NATURAL, name) for name in NATURAL.__dataclass_fields__}
FERMI = {f"fermi_energy_{layer}": 5.0 for layer in "eh"} | {
    name: value for name, value in BILAYER.items() if not name.startswith("mu_")
}
LAYERS = {"layer1": LAYER, "layer2": LAYER}
AROUND = {"separation": 3e-8, "permittivity": 12.9, "temperature": 2.0}
POINT = {"qx": 0.1, "qy": 0.0}
PUBLIC = {
    "Bilayer": (cedrag.Bilayer, BILAYER),
    "from_fermi_energies": (cedrag.Bilayer.from_fermi_energies, FERMI),
    "xi_e": (NATURAL.xi_e, {"kx": 1.0, "ky": 1.0}),
    "xi": (NATURAL.xi, {"layer": "e", "kx": 1.0, "ky": 1.0}),
    "velocity": (NATURAL.velocity, {"layer": "e", "kx": 1.0, "ky": 1.0}),
    "fermi_contour": (NATURAL.fermi_contour, {"layer": "e", "n": 8}),
    "radial_roots": (NATURAL.radial_roots, {"layer": "e", "theta": 0.1, "origin": 0.0}),
    "density_e": (NATURAL.density_e, {"t": 0.9}),
    "GinzburgLandau": (
        GinzburgLandau, {"bilayer": NATURAL, "t": 0.9, "binding_energy": 0.1, "rtol": 1e-6}),
    "MeanField": (
        cedrag.MeanField,
        {"bilayer": NATURAL, "t": 0.9, "spin": "band", "binding_energy": 0.1, "rtol": 1e-6}),
    "alpha": (THEORY.alpha, POINT),
    "current": (THEORY.current, POINT),
    "margin": (THEORY.margin, POINT),
    "diode": (THEORY.diode, {"angle": 0.0}),
    "Scales": (cedrag.Scales, {"critical_temperature": 10.0, "electron_mass": 0.2}),
    "ParabolicLayer": (ParabolicLayer, {"density": 2e15, "mass": 6e-32, "degeneracy": 2}),
    "drag_ratio": (drag_ratio, {"drag_time": 1e-9, "scattering_time": 1e-11}),
    "drag_resistivity": (cedrag.drag_resistivity, LAYERS | AROUND),
    "drag_time": (cedrag.drag_time, LAYERS | AROUND),
    "critical_temperature": (critical_temperature, {"bilayer": NATURAL, "binding_energy": 0.1}),
    "transition": (cedrag.transition, {"bilayer": NATURAL, "binding_energy": 0.1}),
}  # fmt: skip
WRONG = (float("nan"), float("inf"), 10**400, "", None, object(), {}, {1}, 1j, True, np.ma.masked,
         Q(2.0, "parsec**3"), [[1.0], [1.0, 2.0]], np.array(["x"]), b"1", len)  # fmt: skip
OPTIONAL = {("GinzburgLandau", "binding_energy"), ("MeanField", "binding_energy")}


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: type(wrong).__name__)
@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_function_refuses_nonsense_by_name(name, wrong):
    function, arguments = PUBLIC[name]
    for argument in arguments:
        if wrong is None and (name, argument) in OPTIONAL:
            continue
        with pytest.raises((TypeError, ValueError)) as caught:
            function(**arguments | {argument: wrong})
        assert argument in str(caught.value), (argument, str(caught.value))
        assert "(got " in str(caught.value)


def test_no_momenta_have_no_values():
    assert THEORY.alpha([]).shape == (0,)
    assert THEORY.current([]).shape == (2, 0)


def test_an_interaction_too_strong_for_floats_is_refused_by_name():
    with pytest.raises(ValueError, match=r"binding_energy must be below .* \(got 1e\+308\)"):
        critical_temperature(NATURAL, 1e308)
