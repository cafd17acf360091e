"""
Write docs/supported.md, what each maker's devices get and how sure that is: ``python -m tools.supported_devices``.

Everything on the page is what the makers' modules declare; a test compares.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from provserver.domain.bootstrap import Way
from provserver.domain.parameters import DEVICE, LINE, Confidence
from provserver.domain.vendor import AfterDeletion, FileRule, Model, Vendor
from provserver.vendors import load_vendors

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "supported.md"

_HEAD = """# Supported devices

What each maker's devices are given, how they prove themselves, and how this server's URL gets into them. Marks say how
sure a fact is. H: makers' documents or two independent implementations. M: one source. L: recollection, found in no
source. T: tried by running it. "Unproven": no real phone has confirmed it.

Made by `python -m tools.supported_devices` from the modules in `provserver/vendors`; a test compares.
"""
_WAYS = {Way.DHCP: "DHCP", Way.PNP: "SIP PnP", Way.REDIRECT: "the maker's redirection", Way.HAND: "by hand"}
_ANSWERS = {
    AfterDeletion.OMIT: "the password is left out",
    AfterDeletion.NOT_FOUND: "the file is no longer given (404)",
}


def page() -> str:
    """The whole page."""
    vendors = load_vendors()
    return (
        "\n".join([_HEAD, *_overview(vendors), *(line for vendor in vendors for line in _maker(vendor))]).rstrip()
        + "\n"
    )


def _overview(vendors: Iterable[Vendor]) -> Iterator[str]:
    yield "| maker | models | settings | after deletion | certificate | HTTP login | file encryption | NOTIFY |"
    yield "|---|---|---|---|---|---|---|---|"
    for vendor in vendors:
        if vendor.refuses:
            name = f"[{vendor.name}](#{vendor.slug})"
            yield f"| {name} | {len(vendor.models)} | 0 | takes no SIP configuration | – | – | – | no |"
            continue
        rule = vendor.after_deletion
        settings = {row.setting for row in vendor.parameters if row.setting != DEVICE} - _line_fields(vendor)
        answers = _answers(vendor)
        yield (
            f"| [{vendor.name}](#{vendor.slug}) | {len(vendor.models)} | {len(settings)}"
            f" | {' or '.join(f'`{answer}`' for answer in answers)} {rule.confidence}{', unproven' * rule.unproven}"
            f" | {vendor.certificate.confidence if vendor.certificate else '–'}"
            f" | {_schemes(vendor)}"
            f" | {', '.join(_ciphers(vendor)) or '–'}"
            f" | {'yes' if vendor.notify.resync or vendor.notify.reboot else 'no'} |"
        )
    yield ""


def _maker(vendor: Vendor) -> Iterator[str]:
    yield f"## {vendor.slug}\n"
    yield f"**{vendor.name}**{'; known by an id of ours, not by a MAC' if vendor.generated_ids else ''}\n"
    yield from _models(vendor.models)
    if vendor.refuses:
        yield f"Known, and given nothing ({vendor.after_deletion.confidence}): {vendor.refuses}.\n"
        return
    yield from _refused(vendor)
    yield from _files(vendor)
    yield from _after_deletion(vendor)
    yield from _proofs(vendor)
    book = vendor.phonebook
    yield f"Phone book: {f'`{book.file}` ({book.confidence})' if book else 'no format known'}.\n"
    yield "How the URL gets in:\n"
    for way in vendor.bootstrap:
        option = f" option {way.dhcp_option}" if way.dhcp_option else ""
        yield f"* {_WAYS[way.way]}{option} ({way.confidence}): {way.text.replace('{url}', '`<url>`')}"
    if vendor.scanned:
        yield f"* by QR code ({vendor.scanned.confidence}): `provserver device qr MAC`"
    yield ""
    yield from _recollected(vendor)


def _models(models: Iterable[Model]) -> Iterator[str]:
    """Models with the same numbers in one row."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for model in models:
        modules = f"{_count(model.modules)} × {_count(model.module_keys)}" if model.modules else _count(model.modules)
        numbers: tuple[str, ...] = (
            _count(model.lines),
            _count(model.keys),
            _count(model.softkeys),
            modules,
            model.confidence,
        )
        rows.setdefault(numbers, []).append(model.name)
    if rows:
        yield "| models | lines | keys | softkeys | modules × keys | mark |\n|---|---|---|---|---|---|"
        for numbers, names in rows.items():
            yield f"| {', '.join(names)} | {' | '.join(numbers)} |"
        yield ""


