"""Write docs/detectors.md from the detectors' own files: ``python -m tools.detectors_reference``."""

from pathlib import Path

from provserver.monitor.detector import Detector, load_detectors
from provserver.monitor.gcra import Leak

PAGE = Path(__file__).resolve().parent.parent / "docs" / "detectors.md"
_HEAD = """# Detectors

What the [monitor](monitor.md) looks for. Made by `python -m tools.detectors_reference` from
`provserver/monitor/detectors`; a test compares. Other numbers: a TOML file named by `monitor.detectors`, with a table
for each detector that differs; try them first with `provserver monitor replay LOG --detectors FILE`:
```
[unknown-macs]
fast = { capacity = 20, leak_s = 10 }
```
*Confidence* low: people look only; medium: windows are not believed at most; high: the measure below. Durations double
with each time within 30 days, up to 7 days, and are up to a quarter longer at random.

"""
_KEYS = {
    "source": "one address (IPv6: one /64)",
    "prefix": "one /24 (IPv6: /56)",
    "network": "one /24 (IPv6: /48)",
    "system": "one autonomous system (with `whereabouts.asn`)",
    "block": "4,096 MACs",
    "oui": "a maker's block",
    "device": "one device",
    "tenant": "one tenant",
    "source+mac": "one address and one MAC",
    "source+agent": "one address and one User-Agent",
}
_VALUES = {  # where the name of the value and an s do not say it
    "any": "events",
    "tried": "different names or passwords",
    "login": "different logins (by Digest: devices)",
    "prefix": "different networks",
    "mac": "different MACs",
}


def page() -> str:
    """The whole page."""
    detectors = sorted(load_detectors(), key=lambda detector: (int(detector.signal[1:]), detector.name))
    return _HEAD + "\n".join(_section(detector) for detector in detectors)


def _section(detector: Detector) -> str:
    rows = [
        ("sees", detector.sees),
        ("why", detector.why),
        ("may be wrong about", detector.false_positives),
        ("to tune", detector.tuning),
        ("counts", _counts(detector)),
        ("then", _then(detector)),
    ]
    table = "".join(f"| {name} | {text.strip()} |\n" for name, text in rows)
    return f"## {detector.name}\n{detector.title}.\n\n| | |\n|---|---|\n{table}"


def _counts(detector: Detector) -> str:
    what = _VALUES.get(detector.distinct, f"different {detector.distinct}s") if detector.distinct else "events"
    text = f"{what} of {_KEYS[detector.key]}; {_pace(detector.fast)}"
    if detector.slow is not None:
        text += f", or {_pace(detector.slow)}"
    if detector.credit:
        text += f"; {detector.credit:g} more for each device that was served there within a day"
    if detector.prefixes > 1:
        text += f"; from {detector.prefixes} networks or more"
    return text


def _pace(leak: Leak) -> str:
    if leak.capacity == 0:
        return "the first is one too many"
    return f"more than {leak.capacity:g}, one forgotten every {leak.leak_s:g} s"


def _then(detector: Detector) -> str:
    text = f"`{detector.measure.value}`, confidence {detector.confidence}"
    if detector.measure.value not in ("observe", "lock", "rotate"):
        text += f", first for {detector.duration_s / 60:g} min"
    if detector.critical:
        text += "; `critical`: wake somebody"
    return f"{text}; quiet for {detector.silence_s:g} s"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
