"""The command ``cedrag``: a diode, sweeps, one sample, the drag plateau, without Python.

Results go to stdout; warnings and errors to stderr, one line each.  The exit code is 0, 2 for bad
input, a number that does not exist there or an output that cannot be written, and 130 after Ctrl-C.
"""

import argparse
import contextlib
import csv
import errno
import json
import math
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ._version import VERSION

if TYPE_CHECKING:
    from .bilayer import Bilayer

__all__ = ["main"]

PICTURES = (".svg", ".png", ".pdf")
# option, name in Bilayer.from_fermi_energies, what it is
BILAYER_OPTIONS = (
    ("--fermi-energy-e", "fermi_energy_e", "E_Fe of the electrons in k_B T_c"),
    ("--fermi-energy-h", "fermi_energy_h", "E_Fh of the holes in k_B T_c"),
    ("--rashba-e", "rashba_e", "lambda_e in k_B T_c l_u"),
    ("--rashba-h", "rashba_h", "lambda_h in k_B T_c l_u"),
    ("--zeeman-inplane", "zeeman_inplane", "B in k_B T_c, half the spin splitting"),
    ("--zeeman-outofplane", "zeeman_outofplane", "J in k_B T_c; the Fermi energies are kept"),
    ("--mass-ratio", "mass_ratio", "m_h/m_e"),
)
# option, unit, what it is; the unit is that of the number on the command line
SAMPLE_OPTIONS = (
    ("--density", "1/cm^2", "electrons per area, all flavours, in 1/cm^2"),
    ("--hole-density", "1/cm^2", "holes per area in 1/cm^2 (that of the electrons)"),
    ("--temperature", "K", "T in K"),
    ("--separation", "nm", "distance of the layers in nm (of the material)"),
    ("--field", "T", "in-plane magnetic field along y in T (0)"),
    ("--exchange", "meV", "J, out-of-plane exchange in meV, half of a splitting (0)"),
    ("--exchange-inplane", "meV", "in-plane exchange in meV, without an orbital effect (0)"),
    ("--rashba", "eV_A", "lambda_e in eV angstrom (of the material)"),
    ("--critical-temperature", "K", "mean-field T_c in K (a range)"),
    ("--binding-energy", "meV", "E_b in meV, from which T_c is computed"),
    ("--g-factor", "g", "of the electrons (of the material)"),
    ("--width", "um", "width of the channel in um (1)"),
    ("--length", "um", "length of the channel in um (5)"),
    ("--load", "ohm", "resistor in the passive loop in ohm, inf for an open one (0)"),
    ("--contacts", "ohm", "both contacts of a layer in series in ohm (0)"),
    ("--ramp-rate", "uA/s", "rise of the drive current in uA/s (1)"),
    ("--noise", "nA", "what the ammeter adds to each switching current in nA (0)"),
)
SHORT = {"zeeman_inplane": "-B", "zeeman_outofplane": "-J"}
AXES = {"B": "zeeman_inplane", "J": "zeeman_outofplane"}
LEVELS = {
    "quartic": "Ginzburg-Landau",
    "band": "mean field, eq (5)",
    "full": "with all spin states",
}
UNITS = "Energies in k_B T_c, momenta in 1/l_u with l_u = hbar/sqrt(m_e k_B T_c)."


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Without the usage: one line is what a shell script can show."""
        self.exit(2, f"{self.prog}: error: {message} (see {self.prog} --help)\n")


def make_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="cedrag", description="The coherent-exciton diode effect, computed.", epilog=UNITS
    )
    parser.add_argument("--version", action="version", version=f"cedrag {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    about = "critical currents and efficiency of a bilayer"
    diode = commands.add_parser("diode", help=about, description=f"{about}.", epilog=UNITS)
    _add_bilayer(diode, reading="natural")
    diode.add_argument(
        "--angle", type=float, default=0.0, help="direction of the current in degrees from x (0)"
    )
    diode.add_argument("--json", action="store_true", help="print one JSON object")

    about = "one sample from densities, tesla and meV: what an experiment would see"
    sample = commands.add_parser("sample", help=about, description=f"{about}.")
    sample.add_argument("material", nargs="?", metavar="MATERIAL", help="a name from --list")
    sample.add_argument("--list", action="store_true", help="list the materials and stop")
    for option, unit, meaning in SAMPLE_OPTIONS:
        name = f"{option.removeprefix('--').replace('-', '_')}"
        sample.add_argument(option, dest=name, type=float, metavar=unit, help=meaning)
    sample.add_argument(
        "--flavours", type=int, default=1, metavar="N",
        help="spins and valleys that share the density (1)",
    )  # fmt: skip
    sample.add_argument(
        "--spin", choices=("band", "full"), default="band", help="level of theory (band)"
    )
    sample.add_argument("--json", action="store_true", help="print one JSON object")

    about = "drag ratio zeta against drive current"
    plateau = commands.add_parser("plateau", help=about, description=f"{about}.", epilog=UNITS)
    _add_bilayer(plateau, reading="natural")
    _add_numbers(
        plateau,
        ("--critical-temperature", 10.0, "T_c in K"),
        ("--electron-mass", 0.2, "m_e in free electron masses"),
        ("--separation", 10.0, "distance of the layers in nm"),
        ("--permittivity", 4.0, "relative permittivity"),
        ("--scattering-time", 1.0, "tau_2 of the hole layer in ns"),
        ("--width", 1.0, "width of the sample in um"),
    )
    plateau.add_argument(
        "--max-current", type=float, metavar="UA", help="largest drive in uA (1.5 I_c)"
    )
    plateau.add_argument("--points", type=int, default=201, help="points of the curve (201)")
    plateau.add_argument("--csv", metavar="FILE", help="write the table here (stdout)")
    plateau.add_argument("--picture", metavar="FILE", help="draw it: .svg, .png or .pdf")
    plateau.add_argument("--force", action="store_true", help="overwrite files that exist")
    _add_sweep(commands)
    return parser


def _add_sweep(commands: Any) -> None:
    about = "a curve or a map over one or two parameters"
    sweep = commands.add_parser(
        "sweep", help=about, epilog=UNITS,
        description=f"{about}, such as B=0:6:64 t=0.3:0.95:64. A run that was stopped goes on with "
        "the same --store.",
    )  # fmt: skip
    names = ", ".join([*(name for _, name, _ in BILAYER_OPTIONS), "t", "angle"])
    sweep.add_argument(
        "axes", nargs="+", metavar="NAME=FIRST:LAST:POINTS", help=f"B, J, {names} (rad)"
    )
    _add_bilayer(sweep, reading="natural")
    sweep.add_argument(
        "--level", choices=tuple(LEVELS), default="quartic",
        help="; ".join(f"{name}: {meaning}" for name, meaning in LEVELS.items()) + " (quartic)",
    )  # fmt: skip
    sweep.add_argument(
        "--observable", default="efficiency", metavar="NAME",
        help="efficiency (the default), q0, jc_plus, gap, t_bkt, ...",
    )  # fmt: skip
    sweep.add_argument("--store", metavar="FOLDER", help="keep the results here, as Zarr")
    sweep.add_argument("--netcdf", metavar="FILE", help="write them here too: .nc")
    sweep.add_argument("--picture", metavar="FILE", help="draw it: .svg, .png or .pdf")
    sweep.add_argument("--workers", type=int, metavar="N", help="processes (all cores)")
    sweep.add_argument("--explain", action="store_true", help="only say how long it would take")
    sweep.add_argument("--force", action="store_true", help="overwrite files that exist")


def _add_bilayer(parser: argparse.ArgumentParser, reading: str) -> None:
    """The options that describe a bilayer; ``reading`` is where unnamed numbers come from."""
    parser.add_argument(
        "--reading", choices=("paper", "natural"), default=reading,
        help=f"parameter set for what is not given: A, fitted, or B, round numbers ({reading})",
    )  # fmt: skip
    for option, name, meaning in BILAYER_OPTIONS:
        flags = [SHORT[name], option] if name in SHORT else [option]
        parser.add_argument(*flags, dest=name, type=float, metavar="X", help=meaning)
    parser.add_argument("-t", type=float, default=0.9, metavar="X", help="T/T_c (0.9)")


def _add_numbers(parser: argparse.ArgumentParser, *options: tuple[str, float, str]) -> None:
    for option, default, meaning in options:
        parser.add_argument(
            option, type=float, default=default, metavar="X", help=f"{meaning} ({default:g})"
        )


def _bilayer(given: argparse.Namespace) -> "Bilayer":
    """The chosen reading with the numbers that were given."""
    from .bilayer import Bilayer
    from .paper.calibration import NATURAL, PAPER

    base = PAPER if given.reading == "paper" else NATURAL
    values = {name: getattr(given, name, None) for _, name, _ in BILAYER_OPTIONS}
    return Bilayer.from_fermi_energies(
        **{name: getattr(base, name) if v is None else v for name, v in values.items()}
    )


# the four answers ------------------------------------------------------------------------


def _diode(given: argparse.Namespace) -> dict[str, Any]:
    from .condensate.ginzburg_landau import GinzburgLandau

    found = GinzburgLandau(_bilayer(given), given.t).diode(angle=math.radians(given.angle))
    return {
        "q0": ((found.q0[0], found.q0[1]), "1/l_u"),
        "J_c+": (found.jc_plus, "J_u"),
        "J_c-": (found.jc_minus, "J_u"),
        "eta": (100.0 * found.efficiency, "%"),
    }


def _sample(given: argparse.Namespace) -> dict[str, Any]:
    from .laboratory.materials import materials
    from .laboratory.sample import sample

    if given.list:
        return {key: (material.name, "") for key, material in materials().items()}
    for option in ("density", "temperature"):
        if getattr(given, option) is None:
            raise ValueError(f"{option} must be given (got nothing)")
    factors = {"1/cm^2": 1e4, "nm": 1e-9, "um": 1e-6, "uA/s": 1e-6, "nA": 1e-9}
    names = [option.removeprefix("--").replace("-", "_") for option, _, _ in SAMPLE_OPTIONS]
    numbers = {
        name: getattr(given, name) * factors.get(unit, 1.0)
        for name, (_, unit, _) in zip(names, SAMPLE_OPTIONS, strict=True)
        if getattr(given, name) is not None
    }
    found = sample(given.material, flavours=given.flavours, spin=given.spin, **numbers)
    result: dict[str, Any] = {"material": (given.material, "")}
    for name, number in found.numbers.items():
        result[name] = (number.value, number.unit)
        if not math.isclose(number.low, number.high, rel_tol=1e-9):
            result[f"{name}, range"] = ((number.low, number.high), number.unit)
    lists = {
        "measured": [f"{text} ({source})" for text, source in found.anchors],
        "assumed": found.assumed, "outside the theory": found.outside,
    }  # fmt: skip
    for name, lines in lists.items():
        for i, line in enumerate(lines, 1):
            result[f"{name} {i}"] = (line, "")
    return result


def _plateau(given: argparse.Namespace) -> None:
    import numpy as np

    from ._checks import positive_integer, positive_scalar
    from .laboratory.plateau import find_plateau, parabolic_friction
    from .units import Scales

    points = positive_integer("--points", given.points)
    table = _target("--csv", given.csv, given.force)
    picture = _target("--picture", given.picture, given.force)
    if picture is not None and picture.suffix.lower() not in PICTURES:
        raise ValueError(f"--picture must end in {', '.join(PICTURES)} (got {given.picture})")
    draw: Any = None
    if picture is not None:
        from .view.plotting import draw_plateau as draw
    bilayer = _bilayer(given)
    scales = Scales(
        critical_temperature=given.critical_temperature, electron_mass=given.electron_mass
    )
    friction = parabolic_friction(
        bilayer, scales=scales, separation=positive_scalar("separation", given.separation) * 1e-9,
        permittivity=given.permittivity, t=given.t,
        scattering_time=positive_scalar("scattering_time", given.scattering_time) * 1e-9,
    )  # fmt: skip
    found = find_plateau(
        bilayer, scales=scales, width=positive_scalar("width", given.width) * 1e-6,
        friction=friction, t=given.t,
    )  # fmt: skip
    edges = found.current_minus, found.current_plus
    largest = 1.5 * max(-edges[0], edges[1]) or 1e-6
    if given.max_current is not None:
        largest = positive_scalar("max_current", given.max_current) * 1e-6
    # both edges and the nearest numbers outside, so that the step is where it is
    step = [*edges, np.nextafter(edges[0], -math.inf), np.nextafter(edges[1], math.inf)]
    drive = np.unique([*np.linspace(-largest, largest, points), *step])
    drive = drive[np.abs(drive) <= largest]
    zeta, drag = found.zeta(drive), found.drag_current(drive)
    if table is None:
        _write_table(sys.stdout, drive, zeta, drag)
    else:
        with _named(table), table.open("w", encoding="utf-8", newline="") as file:
            _write_table(file, drive, zeta, drag)
    if draw is not None:
        with _named(picture):
            draw(picture, found, drive)


def _axis(text: str) -> tuple[str, Any]:
    """Name and values of NAME=FIRST:LAST:POINTS."""
    import numpy as np

    from ._checks import positive_integer

    name, _, values = text.partition("=")
    name = AXES.get(name, name.replace("-", "_"))
    parts = values.split(":")
    try:
        first, last, points = float(parts[0]), float(parts[1]), int(parts[2])
    except (ValueError, IndexError):
        raise ValueError(f"axes must be NAME=FIRST:LAST:POINTS (got {text!r})") from None
    if len(parts) != 3 or not (abs(first) < 1e30 and abs(last) < 1e30):
        raise ValueError(f"axes must be NAME=FIRST:LAST:POINTS (got {text!r})")
    return name, np.linspace(first, last, positive_integer("POINTS", points, largest=10**7))


def _sweep(given: argparse.Namespace) -> dict[str, Any]:
    from .condensate.ginzburg_landau import GinzburgLandau
    from .condensate.mean_field import MeanField
    from .sweeps.run import explain_sweep, sweep

    axes = dict(map(_axis, given.axes))
    if len(axes) != len(given.axes) or len(axes) > 2:
        raise ValueError(f"axes must be one or two parameters (got {' '.join(given.axes)})")
    table = _target("--netcdf", given.netcdf, given.force)
    picture = _target("--picture", given.picture, given.force)
    if picture is not None and picture.suffix.lower() not in PICTURES:
        raise ValueError(f"--picture must end in {', '.join(PICTURES)} (got {given.picture})")
    draw: Any = None
    if picture is not None:
        from .view.plotting import draw_sweep as draw
    bilayer = _bilayer(given)
    base: GinzburgLandau | MeanField
    if given.level == "quartic":
        base = GinzburgLandau(bilayer, given.t)
    else:
        base = MeanField(bilayer, given.t, spin=given.level, rtol=1e-6)
    arguments: dict[str, Any] = {
        "base": base, "axes": axes, "store": given.store, "keep": "fermi_energy",
        "workers": given.workers,
    }  # fmt: skip
    if given.explain:
        return {"plan": (str(explain_sweep(given.observable, **arguments)), "")}
    found = sweep(given.observable, **arguments)
    if table is not None:
        with _named(table):
            found.load().drop_encoding().to_netcdf(table)  # the store's packing is its own
    if draw is not None:
        with _named(picture):
            draw(picture, found, given.observable)
    return _extremes(found, given.observable)


def _extremes(found: Any, name: str) -> dict[str, Any]:
    """Largest and smallest value with their places, and how many points there are."""
    values, status = found[name], found["status"]
    unit = "" if values.attrs["units"] == "1" else values.attrs["units"]
    result: dict[str, Any] = {"level": (found.attrs["level"], "")}
    if int(values.notnull().sum()):
        for word, place in (("largest", values.argmax(...)), ("smallest", values.argmin(...))):
            here = values.isel(place)
            at = ", ".join(f"{axis} = {float(here[axis]):.6g}" for axis in values.dims)
            result[f"{word} {name}"] = (f"{float(here):.6g} {unit}".rstrip() + f" at {at}", "")
    result["points"] = (f"{int((status == 1).sum())} of {status.size} computed", "")
    warned = found["warned"]
    for mask, kind in zip(
        warned.attrs["flag_masks"], warned.attrs["flag_meanings"].split(), strict=True
    ):
        if count := int(((warned & mask) != 0).sum()):
            result[kind] = (f"at {count} of them", "")
    failed = found["reason"].values[status.values > 1]
    if len(failed):
        result["first failure"] = (str(failed[0]), "")
    return result


def _target(option: str, name: str | None, force: bool) -> Path | None:
    """The file to write, or None; refused before anything is computed."""
    if name is None:
        return None
    path = Path(name)
    if not name.strip() or path.is_dir():
        raise ValueError(f"{option} must name a file (got {name!r})")
    if path.is_file() and not force:
        raise ValueError(f"{option} must name a new file, or add --force to overwrite (got {name})")
    return path


@contextlib.contextmanager
def _named(path: Path | None) -> Iterator[None]:
    """A full disk does not say of which file it speaks."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def _write_table(file: Any, *columns: Any) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("drive_current_A", "zeta", "drag_current_A"))
    writer.writerows(zip(*(column.tolist() for column in columns), strict=True))