def _refused(vendor: Vendor) -> Iterator[str]:
    """Models that are known, and given nothing."""
    reasons: dict[str, list[str]] = {}
    for model in vendor.models:
        if model.refuses:
            reasons.setdefault(model.refuses, []).append(model.name)
    for reason, names in reasons.items():
        yield f"{', '.join(names)}: known, and given nothing: {reason}.\n"


def _count(number: int | None) -> str:
    return "?" if number is None else str(number)


def _files(vendor: Vendor) -> Iterator[str]:
    yield "| file | answer | mark |\n|---|---|---|"
    for rule in vendor.files:
        yield f"| `{rule.pattern}` | {_answer(rule)} | {rule.confidence} |"
    for upload in vendor.uploads:
        kept = "kept until the password is deleted" if upload.may_hold_credentials else "kept"
        yield f"| `{upload.pattern}` | upload, {kept}{', given back' * upload.returned} | {upload.confidence} |"
    yield ""


def _answer(rule: FileRule) -> str:
    if rule.template is None:
        return "404, which the device expects"
    return rule.format.content_type if rule.format else "given"


def _after_deletion(vendor: Vendor) -> Iterator[str]:
    rule = vendor.after_deletion
    unproven = ", unproven" if rule.unproven else ""
    yield f"After deletion {_ANSWERS[rule.answer]} ({rule.confidence}{unproven}): {rule.reason}."
    for file in vendor.files:
        if file.after_deletion not in (None, rule.answer):
            yield f"`{file.pattern}`: {_ANSWERS[file.after_deletion]}."
    yield ""


def _proofs(vendor: Vendor) -> Iterator[str]:
    certificate = vendor.certificate
    proofs = [f"HTTP login ({_schemes(vendor)})"] if vendor.login else []
    if certificate:
        proofs.append(f"factory certificate, MAC in {certificate.attribute} ({certificate.confidence})")
    yield f"Proofs beside the URL: {', '.join(proofs) or 'none known'}. NOTIFY: {_notify(vendor)}.\n"


def _notify(vendor: Vendor) -> str:
    told = [f"`{event}`" for event in (vendor.notify.resync, vendor.notify.reboot) if event]
    return f"{', '.join(dict.fromkeys(told)) or 'none known'} ({vendor.notify.confidence})"


def _recollected(vendor: Vendor) -> Iterator[str]:
    """What is in no source, so that nobody relies on it without a trial."""
    facts = {row.setting for row in vendor.parameters if row.confidence == "L"}
    facts |= {rule.pattern for rule in vendor.files if rule.confidence == "L"}
    facts |= {rule.pattern for rule in vendor.uploads if rule.confidence == "L"}
    facts |= {model.name for model in vendor.models if model.confidence == "L"}
    facts |= {_WAYS[way.way] for way in vendor.bootstrap if way.confidence == "L"}
    if facts:
        yield f"Recollected only (L): {', '.join(f'`{fact}`' for fact in sorted(facts))}.\n"


def _answers(vendor: Vendor) -> list[AfterDeletion]:
    found = {rule.after_deletion or vendor.after_deletion.answer for rule in vendor.files if rule.configuration}
    return sorted(found | {vendor.after_deletion.answer})


def _schemes(vendor: Vendor) -> str:
    order: dict[str, Confidence] = {}
    if vendor.login:
        order = {scheme.value: vendor.login.confidence for scheme in sorted(vendor.login.schemes, reverse=True)}
    return ", ".join(f"{scheme} {mark}" for scheme, mark in order.items()) or "–"


def _ciphers(vendor: Vendor) -> list[str]:
    return list(dict.fromkeys(way.name for rule in vendor.files for way in rule.encryptions))


def _line_fields(vendor: Vendor) -> set[str]:
    return {row.setting for row in vendor.parameters if row.setting.startswith(LINE)}


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
