"""New names for old ones: of the same style, by synonyms of their words, else with a word before them.

The synonyms are verbs and adjectives; nouns stay, because the instructions speak of the things themselves.
"""

import re
from collections.abc import Collection, Iterator, Mapping

MOST = 9
"""So many twins a task can have."""
_PARTS = re.compile(r"_+|[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+|.")
_BEFORE = ("plain", "basic", "simple", "given", "chosen", "usual", "actual", "regular", "present")
_STAYS_FIRST = frozenset({"err", "new", "with"})
_CAMEL = frozenset({"go", "javascript"})
"""Languages in which a lower-case word before another makes ``plainName``; in others, ``plain_name``."""

_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    words[0]: tuple(words[1:])
    for words in (
        line.split()
        for line in """
        advance proceed progress
        alter change modify
        answer reply respond
        append attach adjoin
        arrange order rank
        begin start open
        biggest largest greatest
        build make create
        calculate compute evaluate derive
        change alter convert
        check verify examine inspect
        classify categorize label
        clean tidy cleanse
        closest nearest
        combine merge unite
        common shared mutual joint
        compare contrast weigh
        compute calculate evaluate derive
        concatenate join chain
        convert turn translate change
        correct proper right
        count tally reckon
        create make build
        cut slice trim
        decode decipher unpack
        delete remove erase drop
        describe portray depict
        determine decide establish
        different distinct unlike
        distinct unique different
        distribute spread allot
        divide split part
        draw sketch paint
        drop discard shed
        encode encipher pack
        evaluate assess work
        exchange swap trade
        extract draw pull
        fetch obtain get
        fill load stuff
        filter pick select sift
        find locate seek detect
        first leading initial
        fix mend repair
        flip invert reverse
        generate produce make create
        get obtain fetch take
        greatest largest biggest
        handle treat manage
        has holds owns
        increment raise bump
        insert place inject
        intersection overlap crossing
        is check judge tell
        join unite connect link
        largest greatest biggest
        last final closing
        locate find seek
        longest lengthiest
        make build create form
        max largest greatest top
        maximum largest greatest
        merge unite combine blend
        min smallest least lowest
        minimum smallest least
        modify alter change
        monotonic steady ordered
        move shift displace
        nearest closest
        order arrange rank
        parse interpret read
        produce make generate
        read load fetch
        remove drop discard erase
        render display draw
        repair mend fix
        replace swap exchange
        reverse flip invert mirror
        rotate turn spin cycle
        save store keep
        search seek hunt
        select pick choose
        separate divide split
        shift move displace
        shortest briefest
        show display present
        simplify reduce shorten
        smallest least lowest
        solve resolve settle
        sort order arrange rank
        sorted ordered arranged
        split divide part
        start begin launch
        strange odd peculiar
        best finest top
        sum total
        swap exchange trade
        tally count reckon
        transform convert turn
        translate render convert
        truncate clip shorten
        unique distinct sole
        update refresh renew revise
        valid sound proper correct
        verify check confirm
        write record emit
        """.splitlines()
        if line.strip()
    )
}


def candidates(name: str, language: str) -> Iterator[str]:
    """Yield other names of the same style, the most natural first; always the same ones."""
    parts = _PARTS.findall(name)
    seen = {name}
    for place in range(3):
        changed = "".join(_changed(part, place) for part in parts)
        if changed not in seen:
            seen.add(changed)
            yield changed
    for number in range(len(_BEFORE) ** 2):
        tens, ones = divmod(number, len(_BEFORE))
        words = [_BEFORE[ones], *([_BEFORE[tens - 1]] if tens else [])]
        longer = name
        for word in words:
            longer = _with_word(word, longer, language)
        if longer not in seen:
            seen.add(longer)
            yield longer


def pool(name: str, language: str, taken: Collection[str]) -> tuple[str, ...]:
    """Return the names that the twins of a task may use for ``name``, in order; none of them is taken."""
    free = (new for new in candidates(name, language) if new not in taken)
    return tuple(new for _, new in zip(range(MOST), free, strict=False))


def is_distinctive(name: str) -> bool:
    """Say whether a name is one that no English sentence would hold by chance."""
    return "_" in name.strip("_") or bool(re.search(r"[a-z0-9][A-Z]|[A-Z]{2}[a-z]", name))


def _changed(word: str, place: int) -> str:
    """Return the synonym at a place, or the word where it has none there."""
    synonyms, ending = _SYNONYMS.get(word.lower(), ()), ""
    if not synonyms and len(word) > 4 and word.lower().endswith("s"):
        synonyms, ending = _SYNONYMS.get(word.lower()[:-1], ()), "s"
    return _cased(word, synonyms[place] + ending) if place < len(synonyms) else word


def _cased(like: str, word: str) -> str:
    if len(like) > 1 and like.isupper():
        return word.upper()
    return word.capitalize() if like[0].isupper() else word


def _with_word(word: str, name: str, language: str) -> str:
    """Return a name with one more word: before the others, or after a first one that has to stay first."""
    bare = name.lstrip("_")
    parts = _PARTS.findall(bare)
    cut = 0
    if len(parts) > 1 and parts[0].lower() in _STAYS_FIRST:
        cut = len(parts[0]) + (len(parts[1]) if parts[1].startswith("_") else 0)
    lead, rest = bare[:cut], bare[cut:]
    is_snake = "_" in bare or (bare.islower() and language not in _CAMEL)
    if bare.isupper() and len(bare) > 1:
        joined = f"{word.upper()}_{rest}"
    elif is_snake:
        joined = f"{_cased(rest, word)}_{rest}"
    else:
        joined = f"{_cased(rest if not lead else 'A', word)}{rest[:1].upper()}{rest[1:]}"
    return name[: len(name) - len(bare)] + lead + joined
