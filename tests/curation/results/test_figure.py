"""The figure of a study stays within its edges, however many arms there are."""

import re

import pytest

from curation.results import charts, figure
from curation.results.statistics import Interval


@pytest.mark.parametrize("xs", [[1500.0], [600.0, 1500.0, 3000.0]])
@pytest.mark.parametrize("count", [1, 3, 8])
def test_names_and_marks_are_inside(count: int, xs: list[float]) -> None:
    series = [
        figure.Series(f"facility-{number}", "a", [(x, Interval(0.4, 0.3, 0.5)) for x in xs]) for number in range(count)
    ]
    drawn = str(figure.against(series, "title", "x", "y"))
    height = float(re.findall(r'viewBox="0 0 \S+ ([\d.]+)"', drawn)[0])
    places = [(float(x), float(y)) for x, y in re.findall(r'<text x="([-\d.]+)" y="([-\d.]+)"', drawn)]
    assert len(places) >= count
    assert sum(name in drawn for name in (one.name for one in series)) == count
    assert all(0 <= x <= charts.WIDTH - 7 * len("facility-0") and y <= height for x, y in places if y < 80)
    assert all(0 <= x <= charts.WIDTH for x, _ in places)
