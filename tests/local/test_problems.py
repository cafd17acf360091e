"""Whatever is wrong in the folder is named with its file and line, all of it at once, and nothing is used."""

from __future__ import annotations

from pathlib import Path

import pytest

from provserver.local.agents import agent_of
from provserver.local.folder import load_makers
from provserver.local.places import line_of
from tests.local.folder import ACME, TEMPLATE, complaints, write_maker


def line(text: str, *, nth: int = 1) -> int:
    """The line of ACME on which *text* stands for the *nth* time."""
    return [number for number, one in enumerate(ACME.splitlines(), start=1) if text in one][nth - 1]


@pytest.mark.parametrize(
    ("old", "new", "place", "what"),
    [
        ('name = "Acme"', 'name = "Acme', 'name = "Acme"', "illegal character '\\n'"),
        ('name = "Acme"', 'nome = "Acme"', 'name = "Acme"', "nome is not known"),
        ('name = "A2"', "name = 2", 'name = "A2"', "model.name: input should be a valid string"),
        ("lines = 2", "lines = -2", "lines = 2", "model.lines: input should be greater than or equal to 0"),
        ("lines = 2", 'colour = "red"', "lines = 2", "model.colour is not known"),
        ('"00005e"', '"00:00:5e"', "ouis", "'00:00:5e' is not six lower-case hex digits of a maker's block"),
        ('"00005e"', '"02005e"', "ouis", "'02005e' is not six lower-case hex digits of a maker's block"),
        ('"00005e"', '"00005e", "001565"', "ouis",
         "001565 is a block of yealink too, whose phones also ask for {mac}.cfg"),
        ('form = "Acme {model} {fw} {mac}"', 'form = "{model} Acme"', "form =",
         "does not begin with a word of letters and digits"),
        ('form = "Acme {model} {fw} {mac}"', 'form = "Acme {model} {firmware}"', "form =",
         "{firmware} is not one of {model}, {fw}, {mac}, {serial}"),
        ('form = "Acme {model} {fw} {mac}"', 'form = "Acme {model}{fw}"', "form =",
         "there is nothing before {fw} that ends {model}"),
        ('form = "Acme {model} {fw} {mac}"', 'form = "Acme {fw} {fw}"', "form =", "{fw} is there twice"),
        ('form = "Acme {model} {fw} {mac}"', 'form = "Other {model}"', "user_agent =", "is read as no maker's"),
        ('form = "Acme {model} {fw} {mac}"', 'form = "Acme {fw} {model} {mac}"', "user_agent =", None),
        ('pattern = "{mac}.cfg"', 'pattern = "{mac}/../x"', 'pattern = "{mac}.cfg"', None),
        ('pattern = "{mac}.cfg"', 'pattern = "{host}.cfg"', 'pattern = "{mac}.cfg"',
         "'{host}.cfg' is not a file's name with {mac}, {model} …"),
        ('pattern = "{mac}.cfg"', 'pattern = "ACME{model}.cfg"', 'pattern = "acme{model}.cfg"',
         "'acme{model}.cfg' is the name of another file as well"),
        ('pattern = "{mac}.cfg"\n', "", 'name = "config"', "pattern is needed"),
        ('template = "config.cfg.j2"\n', "", 'name = "config"', "template and format belong together"),
        ('format = "key_value"', 'format = "yaml"', 'format = "key_value"',
         "file.format: input should be 'xml', 'key_value' or 'quoted'"),
        ('format = "key_value"', 'format = "xml"\ncontent_type = "text/html; x=1"', 'format = "key_value"', None),
        ("configuration = true", 'sections = ["lines"]', "configuration", "no parameter is in the section 'lines'"),
        ("configuration = true", 'sections = ["system"]', 'setting = "line.user_name"',
         "no file has the section 'line'"),
        ('name = "config"', 'name = "common"', 'name = "config"', "'common' is there twice"),
        ('"line.user_name"', '"line.username"', '"line.user_name"', "'line.username' is not a field of a line"),
        ('"vlan_id"', '"vlan"', '"vlan_id"', "'vlan' is not a setting of the catalogue"),
        ('"key.N"', '"key.1"', '"key.N"', "'key.1' is not a setting of the catalogue"),
        ('"vlan_id"', '"raw.vlan"', '"vlan_id"', None),
        ('part = "host"', 'part = "hostname"', 'part = "host"',
         "'hostname' is not one of address, host, port, transport"),
        ('part = "scheme"', 'part = "user"', 'part = "scheme"', None),
        ('part = "scheme"', 'part = "host"', "values = { http", "are for the scheme of the URL"),
        ('name = "net.vlan"', 'name = "net.vlan"\npart = "x"', 'name = "net.vlan"', "vlan_id has no parts"),
        ('name = "net.vlan"', 'name = "net.vlan"\nvalues = { 1 = "2" }', 'name = "net.vlan"',
         "vlan_id has no words to translate"),
        ('name = "net.vlan"', 'name = "net.vlan"\ndefault = "1"', 'name = "net.vlan"',
         "is for parts; a setting without a value writes nothing"),
        ('name = "account.{n}.user"', 'name = "account.{n}.user"\neach_line = true', 'name = "account.{n}.user"', None),
        ("tls = ", "sctp = ", "values = { udp", "'sctp' is not one of dns, tcp, tls, udp"),
        ("speed_dial = ", "speeddial = ", "speed_dial", None),
        ('on = "1"', 'yes = "1"', 'values = { on = "1"', "'yes' is not one of off, on"),
        ('values = { on = "1", off = "0" }\n', "", 'setting = "lldp"',
         "lldp is on or off, and there are no values for that"),
        ("24 = ", "36 = ", "values = { 12", "'36' is not one of 12, 24"),
        ("pcma = ", "alaw = ", "values = { g722", None),
        ('resync = "check-sync"', 'resync = "check sync"', "resync", "'check sync' is not the name of an event"),
        ('schemes = ["digest"]', "schemes = []", "schemes", None),
        ('answer = "omit"', 'answer = "blank"', "answer",
         "after_deletion.answer: input should be 'omit' or 'not_found'"),
        ('way = "hand"', 'way = "dhcp"', "[[bootstrap]]", "an option belongs to DHCP and only there"),
        ('model = "A2"', 'model = "A3"', 'model = "A2"', "'A3' is not one of the models"),
        ('"{mac}.cfg"]', '"{mac} .cfg"]', "boot =", "file 2 is not a name with {mac} or {model}"),
        ('name = "Acme"\n', "", None, "name is needed, for there is no built-in maker 'acme'"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, place: str | None, what: str | None
) -> None:
    changed = ACME.replace(old, new, 1)
    assert changed != ACME

    found = complaints(write_maker(tmp_path, changed))

    at, _, said = found[0].partition(": ")
    # A key that the change has put in is on the line below.
    # A table stands where its header is, and that is above its first key.
    lines = [1] if place is None else [line(place) - what_is_above(found[0]), line(place) + new.count("\n")]
    assert at in {f"acme/maker.toml:{number}" for number in lines}, found
    assert what is None or said == what


def what_is_above(said: str) -> bool:
    """Whether it is said of a table as a whole."""
    return said.endswith(("is needed", "belong together", "has the section 'line'", "no values for that"))


@pytest.mark.parametrize(
    ("template", "line_number", "word"),
    [
        ("one\n{{ nothing }}\n", 2, "'nothing' is undefined"),
        ("one\ntwo\n{% for %}\n", 3, "Expected an expression"),
        ("one\n{{ lines[0].password }}\n", 2, "SecretSlot"),
        ("{% for e in entries %}\n{{ e.value }}\n{% endfor %}\n", 2, "SecretSlot"),  # shows with a password only
        ("{{ lines[0].shown_label }}\n", 1, "no element 0"),  # shows without lines only
        ("x\n{% include 'acme/other.j2' %}\n", 2, "there is no template 'acme/other.j2'"),
        ("x\n{{ device.__class__ }}\n", 2, "unsafe"),
        ("x\ny\x00z\n", 2, "holds a control character"),
        ("x\n{{ ''.__class__.__mro__ }}", 2, "unsafe"),
        ("x\n{{ 'abc'.index('z') }}", 2, "substring not found"),
        ("x\n{{ 1 // 0 }}", 2, "by zero"),
        ("x\n{% include 'acme/config.cfg.j2' %}", 2, "recursion"),
        ("x\n{% for n in range(999999999) %}{% endfor %}", 2, "Range too big"),
    ],
)
def test_a_template_that_fails_for_any_device_is_named_with_its_line(
    tmp_path: Path, template: str, line_number: int, word: str
) -> None:
    (found, *_) = complaints(write_maker(tmp_path, config_cfg=template))

    at, _, said = found.partition(": ")
    assert at == f"acme/config.cfg.j2:{line_number}"
    assert word in said


def test_a_mistake_in_what_a_template_takes_in_is_that_ones(tmp_path: Path) -> None:
    write_maker(tmp_path, config_cfg="{% include 'acme/lines.j2' %}", lines="a\nb\n{{ nothing }}\n")

    (found,) = complaints(tmp_path)

    assert found.startswith("acme/lines.j2:3: ")


def test_a_template_that_nothing_uses_is_a_mistake(tmp_path: Path) -> None:
    write_maker(tmp_path, config_cfg=TEMPLATE, conifg_cfg=TEMPLATE)

    assert complaints(tmp_path) == ["acme/conifg.cfg.j2: no file uses this template"]


def test_a_template_that_is_missing_is_named(tmp_path: Path) -> None:
    write_maker(tmp_path, other=TEMPLATE)

    assert complaints(tmp_path) == [f"acme/maker.toml:{line('template =')}: there is no template 'config.cfg.j2'"]


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    write_maker(tmp_path, ACME.replace("lines = 2", "lines = -2").replace('answer = "omit"', 'answer = "x"'))
    write_maker(tmp_path, 'nome = "x"\n', slug="yealink", config="{{ nothing }}")
    (tmp_path / "No-Slug").mkdir()
    (tmp_path / "empty").mkdir()

    found = complaints(tmp_path)

    assert [one.partition(": ")[0] for one in found] == [
        "No-Slug",
        f"acme/maker.toml:{line('lines = 2')}",
        f"acme/maker.toml:{line('answer =')}",
        "empty/maker.toml",
        "yealink/maker.toml:1",
    ]


def test_the_message_is_the_first_of_them_and_how_many_there_are(tmp_path: Path) -> None:
    write_maker(tmp_path, ACME.replace("lines = 2", "lines = -2").replace('answer = "omit"', 'answer = "x"'))

    with pytest.raises(Exception, match=rf"maker\.toml:{line('lines = 2')}: model\.lines.* \(and 1 more\)$"):
        load_makers(tmp_path)


def test_what_is_no_text_is_a_mistake(tmp_path: Path) -> None:
    write_maker(tmp_path)
    (tmp_path / "acme" / "maker.toml").write_bytes(b'name = "Acme"\nx = "\xff"\n')
    (tmp_path / "acme" / "config.cfg.j2").write_bytes(b"#" * 1_048_577)

    assert complaints(tmp_path) == [
        "acme/config.cfg.j2: is larger than 1048576 bytes",
        "acme/maker.toml:2: is not UTF-8",
    ]


@pytest.mark.parametrize("name", ["", "acme", "acme/maker.toml", "acme/config.cfg.j2"])
def test_what_everybody_can_write_is_not_used(tmp_path: Path, name: str) -> None:
    folder = write_maker(tmp_path / "makers")
    (folder / name).chmod(0o777)

    (found,) = complaints(folder)

    assert found.removeprefix(f"{folder}") == f"{name}: can be written by everybody"


def test_a_built_in_maker_keeps_its_own_simulation(tmp_path: Path) -> None:
    text = '[simulation]\nmodel = "T54W"\nfirmware = "1"\nuser_agent = "x"\nboot = ["y"]\n'

    (tmp_path / "yealink").mkdir()
    (tmp_path / "yealink" / "maker.toml").write_text(text)

    assert complaints(tmp_path) == [
        "yealink/maker.toml:1: a built-in maker has one already, which is part of the program"
    ]


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ((), 1),
        (("name",), 1),
        (("file",), 4),
        (("file", 0), 4),
        (("file", 1), 8),
        (("file", 1, "pattern"), 10),
        (("file", 1, "nothing"), 8),
        (("file", 1, "values", "on"), 12),
        (("file", 1, "values", "nothing"), 11),
        (("file", 2, "pattern"), 15),
        (("file", 7), 1),
        (("other", "quoted.key"), 18),
        (("nowhere", 3, "x"), 1),
    ],
)
def test_lines_are_found_by_path(path: tuple[str | int, ...], number: int) -> None:
    text = """\
name = "x"
# [[file]]

[[file]]
name = "a"
pattern = "b"

[[file]]
name = "c"
pattern = "d"
[file.values]
on = "1"
[[ file ]]
name = "e"
pattern = "f"

[other]
"quoted.key" = 1
"""

    assert line_of(text, path) == number


def test_no_form_of_user_agent_takes_long_whatever_a_stranger_says() -> None:
    """Steps that grow with a power of the text would take minutes here; the limit of a test would end that."""
    pattern = agent_of("Acme {model}-{fw}-{serial}-{mac} {rest}", path=(), source="none", confidence="L").pattern
    found = [pattern.search("Acme " + piece * 256) for piece in ("a-", "00-", "--", "a", "0:")]

    assert found == [None] * 5


def test_a_form_is_no_regular_expression() -> None:
    pattern = agent_of("Acme (.*) {model}", path=(), source="none", confidence="L").pattern

    assert pattern.search("Acme (.*) A2")
    assert not pattern.search("Acme x A2")
    assert not agent_of("Acme {model", path=(), source="none", confidence="L").pattern.search("Acme A2")
