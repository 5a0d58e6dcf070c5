"""Names of other scripts in Latin letters: kana, Hangul, Cyrillic and Greek, each by a small table of its own.

The results are lower case and may still carry marks; utils.names.fold_name takes those off. The tables follow what
stands in passports: Hepburn without long vowels, the Revised Romanization with the usual spelling of the commonest
names, a plain table for Russian, and ELOT 743 for Greek.
"""

import re
import unicodedata

_VOWELS = "aiueo"
_KANA_ROWS = {
    "": "アイウエオ",
    "k": "カキクケコ",
    "g": "ガギグゲゴ",
    "s": "サシスセソ",
    "z": "ザジズゼゾ",
    "t": "タチツテト",
    "d": "ダヂヅデド",
    "n": "ナニヌネノ",
    "h": "ハヒフヘホ",
    "b": "バビブベボ",
    "p": "パピプペポ",
    "m": "マミムメモ",
    "r": "ラリルレロ",
}
KANA = {kana: row + vowel for row, five in _KANA_ROWS.items() for kana, vowel in zip(five, _VOWELS, strict=True)}
KANA |= {"シ": "shi", "ジ": "ji", "チ": "chi", "ヂ": "ji", "ツ": "tsu", "ヅ": "zu", "フ": "fu", "ヤ": "ya", "ユ": "yu"}
KANA |= {"ヨ": "yo", "ワ": "wa", "ヲ": "o", "ン": "n", "ー": "", "ヶ": "ga", "ヴ": "vu"}
SMALL_Y = {"ャ": "a", "ュ": "u", "ョ": "o"}
# a last part that begins with a vowel of its own: Inoue, Matsuura, Takeuchi
OWN_VOWEL = {"上": "ue", "植": "ue", "浦": "ura", "内": "uchi"}


def from_kana(reading: str, kanji: str = "") -> str:
    """A katakana reading in Hepburn letters without long vowels: サトウ -> sato, ハットリ -> hattori, キョウ -> kyo.

    kanji: the name as it is written. It tells イノウエ of 井上, i-no-ue, from a long o. ValueError for any other sign.
    """
    letters = ""
    doubled = False
    for sign in reading:
        if sign == "ッ":
            doubled = True
            continue
        if sign in SMALL_Y and letters.endswith("i"):
            stem = letters[:-1]
            letters = stem + ("" if stem.endswith(("sh", "ch", "j")) else "y") + SMALL_Y[sign]
            continue
        if sign not in KANA:
            raise ValueError(f"a reading in katakana was expected, got {sign!r} in {reading!r}.")
        sound = KANA[sign]
        letters += (("t" if sound.startswith("ch") else sound[:1]) if doubled else "") + sound
        doubled = False
    own = OWN_VOWEL.get(kanji[-1:], "")
    apart = len(letters) - len(own) if own and letters.endswith(own) and len(letters) > len(own) else len(letters)
    return re.sub("o[ou]", "o", letters[:apart]).replace("uu", "u") + letters[apart:]


# Unicode counts the syllables from U+AC00: 19 beginnings x 21 middles x 28 ends
_BEGIN = "g kk n d tt r m b pp s ss - j jj ch k t p h".replace("-", "").split(" ")
_MIDDLE = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split()
_END = "- k k k n n n t l k m l l l p l m p p t t ng t t k t p t".replace("-", "").split(" ")
# the spelling that most bearers chose, where it is not the official one
USUAL = {"김": "kim", "이": "lee", "박": "park", "최": "choi", "정": "jung", "강": "kang", "조": "cho", "윤": "yoon"}
USUAL |= {"임": "lim", "오": "oh", "신": "shin", "권": "kwon", "안": "ahn", "유": "yoo", "우": "woo", "노": "noh"}
USUAL |= {"문": "moon", "구": "koo", "주": "joo", "허": "huh", "심": "shim", "국": "kook", "선우": "sunwoo"}


def from_hangul(name: str) -> str:
    """A Korean surname in Latin letters, syllable by syllable: 한 -> han, 남궁 -> namgung; 김 -> kim, as usual."""
    if name in USUAL:
        return USUAL[name]
    letters = ""
    for syllable in name:
        place = ord(syllable) - 0xAC00
        if not 0 <= place < 19 * 21 * 28:
            raise ValueError(f"a Hangul syllable was expected, got {syllable!r} in {name!r}.")
        letters += _BEGIN[place // (21 * 28)] + _MIDDLE[place // 28 % 21] + _END[place % 28]
    return letters


_CYRILLIC = (
    "а a б b в v г g д d е e ё e ж zh з z и i й y к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts ч ch ш sh "
    "щ shch ъ - ы y ь - э e ю yu я ya"
).split()
CYRILLIC = {sign: latin.replace("-", "") for sign, latin in zip(_CYRILLIC[::2], _CYRILLIC[1::2], strict=True)}


def from_cyrillic(name: str) -> str:
    """A Russian name in Latin letters: Щукин -> shchukin, Достоевский -> dostoevsky."""
    text = re.sub("[иы]й$", "ы", name.lower())
    strange = set(text) - set(CYRILLIC)
    if strange:
        raise ValueError(f"a Russian name was expected, got {min(strange)!r} in {name!r}.")
    return "".join(CYRILLIC[sign] for sign in text)


_GREEK = (
    "α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t υ y φ f χ ch ψ ps ω o".split()
)
GREEK = dict(zip(_GREEK[::2], _GREEK[1::2], strict=True))
GREEK |= {"ου": "ou", "γγ": "ng", "γξ": "nx", "γχ": "nch", "μπ": "mp"}
_GREEK_SIGNS = re.compile("[αεη]υ|" + "|".join(sorted(GREEK, key=len, reverse=True)))
_VOICELESS = "θκξπσςτφχψ"


def from_greek(name: str) -> str:
    """A Greek name in Latin letters by ELOT 743: Παπαδόπουλος -> papadopoulos, Ευαγγελάτος -> evangelatos."""
    apart = unicodedata.normalize("NFD", name.lower())
    # two dots keep two vowels apart, an accent on the first does too; other accents go
    text = re.sub("([αεηο])\u0301(?=[ιυ])", "\\1|", apart).replace("\u0301", "").replace("\u0308", "|")
    text = re.sub("υ[|]", "|υ", text)

    def sound(match):
        signs = match.group()
        if signs[-1] == "υ" and signs[0] in "αεη" and len(signs) == 2:
            follows = text[match.end() : match.end() + 1]
            return GREEK[signs[0]] + ("f" if not follows or follows in _VOICELESS else "v")
        if signs == "μπ" and (match.start() == 0 or match.end() == len(text)):
            return "b"
        return GREEK[signs]

    strange = set(text) - set(GREEK) - {"|"}
    if strange:
        raise ValueError(f"a Greek name was expected, got {min(strange)!r} in {name!r}.")
    return _GREEK_SIGNS.sub(sound, text).replace("|", "")
