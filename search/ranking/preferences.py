"""Papers that a question prefers, and conditions of a question that hardly any paper meets."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from operator import itemgetter
from typing import Any, Final

from kg.records import Filters
from kg.values import dataclass
from search.atlas import Atlas
from search.ranking.fusion import deviation

BONUSES: Final[Mapping[str, float]] = {"about": 2.0, "topic": 1.0, "modality": 1.0}
"""Worth of a preference by its field of `Filters`, in standard deviations of the scores of the
papers found: a name is in a question because it is about that, a topic is wide."""

BONUS: Final = 1.5
"""Worth of any other preference."""

MIN_PAPERS: Final = 3
"""Where fewer papers pass what a question states, it is loosened."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Which papers may be answers to a question that states something."""

    filters: Filters
    """Those of the caller, and the conditions of the question that were not loosened."""
    loosened: tuple[int, ...] = ()
    """Indices of the conditions that are preferences now."""
    exact: tuple[int, ...] = ()
    """The few papers that pass all conditions, where any was loosened; the newest first."""
    note: str | None = None
    """Message for the user, where any was loosened."""


def conditions(atlas: Atlas, own: Filters, stated: Sequence[tuple[str, Filters]]) -> Conditions:
    """Return the filters of a question, loosened where fewer than `MIN_PAPERS` papers pass.

    The one condition is loosened without which enough papers pass, and the fewest of all; where
    there is none such, all are.

    Parameters
    ----------
    own : Filters
        Those of the caller, which are never loosened.
    stated : sequence of (str, Filters)
        Conditions of the question, each in words and as filters.
    """
    whole = _all_of(own, stated)
    exact = atlas.newest_passing(whole, MIN_PAPERS) if stated else []
    if not stated or len(exact) >= MIN_PAPERS:
        return Conditions(whole)
    filters, loosened, fewest = own, tuple(range(len(stated))), 0
    for place in loosened if len(stated) > 1 else ():
        rest = _all_of(own, [*stated[:place], *stated[place + 1 :]])
        count = atlas.count_passing(rest)
        if count >= MIN_PAPERS and (not fewest or count < fewest):
            filters, loosened, fewest = rest, (place,), count
    return Conditions(filters, loosened, tuple(exact), _note(stated, loosened, len(exact)))


def both(one: Filters, other: Filters) -> Filters:
    """Return the filters that exactly those papers pass which pass two others."""
    made: dict[str, Any] = {}
    among = [one.among, other.among]
    excluded = [*one.excluded, *other.excluded]
    for field in fields(Filters):
        first, second = getattr(one, field.name), getattr(other, field.name)
        if field.name in ("among", "excluded") or second in (field.default, first):
            continue
        if first == field.default:
            made[field.name] = second
        elif field.name in _JOINED:
            made[field.name] = _JOINED[field.name](first, second)
        else:  # One field cannot say both: excluded is what does not pass the second.
            alone = Filters(withdrawn=True, **{field.name: second})
            excluded.append(Filters(withdrawn=True, excluded=(alone,)))
    keys = [set(some) for some in among if some is not None]
    if keys:
        made["among"] = tuple(sorted(set.intersection(*keys)))
    return replace(one, excluded=tuple(dict.fromkeys(excluded)), **made)


_JOINED: Final[Mapping[str, Callable[[Any, Any], object]]] = {
    "since": lambda one, other: max(one, other, key=lambda date: date.first),
    "until": lambda one, other: min(one, other, key=lambda date: date.last),
    "cited": max,
    "terms": lambda one, other: (*one, *other),
}
"""Field of `Filters` -> the value that says what two values say."""


def _all_of(filters: Filters, stated: Sequence[tuple[str, Filters]]) -> Filters:
    for _, one in stated:
        filters = both(filters, one)
    return filters


def _note(stated: Sequence[tuple[str, Filters]], loosened: Sequence[int], exact: int) -> str:
    found = ("No paper was", "Only 1 paper was", f"Only {exact} papers were")[min(exact, 2)]
    every = " and ".join(f"“{words}”" for words, _ in stated)
    some = " and ".join(f"“{stated[place][0]}”" for place in loosened)
    verb = "is" if len(loosened) == 1 else "are"
    return f"{found} found for {every}, so {some} {verb} preferred, not required"


def preferring(
    atlas: Atlas,
    ranked: Sequence[tuple[int, float]],
    preferred: Sequence[Filters],
    depth: int,
) -> list[tuple[int, float]]:
    """Return a ranking in which papers that pass preferences come sooner.

    A paper of which a fact is unknown, such as one without a card, keeps its score.

    Parameters
    ----------
    ranked : sequence of (int, float)
        Keys and scores, best first.
    preferred : sequence of Filters
        Each a preference of its own: several add up.
    depth : int
        How many of the best may change places.

    Returns
    -------
    list of (int, float)
        Of the first `depth`, the scores have the bonus.
    """
    best = ranked[:depth]
    if not preferred or not best:
        return list(ranked)
    spread = deviation([score for _, score in best])
    bonus = _worth(atlas, [key for key, _ in best], preferred)
    raised = [(key, score + spread * bonus[key]) for key, score in best]
    return [*sorted(raised, key=itemgetter(1), reverse=True), *ranked[depth:]]


def preferred_first(atlas: Atlas, keys: Sequence[int], preferred: Sequence[Filters]) -> list[int]:
    """Return papers, those that pass more preferences first; equal ones as they come."""
    if not preferred:
        return list(keys)
    bonus = _worth(atlas, keys, preferred)
    return sorted(keys, key=lambda key: -bonus[key])


def _worth(
    atlas: Atlas, keys: Sequence[int], preferred: Iterable[Filters]
) -> defaultdict[int, float]:
    """Return what the preferences are worth that each of some papers passes."""
    found: defaultdict[int, float] = defaultdict(float)
    for one in preferred:
        more = worth(one)
        for key in atlas.passing_of(keys, replace(one, withdrawn=True)):
            found[key] += more
    return found


def worth(preference: Filters) -> float:
    """Return what a preference is worth: one of `BONUSES`, else `BONUS`."""
    return next((more for name, more in BONUSES.items() if getattr(preference, name)), BONUS)
