"""Rows on frictional drag: times against the benchmark, ratios by hand."""

import pytest
from numpy.testing import assert_allclose

from cedrag.drag.ratio import drag_ratio
from cedrag.paper.audit_drag import DragAudit, scattering_time_for

pytestmark = pytest.mark.filterwarnings("ignore::cedrag.errors.ValidityWarning")


def test_drag_time_at_ten_nanometres():
    """The published benchmark of these layers with dynamic screening: 13.766 ns."""
    assert_allclose(DragAudit().time(10.0), 1.3766e-8, rtol=1e-3)


def test_scattering_time_gives_the_ratio_back():
    tau_2 = scattering_time_for(0.02, 1e-7)
    assert_allclose(-drag_ratio(drag_time=1e-7, scattering_time=tau_2), 0.02, rtol=1e-12)
