"""The command: the package's numbers, one line per complaint, the right exit code."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cedrag import NATURAL, PAPER, GinzburgLandau, ValidityWarning, cli
from cedrag._version import VERSION
from cedrag.laboratory.materials import materials
from cedrag.laboratory.sample import sample

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "chapters" / "command_line.md"


@pytest.fixture
def cedrag(capsys):
    """Run the command in this process: (exit code, stdout, lines of stderr)."""

    def run(*arguments):
        try:
            code = cli.main([str(a) for a in arguments])
        except SystemExit as stop:
            code = stop.code
        out, err = capsys.readouterr()
        return code, out, err.splitlines()

    return run


def quiet_diode(bilayer, t=0.9, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)
        return GinzburgLandau(bilayer, t).diode(**options)


def test_diode_prints_the_numbers_of_the_package(cedrag):
    code, out, err = cedrag("diode", "--json", "--reading", "paper")
    found = json.loads(out)
    want = quiet_diode(PAPER)
    assert code == 0
    assert found["J_c+"] == {"value": want.jc_plus, "unit": "J_u"}
    assert found["J_c-"]["value"] == want.jc_minus
    assert found["eta"]["value"] == 100 * want.efficiency
    assert found["q0"]["value"] == list(want.q0)
    assert err == []
    assert len(found["warnings"]) == 3  # next to the tricritical point, a large gap, above T_BKT
    assert "BKT" in found["warnings"][2]


def test_without_options_it_is_the_running_example(cedrag):
    _, out, _ = cedrag("diode", "--json")
    assert json.loads(out)["J_c+"]["value"] == quiet_diode(NATURAL).jc_plus


def test_diode_warns_once_per_line_after_the_numbers(cedrag):
    code, out, err = cedrag("diode", "--reading", "paper")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["q0", "J_c+", "J_c-", "eta"]
    assert len(err) == 3
    assert all(line.startswith("cedrag: warning: ") for line in err)


def test_every_option_of_the_bilayer_arrives(cedrag):
    want = quiet_diode(
        NATURAL.from_fermi_energies(
            fermi_energy_e=11.0, fermi_energy_h=10.5, rashba_e=0.8, rashba_h=0.1,
            zeeman_inplane=2.0, zeeman_outofplane=9.0, mass_ratio=1.1,
        ), 0.85,
    )  # fmt: skip
    _, out, _ = cedrag(
        "diode", "--json", "--reading", "natural", "--fermi-energy-e", 11, "--fermi-energy-h", 10.5,
        "--rashba-e", 0.8, "--rashba-h", 0.1, "-B", 2, "-J", 9, "--mass-ratio", 1.1, "-t", 0.85,
    )  # fmt: skip
    assert json.loads(out)["J_c+"]["value"] == want.jc_plus


def test_angle_is_in_degrees(cedrag):
    _, out, _ = cedrag("diode", "--json", "--reading", "natural", "--angle", 180)
    assert json.loads(out)["J_c+"]["value"] == pytest.approx(-quiet_diode(NATURAL).jc_minus, 1e-6)


def test_sample_lists_the_materials(cedrag):
    code, out, err = cedrag("sample", "--list")
    assert (code, err) == (0, [])
    assert [line.split()[0] for line in out.splitlines()] == list(materials())


def test_sample_is_that_of_the_package(cedrag):
    """Units of the options: cm, nm, um and uA/s."""
    code, out, _ = cedrag(
        "sample", "paper", "--density", "3e11", "--temperature", "12", "--critical-temperature",
        "10", "--separation", "8", "--field", "2", "--width", "2", "--json",
    )  # fmt: skip
    found = json.loads(out)
    s = sample(
        "paper", density=3e15, temperature=12.0, critical_temperature=10.0, separation=8e-9,
        field=2.0, width=2e-6,
    )  # fmt: skip
    assert code == 0
    assert found["zeta of friction"] == pytest.approx(s["zeta of friction"].value, rel=1e-12)
    winding = "wavelength, hole above"
    assert found[winding] == {"value": pytest.approx(s[winding].value), "unit": "nm"}
    assert found["assumed 1"] == s.assumed[0]
    assert found["outside the theory 1"] == s.outside[0]


def test_plateau_steps_at_the_critical_currents(cedrag, tmp_path):
    picture, table = tmp_path / "zeta.svg", tmp_path / "zeta.csv"
    arguments = ("plateau", "--reading", "natural", "--points", 41)
    code, out, _ = cedrag(*arguments)
    assert code == 0
    rows = [[float(x) for x in row] for row in list(csv.reader(io.StringIO(out)))[1:]]
    drive, zeta, drag = zip(*rows, strict=True)
    assert out.startswith("drive_current_A,zeta,drag_current_A\n")
    assert list(drive) == sorted(drive)
    assert drag == pytest.approx([z * i for z, i in zip(zeta, drive, strict=True)], 1e-12)
    inside = [i for i, z in zip(drive, zeta, strict=True) if z == -1.0]
    outside = [i for i, z in zip(drive, zeta, strict=True) if z != -1.0]
    # 0.0273 J_u on 1 um; the step lies between two neighbouring numbers
    diode = quiet_diode(NATURAL)
    assert max(inside) / min(inside) == pytest.approx(diode.jc_plus / diode.jc_minus, 1e-9)
    assert min(i for i in outside if i > 0) == pytest.approx(max(inside), rel=1e-15)
    code, again, _ = cedrag(*arguments, "--csv", table, "--picture", picture)
    assert (code, again) == (0, "")
    assert table.read_text() == out
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")


def test_plateau_without_a_condensate_is_friction_everywhere(cedrag):
    code, out, _ = cedrag("plateau", "-t", 1.5, "--points", 3, "--max-current", 0.5)
    rows = [row.split(",") for row in out.splitlines()[1:]]
    assert code == 0
    assert {row[1] for row in rows} != {"-1.0"}
    assert float(rows[-1][0]) == 0.5e-6


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "COMMAND"),
        (("diod",), "invalid choice: 'diod'"),
        (("diode", "-B", "much"), "invalid float value: 'much'"),
        (("diode", "-B", "nan"), "zeeman_inplane must be finite (got nan)"),
        (("diode", "-t", "1.2"), "t must be below 1"),
        (("diode", "-t", "-1"), "(got -1.0)"),
        (("diode", "--mass-ratio", "0"), "mass_ratio must be positive (got 0.0)"),
        (("diode", "--fermi-energy-e", "-50"), ""),
        (("diode", "--angle", "inf"), "finite"),
        (("sample",), "needs a MATERIAL"),
        (("estimate", "gaas"), "(choose from"),
        (("sample", "gaas", "--temperature", "1"), "density must be given"),
        (("sample", "unobtainium", "--density", "1e11", "--temperature", "1"), "material must be"),
        (("sample", "gaas", "--density", "-1", "--temperature", "1"), "density must be positive"),
        (("plateau", "--points", "0"), "--points must be at least 1 (got 0)"),
        (("plateau", "--points", "1.5"), "invalid int value"),
        (("plateau", "--max-current", "0"), "max_current must be positive (got 0.0)"),
        (("plateau", "--picture", "zeta.doc"), "--picture must end in .svg, .png, .pdf"),
        (("plateau", "--csv", "/nowhere/zeta.csv"), "/nowhere/zeta.csv: No such file"),
        (("plateau", "--csv", ""), "--csv must name a file (got '')"),
        (("plateau", "--picture", ""), "--picture must name a file (got '')"),
        (("diode", "-B", "1e308"), "zeeman_inplane must be smaller than 1e30 (got 1e+308)"),
        (("plateau", "--scattering-time", "-1"), "scattering_time must be positive"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(cedrag, arguments, complaint):
    code, out, err = cedrag(*arguments)
    assert (code, out) == (2, "")
    assert len(err) == 1, err
    assert "error: " in err[0]
    assert complaint in err[0]


@pytest.mark.parametrize("command", [(), ("diode",), ("sample",), ("plateau",), ("sweep",)])
def test_help_names_the_units(cedrag, command):
    code, out, err = cedrag(*command, "--help")
    assert (code, err) == (0, [])
    for unit in ("1/cm^2", "meV") if command == ("sample",) else ("k_B T_c",):
        assert unit in out
    if command not in ((), ("sample",)):
        assert "1/l_u" in out


def test_ctrl_c_is_130(cedrag, monkeypatch):
    def interrupted(given):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_run", interrupted)
    assert cedrag("diode") == (130, "", [])


def test_a_missing_library_names_its_extra(cedrag, monkeypatch):
    for name in [n for n in sys.modules if n == "cedrag.view.plotting"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    code, out, err = cedrag("plateau", "--picture", "zeta.png")
    assert (code, out) == (2, "")
    assert err == ["cedrag: error: matplotlib is not installed: pip install 'cedrag[plot]'"]


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "cedrag", *arguments],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_python_m_cedrag_is_the_command_and_a_closed_pipe_is_no_error():
    listing = start("sample", "--list")
    listing.stdout.close()
    assert listing.stderr.read() == ""
    listing.stderr.close()
    assert listing.wait(timeout=120) == 0
    out, err = start("diode", "-t", "2").communicate(timeout=120)
    assert out == ""
    assert err.startswith("cedrag: error: t must be below 1")


def transcripts():
    """(arguments, printed) of every ``$ cedrag`` in the book's page."""
    blocks = PAGE.read_text(encoding="utf-8").split("```console\n")[1:]
    for block in blocks:
        first, _, rest = block.split("```")[0].partition("\n")
        assert first.startswith("$ cedrag "), first
        yield first.removeprefix("$ cedrag ").split(), rest


