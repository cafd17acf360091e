"""`vendor list|show`: who is known, and what each setting becomes or that it does not."""

from __future__ import annotations

from provserver.domain.catalogue import SPECS
from tests.cli.terminal import Terminal


def test_a_maker_is_shown_with_its_words_for_every_setting(bare: Terminal) -> None:
    shown = bare.do("vendor", "show", "yealink").out.splitlines()

    (payload,) = [line for line in shown if line.startswith("dtmf_payload ")]
    (syslog,) = [line for line in shown if line.startswith("syslog_server ")]
    assert payload.split()[1:] == ["account.{n}.dtmf.dtmf_payload"]
    assert syslog.endswith("  not supported by this maker")


def test_a_program_gets_the_same_as_json(bare: Terminal) -> None:
    shown = bare.do("vendor", "show", "yealink", "--json").json

    assert shown["vendor"] == "yealink"
    assert list(shown["settings"]) == [spec.name for spec in SPECS]
    assert shown["settings"]["dtmf_payload"] == ["account.{n}.dtmf.dtmf_payload"]
    assert shown["settings"]["syslog_server"] is None


def test_a_maker_that_is_not_known_is_one_line(bare: Terminal) -> None:
    assert bare.run("vendor", "show", "nobody").complaint == "no vendor 'nobody'"
