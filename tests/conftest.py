"""Settings every test shares."""

import os
import sys
from pathlib import Path

import matplotlib
from hypothesis import settings
from live_page import browser, control, file  # noqa: F401 - fixtures of two modules

matplotlib.use("Agg")

# the tools of the build import each other by name
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))

# No test depends on the speed of the machine, and CI draws the same examples every time.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")
