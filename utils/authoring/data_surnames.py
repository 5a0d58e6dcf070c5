"""data/surnames.csv: surnames of nine languages, folded to a … z, from the lists of pinned packages.

It is a table of spellings. It says nothing about the people who bear these names.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

from utils.authoring.romanise import from_cyrillic, from_greek, from_hangul, from_kana
from utils.datasets import LANGUAGES
from utils.errors import CourseError
from utils.names import fold_name

PACKAGES = ("mimesis", "faker", "pypinyin", "janome")  # pinned in data_wheels.py
MOST = 800  # names of one language, so that the large lists do not drown the small ones

# Runs in a process of its own, which alone sees the packages: mimesis and Faker have the lists, pypinyin and Janome's
# dictionary know how the Chinese and Japanese ones are read.
READER = """
import importlib, json, sys
from pathlib import Path
folder = Path(sys.argv[1])
sys.path.insert(0, str(folder))
sys.dont_write_bytecode = True
lists = {}
for language in "zh ja ko ru pl el it en fi".split():
    text = (folder / "mimesis" / "datasets" / language / "person.json").read_text(encoding="utf-8")
    found = json.loads(text)["surnames"]
    lists[language] = found["male"] if isinstance(found, dict) else found
more = {"zh": "zh_CN.last_names", "ru": "ru_RU.last_names_male", "pl": "pl_PL.male_last_names",
        "el": "el_GR.last_names_male", "en": "en_GB.last_names", "fi": "fi_FI.last_names"}
for language, where in more.items():
    module, name = where.split(".")
    provider = importlib.import_module("faker.providers.person." + module).Provider
    lists[language] += list(getattr(provider, name))
from pypinyin import Style, lazy_pinyin
pinyin = {name: "".join(lazy_pinyin(name, style=Style.NORMAL, v_to_u=True)) for name in lists["zh"]}
from janome.tokenizer import Tokenizer
tokenizer = Tokenizer()
words = tokenizer.sys_dic
readings = {}
for name in lists["ja"]:
    found = []
    for number, surface, _, _, cost in words.lookup(name.encode(), tokenizer.matcher):
        kind, *_, reading, _ = words.lookup_extra(number)
        if surface == name and kind == "\\u540d\\u8a5e,\\u56fa\\u6709\\u540d\\u8a5e,\\u4eba\\u540d,\\u59d3":
            found.append((cost, reading))
    if found:
        readings[name] = min(found)[1]
