"""Whose request is it: the path decides, the User-Agent adds, and what is nearly right is nobody's."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provserver.domain.identity import LoginForm
from provserver.domain.mac import MacAddress
from provserver.domain.request import ProvRequest
from provserver.domain.vendor import AgentPattern, FileRule, Vendor
from provserver.identify import MAX_AGENT_CHARS, MAX_PATH_CHARS, Asked, Catalogue, Identified, Unidentified, take_apart
from provserver.vendors import load_vendors

VENDORS = tuple(load_vendors())
CATALOGUE = Catalogue(VENDORS)
TOKEN = "QUJDREVGR0hJSktMTU5PUFFS"
YEALINK, SNOM, POLYCOM, SOFT, STRANGE = "805ec0aabbcc", "000413aabbcc", "0004f2aabbcc", "0a0b0c0d0e0f", "0c1d2e3f4a5b"
YEALINK_AGENT = "Yealink SIP-T54W 96.86.0.70 80:5e:c0:aa:bb:cc"
SNOM_AGENT = "Mozilla/4.0 (compatible; snomD785-SIP 10.1.64.14 1.1.3-u 000413AABBCC SXM:0 UXM:0)"
POLYCOM_AGENT = "FileTransport PolycomVVX-VVX_450-UA/6.4.3.1234 (SN:0004f2aabbcc) Type/Application"


def identified(path: str, agent: str = "", query: str = "") -> Identified | Unidentified:
    return CATALOGUE.identify(ProvRequest(path=path, query=query, user_agent=agent))


def maker(path: str, agent: str = "", query: str = "") -> str:
    """The slug, or why there is none."""
    found = identified(path, agent, query)
    return found.vendor if isinstance(found, Identified) else found.reason


@pytest.mark.parametrize(
    ("path", "query", "slug", "mac", "model"),
    [
        (f"/{YEALINK}.cfg", "", "yealink", YEALINK, None),
        (f"/{YEALINK.upper()}.CFG", "", "yealink", YEALINK, None),
        ("/80:5e:c0:aa:bb:cc.cfg", "", "yealink", YEALINK, None),
        ("/80-5E-C0-AA-BB-CC.boot", "", "yealink", YEALINK, None),
        ("/80%3A5e%3Ac0%3Aaa%3Abb%3Acc.cfg", "", "yealink", YEALINK, None),
        (f"/{TOKEN}/{YEALINK}.cfg", "", "yealink", YEALINK, None),
        (f"/{TOKEN}/y000000000096.cfg", "", "yealink", None, None),
        ("/y000000000096.boot", "", "yealink", None, None),
        (f"/snomD785-{SNOM.upper()}.htm", "", "snom", SNOM, "D785"),
        ("/snomD785.htm", "", "snom", None, "D785"),
        ("/snomD785.htm", f"mac={SNOM}", "snom", SNOM, "D785"),
        ("/", f"mac={SNOM}", "snom", SNOM, None),
        ("/", f"model=D785&mac={SNOM.upper()}&mac={YEALINK}", "snom", SNOM, None),
        ("/", "mac=00%3A04%3A13%3Aaa%3Abb%3Acc", "snom", SNOM, None),
        (f"/{TOKEN}/", f"mac={SNOM}", "snom", SNOM, None),
        (f"/{SNOM}.xml", "", "snom", SNOM, None),
        (f"/{POLYCOM}-user.cfg", "", "polycom", POLYCOM, None),
        (f"/{POLYCOM}.cfg", "", "polycom", POLYCOM, None),
        ("/000000000000.cfg", "", "polycom", None, None),
        (f"/{POLYCOM}-now-0123-ab.log", "", "polycom", POLYCOM, None),
        (f"/{SOFT}.xml", "", "linphone", SOFT, None),
        (f"/snomD785-{STRANGE}.htm", "", "snom", STRANGE, "D785"),  # makers buy new blocks; softphones do not
    ],
)
def test_a_path_says_whose_it_is(path: str, query: str, slug: str, mac: str | None, model: str | None) -> None:
    found = identified(path, query=query)

    assert isinstance(found, Identified)
    assert (found.vendor, found.model) == (slug, model)
    assert found.mac == (MacAddress(mac) if mac else None)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (f"/{YEALINK[:-1]}.cfg", ""),  # a digit short
        (f"/{YEALINK}0.cfg", ""),  # a digit too many
        ("/80:5e:c0:aa:bb-cc.cfg", ""),  # two notations at once
        ("/80:5e:c0:aa:bb.cfg", ""),
        (f"/{YEALINK[:-1]}g.cfg", ""),
        (f"/{YEALINK}.cfg2", ""),
        (f"/{YEALINK}_cfg", ""),
        (f"/{YEALINK}.cfg/", ""),
        (f"/x/{YEALINK}.cfg", ""),
        (f"/{YEALINK}-{YEALINK}.cfg", ""),
        (f"/{YEALINK}.xml", ""),  # another maker's name with this maker's block
        (f"/{SNOM}.cfg", ""),
        (f"/{SOFT}.cfg", ""),  # a softphone asks for no desk phone's file
        ("/01005e000001.cfg", ""),  # a group address
        ("/ffffffffffff.cfg", ""),
        ("/y00000000009x.cfg", ""),
        ("/snom.htm", ""),
        ("/", f"MAC={SNOM}"),
        ("/", f"mac={SNOM[:-1]}"),
        ("/", f"mac={YEALINK}"),
        ("/other.htm", f"mac={SNOM}"),
        ("/index.html", ""),
        ("/.env", ""),
        ("/", ""),
    ],
)
def test_what_is_nearly_right_is_nobodys(path: str, query: str) -> None:
    assert isinstance(identified(path, query=query), Unidentified)


def test_a_file_of_two_makers_with_an_unknown_block_is_ambiguous_until_the_agent_settles_it() -> None:
    path = f"/{STRANGE}.cfg"

    assert maker(path) == "ambiguous"
    assert maker(path, YEALINK_AGENT.rpartition(" ")[0]) == "yealink"
    assert maker(path, POLYCOM_AGENT.replace(" (SN:0004f2aabbcc)", "")) == "polycom"
    assert maker(path, SNOM_AGENT) == "ambiguous", "a maker whose phones ask no such thing settles nothing"
    assert maker(path, "curl/8.5.0") == "ambiguous"


def test_the_agent_never_overrules_the_path() -> None:
    found = identified(f"/{YEALINK}.cfg", SNOM_AGENT)

    assert isinstance(found, Identified)
    assert (found.vendor, found.mac, found.agent_disagrees) == ("yealink", MacAddress(YEALINK), True)
    assert (found.model, found.firmware, found.serial) == (None, None, None), "nothing of it is believed"


def test_an_agent_with_another_mac_is_not_believed() -> None:
    found = identified("/805ec0aabbcd.cfg", YEALINK_AGENT)

    assert isinstance(found, Identified)
    assert (found.mac, found.agent_disagrees) == (MacAddress("805ec0aabbcd"), True)
    assert (found.model, found.firmware) == (None, None)


def test_a_fitting_agent_adds_model_and_firmware() -> None:
    found = identified(f"/{YEALINK}.cfg", YEALINK_AGENT)

    assert isinstance(found, Identified)
    assert (found.model, found.firmware, found.agent_disagrees) == ("T54W", "96.86.0.70", False)


def test_a_common_file_gets_its_mac_from_a_fitting_agent() -> None:
    found = identified("/y000000000096.cfg", YEALINK_AGENT)

    assert isinstance(found, Identified)
    assert (found.mac, found.model) == (MacAddress(YEALINK), "T54W")


@pytest.mark.parametrize(
    ("agent", "slug"), [(YEALINK_AGENT, "yealink"), (SNOM_AGENT, "snom"), (POLYCOM_AGENT, "polycom")]
)
def test_without_a_path_the_agent_is_all_there_is(agent: str, slug: str) -> None:
    assert maker("", agent) == slug


@pytest.mark.parametrize(
    "agent",
    ["", " ", "curl/8.5.0", "Mozilla/5.0 (Windows NT 10.0)", "yealin SIP-T54W 96.86.0.70", "\0", "Yealink" * 100],
)
def test_what_no_phone_says_is_nobodys(agent: str) -> None:
    assert maker("", agent) == "no_agent"


def test_an_agent_longer_than_any_phones_is_not_read() -> None:
    padding = " " * (MAX_AGENT_CHARS - len(SNOM_AGENT))

    assert CATALOGUE.read_agent(SNOM_AGENT + padding) is not None
    assert CATALOGUE.read_agent(SNOM_AGENT + padding + " ") is None


@pytest.mark.parametrize(
    "path",
    [
        f"/../{YEALINK}.cfg",
        f"/{TOKEN}/../{YEALINK}.cfg",
        f"/{TOKEN}/..",
        f"/%2e%2e/{YEALINK}.cfg",
        f"/%2e%2e%2f{YEALINK}.cfg",
        f"//{YEALINK}.cfg",
        f"//evil.example/{YEALINK}.cfg",
        f"/%2f{YEALINK}.cfg",
        f"/..%5c{YEALINK}.cfg",
        f"/{YEALINK}.cfg%00",
        f"/{YEALINK}.cfg\0",
        f"/{YEALINK}.cfg%0d%0aX: y",
        f"/{YEALINK}.cfg;x",
        f"/{YEALINK}.cfg#x",
        f"/{YEALINK}\\.cfg",
        f"/%252e%252e/{YEALINK}.cfg",
        f"/{YEALINK}.cfg%",
        f"/{YEALINK}.cfg%ff",
        f"/{YEALINK}\N{CYRILLIC SMALL LETTER ES}.cfg",
        "/\uff10" + YEALINK[1:] + ".cfg",
        f"http://phones.example.com/{YEALINK}.cfg",
        f"{YEALINK}.cfg",
        "*",
        "/" + "a" * MAX_PATH_CHARS,
    ],
)
def test_a_hostile_path_is_nobodys_whatever_the_agent_says(path: str) -> None:
    assert take_apart(path) is None
    assert maker(path, YEALINK_AGENT) == "hostile_path"


def test_a_query_counts_for_the_length_and_has_few_fields() -> None:
    assert take_apart("/", "mac=" + "0" * MAX_PATH_CHARS) is None
    assert take_apart("/x.htm", "&".join(["a=b"] * 8)) is not None
    assert take_apart("/x.htm", "&".join(["a=b"] * 9)) is None


@pytest.mark.parametrize(
    ("path", "token", "file"),
    [
        (f"/{TOKEN}/a.cfg", TOKEN, "a.cfg"),
        (f"/{'a' * 22}/a.cfg", "a" * 22, "a.cfg"),
        (f"/{'-_' * 32}/a.cfg", "-_" * 32, "a.cfg"),
        (f"/{TOKEN}/Folder/a.cfg", TOKEN, "Folder/a.cfg"),
        (f"/{TOKEN}/", TOKEN, ""),
        (f"/{TOKEN}", TOKEN, ""),
        (f"/%51{TOKEN[1:]}/a.cfg", TOKEN, "a.cfg"),
        (f"/{'a' * 21}/a.cfg", None, f"{'a' * 21}/a.cfg"),
        (f"/{'a' * 65}/a.cfg", None, f"{'a' * 65}/a.cfg"),
        (f"/{TOKEN}.x/a.cfg", None, f"{TOKEN}.x/a.cfg"),
        (f"/Folder/{TOKEN}/a.cfg", None, f"Folder/{TOKEN}/a.cfg"),
        (f"/{TOKEN}.cfg", None, f"{TOKEN}.cfg"),
        ("/a.cfg", None, "a.cfg"),
        ("/", None, ""),
    ],
)
def test_a_token_is_the_first_folder_when_it_looks_like_one(path: str, token: str | None, file: str) -> None:
    assert take_apart(path) == Asked(token=token, file=file, shape=file, mac=None)


@pytest.mark.parametrize("notation", [YEALINK, YEALINK.upper(), "80:5e:c0:aa:bb:cc", "80-5E-C0-AA-BB-CC"])
def test_every_notation_of_a_mac_has_the_same_shape(notation: str) -> None:
    asked = take_apart(f"/{TOKEN}/{notation}-local.cfg")

    assert asked is not None
    assert (asked.shape, asked.mac, asked.token) == ("{mac}-local.cfg", MacAddress(YEALINK), TOKEN)
    assert (asked.file, asked.plain_file) == (f"{notation}-local.cfg", f"{YEALINK}-local.cfg")


PIECES = st.sampled_from(
    (
        *(
            "/",
            "..",
            ".",
            "%2e",
            "%2f",
            "%",
            "%00",
            "\0",
            "\\",
            "?",
            "&",
            "=",
            "-",
            " ",
            "\udcff",
            "\u2028",
            "é",
            "a" * 30,
        ),
        *(TOKEN, YEALINK, "80:5e:c0:aa:bb:cc", "000000000000", "y000000000096", "snomD785", ".cfg", "mac=", "{mac}"),
        "a" * 30,
    )
)
PATHS = st.lists(PIECES, max_size=8).map("".join)
ANYTHING = st.text(st.characters())  # lone surrogates as well: bytes that were no UTF-8


@given(path=PATHS | PATHS.map("/".__add__) | ANYTHING, query=PATHS | ANYTHING, agent=ANYTHING | st.just(YEALINK_AGENT))
@example(path="/x", query="&" * 100, agent="")
def test_whatever_a_stranger_sends_is_taken_apart_or_refused(path: str, query: str, agent: str) -> None:
    asked = take_apart(path, query)

    found = CATALOGUE.identify(ProvRequest(path=path, query=query, user_agent=agent))

    assert isinstance(found, Identified | Unidentified)
    if asked is not None:
        assert ".." not in asked.file.split("/")
        assert asked.file.isascii()
        assert asked.file.isprintable()
        assert not asked.file.startswith("/")
        assert asked.token is None or re.fullmatch(r"[A-Za-z0-9_-]{22,64}", asked.token)
        assert asked.mac is None or "{mac}" in asked.shape


@given(st.lists(st.sampled_from([TOKEN, "/", YEALINK, ".", "cfg", "-user", "snom", "a", "0"]), max_size=6).map("".join))
def test_how_a_path_is_encoded_does_not_matter(file: str) -> None:
    plain = f"/{file}"
    encoded = "/" + "".join(f"%{ord(letter):02X}" if letter != "/" else letter for letter in file)

    assert take_apart(plain) == take_apart(encoded)


class CountingPattern:
    """A pattern that counts how often it is tried."""

    tried = 0

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern

    def search(self, text: str) -> re.Match[str] | None:
        CountingPattern.tried += 1
        return self._pattern.search(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        CountingPattern.tried += 1
        return self._pattern.fullmatch(text)


def further_maker(number: int) -> Vendor:
    """A maker like the others, with names of its own and one that everybody has."""
    word = f"{chr(ord('a') + number % 8)}{number:03d}fon"
    names = ("{mac}.cfg", f"{word}-{{mac}}.cfg", f"{word}{{model}}.cfg", f"{word}{{number}}.xml", "{mac}.xml")
    files = (FileRule(name=name, pattern=name, source="made up", confidence="L") for name in names)
    agent = AgentPattern(
        words=(word,), pattern=re.compile(rf"^{word} (?P<model>\w+)"), source="made up", confidence="L"
    )
    return replace(
        VENDORS[0], slug=word, ouis=frozenset({f"0c{number:04x}"}), files=tuple(files), uploads=(), agents=(agent,)
    )


def catalogue_that_counts(monkeypatch: pytest.MonkeyPatch, vendors: tuple[Vendor, ...]) -> Catalogue:
    compile_pattern: Callable[..., re.Pattern[str]] = re.compile
    with monkeypatch.context() as patched:
        patched.setattr(re, "compile", lambda *given: CountingPattern(compile_pattern(*given)))
        return Catalogue(
            replace(
                vendor,
                agents=tuple(replace(form, pattern=CountingPattern(form.pattern)) for form in vendor.agents),  # type: ignore[arg-type]
            )
            for vendor in vendors
        )


def attempts(catalogue: Catalogue, path: str, agent: str) -> int:
    before = CountingPattern.tried
    catalogue.identify(ProvRequest(path=path, user_agent=agent))
    return CountingPattern.tried - before


@pytest.mark.parametrize(
    ("path", "agent"),
    [
        (f"/{YEALINK}.cfg", YEALINK_AGENT),
        ("/y000000000096.cfg", YEALINK_AGENT),
        (f"/{YEALINK}-local.cfg", ""),
        (f"/snomD785-{SNOM.upper()}.htm", SNOM_AGENT),
        ("/snomD785.htm", SNOM_AGENT),
        (f"/{POLYCOM}-user.cfg", POLYCOM_AGENT),
        (f"/{SOFT}.xml", "Linphone/5.1.65"),
        (f"/{STRANGE}.cfg", "curl/8.5.0"),
        ("/robots.txt", "Mozilla/5.0 (compatible; bot)"),
    ],
)
def test_the_cost_does_not_grow_with_the_number_of_makers(
    monkeypatch: pytest.MonkeyPatch, path: str, agent: str
) -> None:
    few = catalogue_that_counts(monkeypatch, VENDORS)
    many = catalogue_that_counts(monkeypatch, (*VENDORS, *(further_maker(number) for number in range(50))))

    tried = attempts(few, path, agent)

    assert attempts(many, path, agent) == tried
    assert tried <= 12, "a handful of patterns, whatever is asked"


def test_a_login_is_posted_to_a_name_and_to_no_other() -> None:
    form = LoginForm(user="Username", password="Password")
    posted = FileRule(name="login", pattern="{mac}-log-in.ini", form=form, source="a test", confidence="T")
    catalogue = Catalogue([replace(VENDORS[0], files=(posted,))])

    for path, expected in (
        (f"/{SOFT}-log-in.ini", form),
        (f"/{TOKEN}/{SOFT.upper()}-LOG-IN.INI", form),
        (f"/{SOFT}-log-in.in", None),
        (f"/{SOFT}.ini", None),
        ("/log-in.ini", None),
    ):
        asked = take_apart(path)
        assert asked is not None
        assert catalogue.login_form(asked) == expected