NUMBER = re.compile(r"-?\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b")


def test_the_page_shows_what_the_command_prints(cedrag):
    """All words exactly; numbers to 2e-4, since differences of the two currents lose digits."""
    shown = list(transcripts())
    commands = {"diode", "sample", "plateau", "sweep"}
    assert {arguments[0] for arguments, _ in shown} == commands
    for arguments, printed in shown:
        _, out, err = cedrag(*arguments)
        real = "\n".join([*out.splitlines(), *err])
        assert NUMBER.sub("#", real) == NUMBER.sub("#", printed.rstrip("\n")), arguments
        numbers = [[float(x) for x in NUMBER.findall(text)] for text in (printed, real)]
        assert numbers[0] == pytest.approx(numbers[1], rel=2e-4, abs=0.0), arguments


def test_the_readme_shows_commands_that_exist():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^cedrag (.*?) *(?:#.*)?$", text, re.MULTILINE)
    known = {"diode", "sample", "plateau", "sweep"}
    assert {line.split()[0] for line in lines} == known
    for line in lines:
        given = cli.make_parser().parse_args(line.split())
        assert given.command == line.split()[0]


def test_version(cedrag):
    assert cedrag("--version") == (0, f"cedrag {VERSION}\n", [])


def test_a_file_is_not_overwritten_without_force(cedrag, tmp_path):
    table = tmp_path / "zeta.csv"
    table.write_text("mine")
    arguments = ("plateau", "--reading", "natural", "--points", 3, "--csv", table)
    code, out, err = cedrag(*arguments)
    assert (code, out) == (2, "")
    assert err == [
        f"cedrag: error: --csv must name a new file, or add --force to overwrite (got {table})"
    ]
    assert table.read_text() == "mine"
    assert cedrag(*arguments, "--force")[0] == 0
    assert table.read_text().startswith("drive_current_A")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux")
def test_a_full_disk_is_one_line():
    with open("/dev/full", "w") as full:
        run = subprocess.run(
            [sys.executable, "-m", "cedrag", "sample", "--list"], cwd=ROOT, stdout=full,
            stderr=subprocess.PIPE, text=True, check=False, timeout=120,
        )  # fmt: skip
    assert run.returncode == 2
    assert run.stderr == "cedrag: error: standard output: No space left on device\n"


def test_a_sweep_is_that_of_the_package(cedrag, tmp_path):
    xr = pytest.importorskip("xarray")
    code, out, err = cedrag(
        "sweep", "B=2:3:2", "t=0.8:1.1:2", "--reading", "natural", "--workers", 1,
        "--store", tmp_path / "map.zarr", "--netcdf", tmp_path / "map.nc",
        "--picture", tmp_path / "map.svg",
    )  # fmt: skip
    assert (code, err) == (0, [])
    want = quiet_diode(NATURAL.replace(zeeman_inplane=3.0), 0.8).efficiency
    with xr.open_dataset(tmp_path / "map.nc") as found:
        assert float(found.efficiency.sel(zeeman_inplane=3.0, t=0.8)) == want
        assert found.status.values.tolist() == [[1, 2], [1, 2]]
    lines = dict(re.split(r"  +", line, maxsplit=1) for line in out.splitlines())
    assert lines["largest efficiency"] == f"{want:.6g} at zeeman_inplane = 3, t = 0.8"
    assert lines["points"] == "2 of 4 computed"
    assert lines["AboveBKTWarning"] == "at 2 of them"
    assert lines["first failure"].startswith("NoCondensateError: t must be below 1")
    assert ElementTree.parse(tmp_path / "map.svg").getroot().tag.endswith("svg")
    assert (tmp_path / "map.zarr" / "zarr.json").is_file()


def test_a_sweep_of_the_field_out_of_plane_keeps_the_fermi_energies(cedrag):
    _, out, _ = cedrag(
        "sweep", "J=9:11:2", "--reading", "natural", "--observable", "spin_gap_margin",
        "--workers", 1,
    )  # fmt: skip
    margins = [
        NATURAL.from_fermi_energies(
            fermi_energy_e=11.6, fermi_energy_h=11.6, rashba_e=0.7, zeeman_inplane=3.0,
            zeeman_outofplane=J,
        ).spin_gap_margin()
        for J in (9.0, 11.0)
    ]  # fmt: skip
    assert f"{margins[1]:.6g} E_u at zeeman_outofplane = 11" in out
    assert f"{margins[0]:.6g} E_u at zeeman_outofplane = 9" in out


def test_a_sweep_can_be_explained_first(cedrag, tmp_path):
    code, out, _ = cedrag(
        "sweep", "B=1:3:20", "--explain", "--store", tmp_path / "a", "--workers", 1
    )
    assert code == 0
    assert "20 points, of which 0 are stored" in out
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("B",), "axes must be NAME=FIRST:LAST:POINTS (got 'B')"),
        (("B=0:1",), "axes must be NAME=FIRST:LAST:POINTS"),
        (("B=0:inf:3",), "axes must be NAME=FIRST:LAST:POINTS"),
        (("B=0:1:2:3",), "axes must be NAME=FIRST:LAST:POINTS"),
        (("B=0:1:0",), "POINTS must be at least 1"),
        (("B=0:1:2", "B=0:1:2"), "axes must be one or two parameters"),
        (("B=0:1:2", "t=0.5:0.9:2", "J=1:2:2"), "axes must be one or two parameters"),
        (("field=0:1:2",), "axes must be among"),
        (("B=0:1:2", "--observable", "etta"), "observable must be a function or among"),
        (("B=0:1:2", "--picture", "a.gif"), "--picture must end in"),
    ],
)
def test_a_sweep_that_cannot_be_is_refused_in_one_line(cedrag, arguments, said):
    code, out, err = cedrag("sweep", *arguments)
    assert (code, out) == (2, "")
    assert len(err) == 1
    assert said in err[0]


@pytest.mark.parametrize("option", ["-B", "-J"])
@pytest.mark.parametrize("value", ["1e12", "1e29", "1e308"])
def test_absurd_fields_end_at_once(cedrag, option, value):
    code, out, (line,) = cedrag("diode", option, value)
    assert (code, out) == (2, "")
    reason = r"(rtol = 1.0e-08 is below the rounding|zeeman_\w+ must be smaller)"
    assert re.match(f"cedrag: error: {reason}", line)
