"""Compile the kernels that most chapters use, once, before the chapters start side by side.

Two chapters that start together would compile the same kernels twice.  The parts share hardly any:
one process takes each.  ``compile_kernels.py`` starts them, ``compile_kernels.py pairing`` is one.
Each only calls the package; what it leaves out is compiled by the chapter that needs it.
"""

import subprocess
import sys
import warnings


def pairing():
    """Quartic and sixth-order theory, in one compiled call and by series."""
    from cedrag import NATURAL, PAPER, GinzburgLandau, larkin_ovchinnikov
    from cedrag.kernels.pair import pair_functions

    for bilayer, t in ((NATURAL, 0.9), (PAPER, 0.9), (NATURAL, 0.4)):
        GinzburgLandau(bilayer, t, rtol=1e-5).diode()
    GinzburgLandau(NATURAL, 0.9, rtol=1e-5).current(0.2, 0.1)
    GinzburgLandau(NATURAL, 0.9, order=6, rtol=1e-5).condensate()
    pair_functions(0.1, 0.2)
    # off the axis, where contours cross at low temperature
    GinzburgLandau(NATURAL, 0.05, binding_energy=1.0, rtol=1e-9).alpha([0.3, 0.2], [0.0, 0.4])
    larkin_ovchinnikov(GinzburgLandau(NATURAL, 0.9, rtol=1e-5), (0.2, 0.0), (-0.2, 0.0))


def friction_and_mean_field():
    """Drag between layers, and mean field with a given interaction, which asks for no T_c."""
    from cedrag import NATURAL, MeanField, Scales, bkt_temperature
    from cedrag.drag.nonreciprocal import nonlinear_drag
    from cedrag.laboratory.plateau import parabolic_friction

    scales = Scales(critical_temperature=10.0, electron_mass=0.2)
    sample = {"scattering_time": 1e-9, "separation": 1e-8, "permittivity": 4.0}
    parabolic_friction(NATURAL, scales=scales, t=0.9, **sample)
    nonlinear_drag(NATURAL, 0.9, [0.1], separation=0.5, coulomb=5.0, rtol=0.1, angles=4)
    for spin in ("band", "full"):
        theory = MeanField(NATURAL, 0.9, spin=spin, binding_energy=0.5, rtol=1e-5)
        theory.free_energy(0.2)
        theory.current(0.2)
        theory.excitations(theory.state(0.2))
    for spin in ("band", "texture", "full"):
        MeanField(NATURAL, 0.9, spin=spin, rtol=1e-4).condensate()  # its T_c, and all its minima
    bkt_temperature(NATURAL, spin="full", rtol=1e-6)  # where the gap is large


PARTS = {"pairing": pairing, "friction": friction_and_mean_field}


def start():
    """The processes, one for each part."""
    return [subprocess.Popen([sys.executable, __file__, part]) for part in PARTS]


if __name__ == "__main__":
    if sys.argv[1:]:
        warnings.simplefilter("ignore")  # the chapters say what limits their numbers
        PARTS[sys.argv[1]]()
    else:
        sys.exit(max(abs(process.wait()) for process in start()))