# in and out ------------------------------------------------------------------------------


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return "  ".join(map(_text, value))
    return value if isinstance(value, str) else f"{value:.6g}"


def _plain(value: Any) -> Any:
    """For JSON, which has no infinity: null."""
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return value if isinstance(value, str) or math.isfinite(value) else None


def _print(result: dict[str, Any], said: list[str], as_json: bool) -> None:
    if as_json:
        numbers = {
            key: {"value": _plain(value), "unit": unit} if unit else _plain(value)
            for key, (value, unit) in result.items()
        }
        print(json.dumps(numbers | {"warnings": said}, allow_nan=False))
        return
    width = max(map(len, result))
    for key, (value, unit) in result.items():
        print(f"{key:{width}}  {_text(value)} {unit}".rstrip())


def _run(given: argparse.Namespace) -> None:
    if given.command == "sample" and not given.list and given.material is None:
        raise ValueError("sample needs a MATERIAL (cedrag sample --list names them)")
    for name, value in vars(given).items():
        if isinstance(value, float) and 1e30 <= abs(value) < math.inf:
            raise ValueError(f"{name} must be smaller than 1e30 (got {value})")
    answer = {
        "diode": _diode, "sample": _sample, "plateau": _plateau, "sweep": _sweep,
    }[given.command]  # fmt: skip
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = answer(given)
    said = list(dict.fromkeys(" ".join(str(w.message).split()) for w in caught))
    as_json = getattr(given, "json", False)
    if result is not None:
        _print(result, said, as_json)
    for message in [] if as_json else said:
        print(f"cedrag: warning: {message}", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows ``cedrag`` in a shell; by default those of the process.

    Returns
    -------
    int
        0, 2 for bad input or a number that does not exist there, 130 after Ctrl-C.

    Examples
    --------
    >>> from cedrag.cli import main
    >>> main(["diode"])  # the running example; a warning goes to stderr
    q0    0.198626  0 1/l_u
    J_c+  0.0273386 J_u
    J_c-  -0.0273282 J_u
    eta   0.0190702 %
    0
    >>> main(["diode", "-t", "1.2"])  # one line on stderr says why not
    2
    """
    try:
        parsed = make_parser().parse_args(arguments)
        if sys.stdout is None:
            raise OSError(errno.EBADF, "is closed")
        _run(parsed)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader, `head` for example, has enough
        _discard_output()
        return 0
    except Exception as error:  # whatever it is, a shell gets one line
        print(f"cedrag: error: {_complaint(error)}", file=sys.stderr)
        if isinstance(error, OSError) and error.filename is None:
            _discard_output()
        return 2
    return 0


def _complaint(error: Exception) -> str:
    """What went wrong, in one line."""
    message = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'standard output'}: {error.strerror}"
    if isinstance(error, ArithmeticError):
        return f"the numbers are too large or too small to compute with ({message})"
    return message


def _discard_output() -> None:
    """What could not be written stays unwritten: Python must not try again at exit."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