print(json.dumps({"lists": lists, "pinyin": pinyin, "readings": readings}))
"""

# characters that are read in another way as surnames than as words
PINYIN = {"曾": "zeng", "单": "shan", "仇": "qiu", "解": "xie", "查": "zha", "翟": "zhai", "盖": "ge", "区": "ou"}
PINYIN |= {"覃": "qin", "尉迟": "yuchi", "万俟": "moqi", "澹台": "tantai", "缪": "miao", "乐": "yue", "单于": "chanyu"}
PINYIN |= {"晁": "chao", "冼": "xian", "盛": "sheng", "长孙": "zhangsun", "能": "nai", "薄": "bo", "朴": "piao"}
PINYIN |= {"乜": "nie"}

# the endings of Russian, Belarusian and Ukrainian surnames; the lists also hold forenames, pen names and plurals
RUSSIAN = re.compile(".*(ов|ев|ёв|ин|ын|ский|цкий|ой|ый|ых|их|енко|ич)")
# English lists hold names from all over the world: these are spelt after the rules of other languages
NOT_ENGLISH = set(
    "acevedo acosta aguilar aguirre ahmed akhtar ali alvarado alvarez avila ayala barrera bauer becker begum bender "
    "berg berger bibi cabrera calderon camacho campos cantu cardenas carlson carrillo castaneda castillo castro "
    "cervantes chan chang chavez chen christensen cohen colon contreras cortez cote cruz dejesus delacruz deleon "
    "delgado diaz dominguez duran erickson espinoza estrada fernandez figueroa fischer flores franco fuentes gallegos "
    "garcia garza gomez gonzales gonzalez guerra guerrero gutierrez guzman hahn hansen hebert hendrix hernandez herman "
    "herrera hess hoffman hoover huber huffman hussain iqbal jensen jimenez juarez kaufman kaur keller khan kim klein "
    "kline knapp koch kramer landry lang lara larsen larson le leblanc leon levine levy lopez luna macias mahmood "
    "maldonado marquez martinez mayer medina mejia melendez mendez mendoza mercado meyer meyers miah miranda mistry "
    "molina montoya morales moreno mueller munoz navarro nguyen nielsen nieves nunez ochoa olsen olson ortega ortiz "
    "pacheco padilla park patel pena perez petersen rahman ramirez ramos rasmussen reyes rios rivas rivera robles "
    "rocha rodriguez rodriquez rojas romero rosa rosales rosario roth ruiz russo salas salazar salinas sanchez "
    "sandoval santana santiago santos schmidt schneider schroeder schultz schwartz serrano shaffer shah silva singh "
    "snider snyder solis sosa soto stein suarez torres tran trevino trujillo valdez valencia valenzuela vang vargas "
    "vasquez vazquez vega velasquez velazquez velez villarreal wagner weber weiss witt wong yang zamora "
    "zimmerman".split()
)
# Swedish spellings in the Finnish lists
NOT_FINNISH = set(
    "andersson backman berg blomqvist eklund eriksson forsman gronroos gustafsson helenius henriksson holm holmberg "
    "holmstrom ignatius jansson johansson karlsson lindberg lindfors lindgren lindholm lindqvist lindroos lindstrom "
    "mannerheim mattsson nyberg nylund nyman palander rehn rossi sibelius siren sjoblom sundqvist tanner".split()
)
# patronymics and a pen name in the Russian lists
NOT_RUSSIAN = {"nikolaevich", "vasilevich", "serafimovich"}

FEMININE = {  # ending -> the one that women bear; only the first that fits counts
    "ru": (("oy", "aya"), ("y", "aya"), ("ov", "ova"), ("ev", "eva"), ("in", "ina"), ("yn", "yna")),
    "pl": (("ski", "ska"), ("cki", "cka"), ("dzki", "dzka")),
    "el": (("idis", "idou"), ("adis", "adou"), ("os", "ou"), ("is", "i"), ("as", "a")),
}


def read_lists(folder: Path) -> dict:
    """The lists and readings of the packages unpacked in `folder`, read by a process that alone imports them."""
    command = [sys.executable, "-I", "-c", READER, str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=600)
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1] if done.returncode else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = str(error)
    if reason:
        raise CourseError(
            f"The surname lists could not be read ({reason.rstrip('.')}): run this again; data/ was left as it was."
        )
    return json.loads(done.stdout)


def feminine(name: str, language: str) -> str:
    """The form that women bear, or the same name where there is none: ivanov -> ivanova, kowalski -> kowalska."""
    for ending, other in FEMININE.get(language, ()):
        if name.endswith(ending):
            return name.removesuffix(ending) + other
    return name


def families(language: str, found: dict) -> list[str]:
    """The different surnames of one language, folded to a … z and sorted; the masculine form where there are two."""
    given = [name for name in found["lists"][language] if "-" not in name]
    if language == "zh":
        latin = [PINYIN.get(name, found["pinyin"][name]) for name in given]
    elif language == "ja":
        latin = [from_kana(found["readings"][name], name) for name in given if name in found["readings"]]
    elif language == "ko":
        latin = [from_hangul(name) for name in given]
    elif language == "ru":
        latin = [from_cyrillic(name) for name in given if RUSSIAN.fullmatch(name)]
    elif language == "el":
        latin = [from_greek(name) for name in given]
    else:
        latin = given
    dropped = {"en": NOT_ENGLISH, "fi": NOT_FINNISH, "ru": NOT_RUSSIAN}.get(language, set())
    names = {fold_name(one) for one in latin} - dropped
    other_forms = {feminine(name, language) for name in names if feminine(name, language) != name}
    return sorted(name for name in names - other_forms if len(name) > 1)


def choose(found: dict) -> list[tuple[str, str]]:
    """(name, language), sorted by language and name.

    A name that two languages know, in either form, goes from both. Of the others at most MOST stay in each language,
    evenly spread over the alphabet. Of names with two forms every second stands in the feminine one, and no name
    stands in both, so that no test name is the other form of a training name.
    """
    every = {language: families(language, found) for language in LANGUAGES}
    spelt = {name: {*bases, *(feminine(one, name) for one in bases)} for name, bases in every.items()}
    rows = []
    for language in sorted(LANGUAGES):
        others = set().union(*(spelt[one] for one in LANGUAGES if one != language))
        own = [name for name in every[language] if not {name, feminine(name, language)} & others]
        few = [own[i * len(own) // MOST] for i in range(MOST)] if len(own) > MOST else own
        declined = [name for name in few if feminine(name, language) != name]
        swapped = set(declined[1::2])
        rows += sorted((feminine(name, language) if name in swapped else name, language) for name in few)
    return rows


def surnames_text(rows: list[tuple[str, str]]) -> bytes:
    """The file: a line of titles, then name,language."""
    return "".join(f"{name},{language}\n" for name, language in [("name", "language"), *rows]).encode("ascii")
