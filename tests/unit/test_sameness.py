"""Which mentions speak of one update: what joins, what opposes, and that no order matters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.model import Identifier, Mention, Scheme
from hub.sameness.acts import Act, Part, list_acts
from hub.sameness.clustering import Bench, Group, Ruling, gather, keys_of, list_keys, reach
from hub.sameness.nearness import find_near
from hub.sameness.reading import Trace, Voice, mend, read_trace
from hub.sameness.stages import Stage, find_stage
from hub.sameness.verdict import Answer, Ground, compare

DAY = date(2025, 3, 12)
TRI = (
    "Décret n° 2025-210 du 10 mars 2025 relatif au tri des déchets de chantier des petites"
    " entreprises"
)
ISOLATION = "Arrêté du 10 mars 2025 fixant les modalités d'isolation des combles perdus"


NAMES = st.sampled_from(["a", "b", "jorf", "aida"])
TITLES = st.sampled_from(
    [
        TRI,
        TRI.replace("2025-210", "2025-211"),
        TRI.replace(" n° 2025-210", ""),
        ISOLATION,
        ISOLATION.replace("10 mars 2025", "10/03/25"),
        "Le tri des déchets de chantier des petites entreprises change au 1er avril prochain",
        "Projet de décret relatif au tri des déchets de chantier",
        "Déchets de chantier : publication du décret",
    ]
)


def numero(value: str) -> Identifier:
    return Identifier(Scheme.NUMERO, value)


def nor(value: str) -> Identifier:
    return Identifier(Scheme.NOR, value)


def read(title: str, source: str = "presse", **facts: object) -> Trace:
    known: dict[str, object] = {"key": title, "url": "", "published_on": DAY}
    mention = Mention(source_id=source, title=title, **{**known, **facts})  # type: ignore[arg-type]
    return read_trace(mention)


def answer(left: Trace, right: Trace) -> Answer:
    return compare(left, right).answer


# --- Acts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "acts"),
    [
        ("DÉCRET n°2025-210 du 10/03/25", [("decret", "2025-210", date(2025, 3, 10), Part.OWN)]),
        ("Tri – Décret n° 2025-210", [("decret", "2025-210", None, Part.OWN)]),
        (
            "Arrêté du 1er mars 2025 modifiant l’arrêté du 4 août 2021",
            [
                ("arrete", "", date(2025, 3, 1), Part.OWN),
                ("arrete", "", date(2021, 8, 4), Part.CITED),
            ],
        ),
        (
            "Que change pour vous le décret du 10 mars 2025 ?",
            [("decret", "", date(2025, 3, 10), Part.NAMED)],
        ),
        ("Règlement (UE) 2024/1781", [("ue", "2024/1781", None, Part.OWN)]),
        ("L’économie circulaire : une bonne décision", []),
        ("Le décret est paru", [("decret", "", None, Part.OWN)]),
    ],
)
def test_acts_are_found_in_titles(
    title: str, acts: list[tuple[str, str, date | None, Part]]
) -> None:
    assert list_acts(title) == [Act(*act) for act in acts]


@given(st.text(alphabet="dlecrtaoin° ()0123456789-/'’é:|", max_size=400))
def test_any_title_is_read(title: str) -> None:
    trace = read(title)
    assert compare(trace, trace).answer is Answer.SAME
    assert list_acts(title) == list_acts(title.upper())


def test_a_title_of_a_megabyte_is_read_in_no_time() -> None:
    for piece in ("décret n° ", "arrêté du 1 ", "projet d'", "n ° ", "é:", "produits et "):
        list_acts(piece * 20_000)
        find_stage(piece * 20_000, piece)


@given(TITLES, st.sampled_from(["", "https://a.fr/x/le-tri-des-dechets", "https://a.fr/2025-210"]),
       st.sampled_from([(), (numero("decret-2025-210"),), (nor("ATDL2500001A"),)]))  # fmt: skip
def test_keys_are_known_before_words_are_read(
    title: str, url: str, identifiers: tuple[Identifier, ...]
) -> None:
    mention = Mention("a", "k", url, title, identifiers=identifiers)
    assert keys_of(mention) == list_keys(read_trace(mention))


# --- What opposes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Décret n° 2021-821 du 25 juin 2021 relatif au diagnostic déchets des bâtiments",
         "Décret n° 2021-822 du 25 juin 2021 relatif au diagnostic déchets des bâtiments"),
        ("Arrêté du 4 août 2021", "Arrêté du 5 août 2021"),
        ("Décret du 4 août 2021 relatif au tri", "Arrêté du 4 août 2021 relatif au tri"),
        ("Projet de décret relatif au tri des déchets", "Décret n° 2025-210 relatif au tri"),
        ("Un décret précise le tri des déchets", "Un arrêté précise le tri des déchets"),
        ("Le Conseil d'État annule le tri des déchets", "Le tri des déchets publié au JO"),
        ("Arrêté du 4 août 2021 portant nomination au conseil du parc des Écrins",
         "Arrêté du 4 août 2021 relatif aux prix des granulats de carrière recyclés"),
        ("Tri : ce que change la loi du 9 mars 2023", "Loi n° 2025-1 du 2 janvier 2025 sur le tri"),
    ],
)  # fmt: skip
def test_two_updates_are_never_one(left: str, right: str) -> None:
    assert answer(read(left, "a"), read(right, "b")) is Answer.DIFFERENT


def test_a_source_shows_a_thing_once() -> None:
    assert answer(read("Le tri change"), read("Le tri change demain")) is Answer.DIFFERENT


def test_news_are_not_those_of_another_season() -> None:
    later = read("Le tri change", "b", published_on=DAY + timedelta(days=90))
    assert answer(read("Le tri change", "a"), later) is Answer.DIFFERENT


# --- What joins --------------------------------------------------------------------------------


def test_a_number_joins_when_the_words_agree() -> None:
    jo = read(TRI, "jorf")
    press = read("Déchets de chantier : du neuf", "a", identifiers=(numero("decret-2025-210"),))
    assert compare(jo, press).ground is Ground.NUMBER
    assert answer(jo, press) is Answer.SAME
    vague = read("Déchets : du neuf", "a", identifiers=(numero("decret-2025-210"),))
    assert answer(jo, vague) is Answer.PROPOSE


def test_a_page_without_a_date_may_stand_for_good() -> None:
    said = {"identifiers": (numero("decret-2025-210"),), "published_on": None}
    jo = read(TRI, "jorf")
    assert answer(jo, read("Les déchets de chantier", "a", **said)) is Answer.PROPOSE
    assert answer(jo, read("Déchets de chantier : le décret est paru", "a", **said)) is Answer.SAME


def test_one_address_joins_under_one_title() -> None:
    page = "https://a.fr/actualites/le-tri-des-dechets-change"
    here = read("Le tri change", "a", url=page)
    assert answer(here, read("Le tri change", "b", url=f"{page}?utm_source=x")) is Answer.SAME
    assert answer(here, read("Le gaz baisse", "b", url=page)) is Answer.PROPOSE


def test_a_miswritten_number_is_for_an_editor() -> None:
    jo = read(TRI, "jorf")
    wrong = read("Le prix du gaz baisse", "a", identifiers=(numero("decret-2025-210"),))
    assert answer(jo, wrong) is Answer.PROPOSE


def test_a_number_cited_is_not_identity() -> None:
    cited = read("Décret n° 2025-400 du 2 juin 2025 modifiant le décret n° 2025-210", "a")
    assert answer(read(TRI, "jorf"), cited) is Answer.DIFFERENT


def test_an_order_without_number_is_one_by_its_day_and_object() -> None:
    jo = read(ISOLATION, "jorf", identifiers=(nor("ATDL2500001A"),))
    aida = read("Arrêté du 10/03/25 fixant les modalités d’isolation des combles perdus", "aida")
    assert compare(jo, aida).ground is Ground.ACT
    assert answer(jo, aida) is Answer.SAME


def test_a_bare_title_joins_nothing() -> None:
    assert answer(read("Arrêté du 4 août 2021", "a"), read("Arrêté du 4 août 2021", "b")) is (
        Answer.UNKNOWN
    )


def test_a_decree_without_its_number_is_for_an_editor() -> None:
    bare = "Décret du 10 mars 2025 relatif au tri des déchets de chantier des petites entreprises"
    near = find_near(gather([read(TRI, "jorf"), read(bare, "a")]))
    assert len(near.families) == 1
    assert len(near.proposals) == 1


def test_one_title_twice_is_for_an_editor() -> None:
    title = "Chantiers : les artisans du bâtiment demandent des bennes plus petites en ville"
    assert compare(read(title, "a"), read(title.upper(), "b")).ground is Ground.TITLE
    assert answer(read(title, "a"), read(title.upper(), "b")) is Answer.PROPOSE


def test_a_guide_to_a_text_is_not_the_text() -> None:
    jo = read(TRI, "jorf", identifiers=(nor("ATDL2500001A"),))
    guide = read("Guide du tri des déchets", "a", identifiers=(nor("ATDL2500001A"),))
    assert answer(jo, guide) is Answer.PROPOSE


def test_what_was_encoded_twice_is_read() -> None:
    title = "Décret du 31 décembre 2021 relatif à la responsabilité élargie"
    assert mend(title.encode().decode("cp1252")) == title
    assert mend(title) == title


def test_stages_are_told_by_the_title_before_the_summary() -> None:
    assert find_stage("Publication de l’arrêté sur le tri", "Projet d’arrêté") is Stage.PUBLIE
    assert find_stage("Tri : du neuf", "Consultation jusqu’au 4 mai") is Stage.PROJET
    assert find_stage("Tri : du neuf", "Comme annoncé en mai") is Stage.UNSAID


# --- Groups ------------------------------------------------------------------------------------


def sizes(groups: Iterable[Group]) -> list[int]:
    return sorted(map(len, groups))


def twins() -> list[Trace]:
    """Two orders of one day and title, and a page that may speak of either."""
    title = "Arrêté du 10 mars 2025 portant ouverture de crédits de fonds de concours ministériels"
    return [
        read(title, "jorf", key="1", identifiers=(nor("ATDL2500001A"),)),
        read(title, "jorf", key="2", identifiers=(nor("ATDL2500002A"),)),
        read(title, "aida"),
    ]


def test_a_page_that_two_texts_claim_joins_neither() -> None:
    first, second, page = twins()
    assert sizes(gather([first, second, page])) == [1, 1, 1]
    assert sizes(gather([first, page])) == [2]


def test_an_editor_has_the_last_word() -> None:
    first, second, page = twins()
    ruling = Ruling(page.voice, second.voice, is_same=True)
    assert sizes(gather([first, second, page], Bench([ruling]))) == [1, 2]
    parted = [ruling, Ruling(second.voice, page.voice, is_same=False)]
    assert sizes(gather([second, page], Bench(parted))) == [1, 1]
    assert find_near(gather([second, page], Bench(parted)), Bench(parted)).proposals == ()


def test_two_texts_that_nothing_joins_are_one_if_an_editor_says_so() -> None:
    left, right = read("Le prix du gaz baisse", "a"), read("Des bennes en ville", "b")
    bench = Bench([Ruling(left.voice, right.voice, is_same=True)])
    assert sizes(gather([left, right], bench)) == [2]
    assert reach([left], lambda _, voices: [right] if right.voice in voices else [], bench) == {
        left,
        right,
    }


IDENTIFIERS = st.lists(
    st.sampled_from(
        [numero("decret-2025-210"), numero("decret-2025-211"), nor("ATDL2500001A"),
         nor("ATDL2500002A")]
    ),
    max_size=2, unique=True,
)  # fmt: skip


@st.composite
def traces(draw: Callable[[st.SearchStrategy[object]], object]) -> list[Trace]:
    count = draw(st.integers(1, 9))
    assert isinstance(count, int)
    return [
        read(
            str(draw(TITLES)),
            str(draw(NAMES)),
            key=str(number),
            identifiers=tuple(draw(IDENTIFIERS)),  # type: ignore[arg-type]
            published_on=draw(st.sampled_from([DAY, None])),
        )
        for number in range(count)
    ]


def arrive(batches: Iterable[Collection[Trace]]) -> set[Group]:
    """The groups, when each batch is gathered with what it reaches."""
    known: list[Trace] = []
    groups: dict[Trace, Group] = {}

    def find(keys: Collection[str], voices: Collection[Voice]) -> list[Trace]:
        return [t for t in known if t.voice in voices or list_keys(t) & set(keys)]

    for batch in batches:
        for group in gather(reach(batch, find)):
            groups.update(dict.fromkeys(group, group))
        known += batch
    return set(groups.values())


@settings(max_examples=60)
@given(traces(), st.integers(0, 2**32))
def test_the_order_of_arrival_changes_nothing(all_traces: list[Trace], seed: int) -> None:
    whole = set(gather(all_traces))
    random = Random(seed)
    shuffled = random.sample(all_traces, len(all_traces))
    cut = random.randint(0, len(shuffled))
    assert set(gather(shuffled)) == whole
    assert arrive([shuffled[:cut], shuffled[cut:]]) == whole
    assert arrive([trace] for trace in shuffled) == whole
    assert find_near(shuffled_groups(whole, random)) == find_near(whole)


def shuffled_groups(groups: Collection[Group], random: Random) -> list[Group]:
    ordered = sorted(groups, key=lambda group: group[0].rank)
    return random.sample(ordered, len(ordered))


@given(traces())
def test_no_group_and_no_family_holds_an_opposition(all_traces: list[Trace]) -> None:
    near = find_near(gather(all_traces))
    for family in near.families:
        members = [trace for group in family for trace in group]
        answers = {answer(a, b) for a in members for b in members}
        assert Answer.DIFFERENT not in answers
    assert sum(len(group) for family in near.families for group in family) == len(set(all_traces))
    assert len(near.proposals) == sum(len(family) - 1 for family in near.families)


@given(traces())
def test_a_verdict_is_symmetric(all_traces: list[Trace]) -> None:
    for left in all_traces:
        for right in all_traces:
            assert compare(left, right) == compare(right, left)
