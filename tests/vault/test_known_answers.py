"""
The ciphers underneath give the published answers, and refuse the published forgeries.

They guard against a library or build whose AES modes differ, which a round trip through itself cannot show.
Sources: McGrew & Viega, The Galois/Counter Mode of Operation, appendix B, test cases 13-16 (96-bit IV, AES-256);
RFC 8452 appendices C.2 and C.3; Project Wycheproof v1 aes_gcm_test and aes_gcm_siv_test, by tcId.
"""

from dataclasses import dataclass

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV

GCM_KEY = "feffe9928665731c6d6a8f9467308308" * 2
GCM_IV = "cafebabefacedbaddecaf888"
GCM_TEXT = (
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
)
GCM_OUT = (
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
)
SIV_KEY = "01" + "00" * 31
SIV_NONCE = "03" + "00" * 11
ONE, TWO, THREE, FOUR, FIVE = (f"{number:02x}" + "00" * 15 for number in range(1, 6))


@dataclass(frozen=True)
class Answer:
    """Hex, as printed; *out* is ciphertext and tag."""

    name: str
    key: str
    nonce: str
    aad: str
    text: str
    out: str


GCM = [
    Answer("case 13", "00" * 32, "00" * 12, "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
    Answer(
        "case 14", "00" * 32, "00" * 12, "", "00" * 16,
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
    ),
    Answer("case 15", GCM_KEY, GCM_IV, "", GCM_TEXT, GCM_OUT + "b094dac5d93471bdec1a502270e3cc6c"),
    Answer(
        "case 16", GCM_KEY, GCM_IV, "feedfacedeadbeeffeedfacedeadbeefabaddad2", GCM_TEXT[:120],
        GCM_OUT[:120] + "76fc6ece0f4e1768cddf8853bb2d551b",
    ),
]  # fmt: skip


def c2(name: str, text: str, aad: str, out: str) -> Answer:
    """An answer of RFC 8452 C.2 with the key and nonce that most of them share."""
    return Answer(name, SIV_KEY, SIV_NONCE, aad, text, out)


SIV = [
    c2("empty", "", "", "07f5f4169bbf55a8400cd47ea6fd400f"),
    c2("8", "0100000000000000", "", "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28"),
    c2("12", "010000000000000000000000", "", "9aab2aeb3faa0a34aea8e2b18ca50da9ae6559e48fd10f6e5c9ca17e"),
    c2("16", ONE, "", "85a01b63025ba19b7fd3ddfc033b3e76c9eac6fa700942702e90862383c6c366"),
    c2("32", ONE + TWO, "", "4a6a9db4c8c6549201b9edb53006cba821ec9cf850948a7c86c68ac7539d027f"
       "e819e63abcd020b006a976397632eb5d"),
    c2("48", ONE + TWO + THREE, "", "c00d121893a9fa603f48ccc1ca3c57ce7499245ea0046db16c53c7c66fe717e3"
       "9cf6c748837b61f6ee3adcee17534ed5790bc96880a99ba804bd12c0e6a22cc4"),
    c2("64", ONE + TWO + THREE + FOUR, "", "c2d5160a1f8683834910acdafc41fbb1632d4a353e8b905ec9a5499ac34f96c7"
       "e1049eb080883891a4db8caaa1f99dd004d80487540735234e3744512c6f90ce112864c269fc0d9d88c61fa47e39aa08"),
    c2("8, aad 1", "0200000000000000", "01", "1de22967237a813291213f267e3b452f02d01ae33e4ec854"),
    c2("12, aad 1", "020000000000000000000000", "01", "163d6f9cc1b346cd453a2e4cc1a4a19ae800941ccdc57cc8413c277f"),
    c2("16, aad 1", TWO, "01", "c91545823cc24f17dbb0e9e807d5ec17b292d28ff61189e8e49f3875ef91aff7"),
    c2("32, aad 1", TWO + THREE, "01", "07dad364bfc2b9da89116d7bef6daaaf6f255510aa654f920ac81b94e8bad365"
       "aea1bad12702e1965604374aab96dbbc"),
    c2("48, aad 1", TWO + THREE + FOUR, "01", "c67a1f0f567a5198aa1fcc8e3f21314336f7f51ca8b1af61feac35a86416fa47"
       "fbca3b5f749cdf564527f2314f42fe2503332742b228c647173616cfd44c54eb"),
    c2("64, aad 1", TWO + THREE + FOUR + FIVE, "01", "67fd45e126bfb9a79930c43aad2d36967d3f0e4d217c1e551f59727870beefc9"
       "8cb933a8fce9de887b1e40799988db1fc3f91880ed405b2dd298318858467c895bde0285037c5de81e5b570a049b62a0"),
    c2("4, aad 12", "02000000", "010000000000000000000000", "22b3f4cd1835e517741dfddccfa07fa4661b74cf"),
    c2("20, aad 18", THREE + "04000000", ONE + "0200",
       "43dd0163cdb48f9fe3212bf61b201976067f342bb879ad976d8242acc188ab59cabfe307"),
    c2("18, aad 20", THREE + "0400", ONE + "02000000",
       "462401724b5ce6588d5a54aae5375513a075cfcdf5042112aa29685c912fc2056543"),
    Answer("random, empty", "e66021d5eb8e4f4066d4adb9c33560e4f46e44bb3da0015c94f7088736864200",
           "e0eaf5284d884a0e77d31646", "", "", "169fbb2fbf389a995f6390af22228a62"),
    Answer("random, 3", "bae8e37fc83441b16034566b7a806c46bb91c3c5aedb64a6c590bc84d1a5e269",
           "e4b47801afc0577e34699b9e", "4fbdc66f14", "671fdd", "0eaccb93da9bb81333aee0c785b240d319719d"),
    Answer("random, 21", "3c535de192eaed3822a2fbbe2ca9dfc88255e14a661b8aa82cc54236093bbc23",
           "688089e55540db1872504e1c", "734320ccc9d9bbbb19cb81b2af4ecbc3e72834321f7aa0f70b7282b4f33df23f167541",
           "ced532ce4159b035277d4dfbb7db62968b13cd4eec",
           "626660c26ea6612fb17ad91e8e767639edd6c9faee9d6c7029675b89eaf4ba1ded1a286594"),
    Answer("C.3, the counter wraps", "00" * 32, "00" * 12, "", "00" * 16 + "4db923dc793ee6497c76dcc03a98e108",
           "f3f80f2cf0cb2dd9c5984fcda908456cc537703b5ba70324a6793a7bf218d3eaffffffff000000000000000000000000"),
    Answer("C.3, the counter wraps later", "00" * 32, "00" * 12, "", "eb3640277c7ffd1303c7a542d02d3e4c" + "00" * 8,
           "18ce4f0b8cb4d0cac65fea8f79257b20888e53e72299e56dffffffff000000000000000000000000"),
]  # fmt: skip

# Wycheproof's "ModifiedTag"; turning over every single bit of the answers above is done in a test below.
GCM_FORGED = [
    Answer("tcId 130", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "505152535455565758595a5b",
           "", "", "b2061457c0759fc1749f174ee1ccadfa9de8fef6d8ab1bf1bf887232eab590dd"),
    Answer("tcId 154", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "505152535455565758595a5b",
           "", "", "b2061457c0759fc1749f174ee1ccadfaffffffffffffffffffffffffffffffff"),
]  # fmt: skip
SIV_FORGED = [
    Answer(name, "00112233445566778899aabbccddeeff" * 2, "00" * 12, aad, "", out)
    for name, aad, out in [
        ("tcId 169", "a5b997fe28ddf26fe182eb8db608bd14", "00" * 16 + "13a1883272188b4c8d2727178198fe95"),
        ("tcId 175", "2241caabc859139436c23a274eebf0d1", "0987e35e40981a2730c1740c7201731f"),
        ("tcId 187", "a3afb9ce48b7cd22dddd8f37cd451cd8", "00" * 8 + "00" * 16),
        ("tcId 193", "8ecff481b5c13a653d624e3441c6573c", "ff" * 8 + "ff" * 16),
    ]
]
MODES: list[tuple[type[AESGCM | AESGCMSIV], Answer]] = [
    *((AESGCM, answer) for answer in GCM),
    *((AESGCMSIV, answer) for answer in SIV),
]
FORGERIES: list[tuple[type[AESGCM | AESGCMSIV], Answer]] = [
    *((AESGCM, answer) for answer in GCM_FORGED),
    *((AESGCMSIV, answer) for answer in SIV_FORGED),
]


@pytest.mark.parametrize(("mode", "answer"), MODES, ids=lambda part: getattr(part, "name", None))
def test_the_published_answers_are_given(mode: type[AESGCM | AESGCMSIV], answer: Answer) -> None:
    key, nonce, aad, text, out = map(bytes.fromhex, (answer.key, answer.nonce, answer.aad, answer.text, answer.out))

    assert mode(key).encrypt(nonce, text, aad).hex() == answer.out
    assert mode(key).decrypt(nonce, out, aad) == text


@pytest.mark.parametrize(("mode", "answer"), MODES, ids=lambda part: getattr(part, "name", None))
def test_no_bit_of_a_published_answer_can_be_turned(mode: type[AESGCM | AESGCMSIV], answer: Answer) -> None:
    key, nonce, aad, out = map(bytes.fromhex, (answer.key, answer.nonce, answer.aad, answer.out))

    for bit in range(8 * len(out)):
        forged = (int.from_bytes(out) ^ (1 << bit)).to_bytes(len(out))
        with pytest.raises(InvalidTag):
            mode(key).decrypt(nonce, forged, aad)
    with pytest.raises(InvalidTag):
        mode(key).decrypt(nonce, out, aad + b"\0")


@pytest.mark.parametrize(("mode", "answer"), FORGERIES, ids=lambda part: getattr(part, "name", None))
def test_published_forgeries_are_refused(mode: type[AESGCM | AESGCMSIV], answer: Answer) -> None:
    key, nonce, aad, out = map(bytes.fromhex, (answer.key, answer.nonce, answer.aad, answer.out))

    with pytest.raises(InvalidTag):
        mode(key).decrypt(nonce, out, aad)
