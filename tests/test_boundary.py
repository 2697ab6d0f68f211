"""What comes in from outside is checked: units, masks, wrong objects, Ctrl-C."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pint
import pytest

from cedrag import NATURAL, GinzburgLandau, ParabolicLayer, critical_temperature, drag_ratio
from cedrag._checks import positive_integer, real_array, real_scalar
from cedrag.condensate.diode import efficiency, find_diode
from cedrag.condensate.oblique import follow_current
from cedrag.condensate.state import find_condensate
from cedrag.condensate.stiffness import hessian
from cedrag.drag.parabolic import drag_rate
from cedrag.laboratory.experiment import estimate, matched_masses, quantities
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
    "sample": quantities,
    "mass_ratio": lambda x: matched_masses(NATURAL, x),
    "momentum": lambda x: current_bound(NATURAL, x),
    "offset": lambda x: sampled_diode(THEORY, 0.1, x),
    "layer": lambda x: NATURAL.band(x),
    "layer1": lambda x: drag_rate(x, LAYER, separation=1e-8, permittivity=4.0, temperature=1.0),
    "carriers": lambda x: drag_rate(
        LAYER, LAYER, separation=1e-8, permittivity=4.0, temperature=1.0, carriers=x),
    "separation": lambda x: estimate(
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


@pytest.mark.parametrize("name", ["step", "reach", "binding_energy", "t", "rtol", "mass_ratio"])
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
