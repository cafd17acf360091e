"""docs/detectors.md says what the detectors' files say."""

from provserver.monitor.detector import load_detectors
from tools.detectors_reference import PAGE, page


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tools.detectors_reference"


def test_every_detector_has_a_section_with_all_that_people_need() -> None:
    text = page()

    for detector in load_detectors():
        assert f"\n## {detector.name}\n" in f"\n{text}"
        assert all((detector.sees, detector.why, detector.false_positives, detector.tuning))
