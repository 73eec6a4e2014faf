"""The first tagger: what each kind of clue gives, and the homonyms that must not deceive it."""

from __future__ import annotations

import pytest

from hub.model import Classification, Identifier, Scheme, TermKind, TextField, TextOfItem
from hub.referentiel import load_referentiel
from hub.tagging.rules import Hints, Tagger


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger(load_referentiel())


def terms_of(
    classification: Classification, kind: TermKind = TermKind.DISPOSITIF
) -> dict[str, float]:
    return {tag.term: tag.score for tag in classification.tags if tag.kind is kind}


def read(tagger: Tagger, title: str, summary: str = "", text: str = "") -> dict[str, float]:
    return terms_of(tagger.classify(TextOfItem(title, summary, text)))


# --- The traps of the référentiel ----------------------------------------------------------------


def test_aper_and_boats_is_the_eco_organisme(tagger: Tagger) -> None:
    found = read(tagger, "APER : rassurer les plaisanciers sur la fin de vie des bateaux")
    assert "REP" in found
    assert "APER" not in found


def test_aper_without_boats_is_the_law(tagger: Tagger) -> None:
    found = read(tagger, "Loi APER : le décret sur les ombrières de parking est paru")
    assert "APER" in found
    assert "REP" not in found


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("Indemnités en REP et REP+", "Enseignants des collèges de l'académie"),
        ("Décret relatif au REP", "Répertoire électoral unique et commissions"),
        ("Guide PPE", "Personal protective equipment: gloves and helmets"),
        ("Gants et masques PPE", "Équipements de protection, EPI"),
        ("Le programme national « Action cœur de ville » (ACV)", ""),
        ("Préférences de durabilité des clients", "OPCVM et MIF : contrôles de l'AMF"),
        ("Insertion et probation en milieu pénitentiaire", "Les entreprises et l'insertion"),
        ("Arrêté homologuant le cahier des charges de l'appellation « Cognac »", "Producteurs"),
        ("Arrêté fixant les caractéristiques des systèmes de végétalisation en toiture", ""),
        ("Arrêté relatif à une société d'exercice libéral à responsabilité limitée", ""),
        ("Faille CSRF dans un logiciel", "Sécurité informatique"),
        ("La SREP et le représentant de la préfecture", ""),
    ],
)
def test_homonyms_give_nothing(tagger: Tagger, title: str, summary: str) -> None:
    assert read(tagger, title, summary) == {}


def test_durability_of_products_and_of_companies(tagger: Tagger) -> None:
    product = read(tagger, "Indice de durabilité des équipements électriques et électroniques")
    company = read(tagger, "Certification d'informations en matière de durabilité des entreprises")
    assert ("AGEC" in product, "CSRD" in product) == (True, False)
    assert ("AGEC" in company, "CSRD" in company) == (False, True)


def test_the_yearly_insertion_order_is_kept_though_it_names_prisons(tagger: Tagger) -> None:
    item = TextOfItem(
        "Arrêté fixant les montants des aides financières aux structures de l'insertion par "
        "l'activité économique et aux dispositifs d'insertion implantés en milieu pénitentiaire"
    )
    classification = tagger.classify(item)
    assert "SOCIAL_EMPLOI" in terms_of(classification)
    assert classification.is_relevant


def test_energy_renovation_of_offices_is_tertiaire(tagger: Tagger) -> None:
    found = read(tagger, "Rénovation énergétique des bâtiments tertiaires : travaux et logement")
    assert "TERTIAIRE" in found
    assert "MAPRIMERENOV" not in found


def test_electricity_from_waste_is_a_price_not_waste(tagger: Tagger) -> None:
    title = (
        "Arrêté fixant les conditions d'achat pour l'électricité produite par méthanisation de "
        "déchets non dangereux"
    )
    classification = tagger.classify(TextOfItem(title))
    assert set(terms_of(classification)) == {"PPE", "TARIFS_ACHAT"}
    assert "EC" not in terms_of(classification, TermKind.SECTEUR)


def test_photovoltaics_on_farmland_are_never_filtered_as_farming(tagger: Tagger) -> None:
    classification = tagger.classify(
        TextOfItem(
            "Décret relatif au développement de l'agrivoltaïsme sur des terrains agricoles",
            rubrique="Ministère de l'agriculture",
        )
    )
    assert "APER" in terms_of(classification)
    assert classification.noise == ()


def test_roofs_that_produce_energy_are_aper(tagger: Tagger) -> None:
    code = "code de la construction et de l'habitation"
    assert "APER" in read(tagger, f"Décret portant application de l'article L. 171-4 du {code}")


def test_twin_pemd_decrees_are_both_pemd_and_cite_their_own_number(tagger: Tagger) -> None:
    for number in ("2021-821", "2021-822"):
        title = f"Décret n° {number} du 25 juin 2021 relatif au diagnostic"
        tag = next(t for t in tagger.classify(TextOfItem(title)).tags if t.term == "PEMD")
        assert number in tag.evidence[0].words


# --- Texts and articles --------------------------------------------------------------------------


def test_a_text_that_amends_an_anchor_has_its_subject(tagger: Tagger) -> None:
    assert "MAPRIMERENOV" in read(tagger, "Arrêté modifiant l'arrêté du 14 janvier 2020")
    other = "Arrêté modifiant l'arrêté du 14 janvier 2020 relatif aux examens de la marine"
    assert read(tagger, other) == {}


@pytest.mark.parametrize(
    ("identifier", "term"),
    [
        (Identifier(Scheme.NUMERO, "decret-2026-822"), "MAPRIMERENOV"),
        (Identifier(Scheme.JORFTEXT, "JORFTEXT000047294244"), "APER"),
        (Identifier(Scheme.NOR, "ECOR2514212D"), "PPE"),
        (Identifier(Scheme.CELEX, "32022L2464"), "CSRD"),
    ],
)
def test_the_identifier_alone_is_enough(tagger: Tagger, identifier: Identifier, term: str) -> None:
    classification = tagger.classify(TextOfItem("Texte sans sujet", identifiers=(identifier,)))
    tag = next(t for t in classification.tags if t.kind is TermKind.DISPOSITIF)
    assert tag.term == term
    assert tag.evidence[0].field is None
    assert tag.evidence[0].rule == f"ancre:{identifier}"


@pytest.mark.parametrize(
    "form",
    [
        "de l'article L. 541-10-1 (12°) du code de l'environnement",
        "du 12° de l’article L541-10-1 du code de l’environnement",
        "de l'article L.541-10-1 (12°)",
        "des articles R. 543-320 et R. 543-325 du code de l'environnement",
    ],
)
def test_an_article_gives_the_filiere_and_rep_at_once(tagger: Tagger, form: str) -> None:
    classification = tagger.classify(TextOfItem(f"Décret pris en application {form}"))
    assert set(terms_of(classification, TermKind.FILIERE)) == {"JOU"}
    assert "REP" in terms_of(classification)


def test_several_items_of_the_list_give_several_filieres(tagger: Tagger) -> None:
    title = "Arrêté pris en application des 10° et 11° de l'article L. 541-10-1"
    found = tagger.classify(TextOfItem(title.replace("de l'", "de l'")))
    assert set(terms_of(found, TermKind.FILIERE)) == {"DEA", "TLC"}


def test_an_article_is_evidence_only_with_its_code(tagger: Tagger) -> None:
    assert "TARIFS_ACHAT" in read(
        tagger, "En application de l'article L. 314-1 du code de l'énergie"
    )
    assert read(tagger, "En application de l'article L. 314-1 du code de la consommation") == {}
    assert read(tagger, "En application de l'article L. 314-1") == {}


def test_the_code_may_come_first_and_each_visa_has_its_own(tagger: Tagger) -> None:
    text = (
        "Vu le code de la consommation, notamment ses articles L. 541-10 et L. 111-1 ;\n"
        "Vu le code de la construction et de l'habitation, notamment son article R126-8 ;\n"
    )
    assert set(read(tagger, "Décret du 3 mars 2026", text=text)) == {"PEMD"}


def test_visas_count_for_what_they_cite_not_for_their_words(tagger: Tagger) -> None:
    cites = "Vu la loi n° 2023-175 du 10 mars 2023 ;\nArticle 1er\nRien."
    speaks = "Vu l'avis de la commission de la commande publique ;\nArticle 1er\nRien."
    assert "APER" in read(tagger, "Décret du 3 mars 2026", text=cites)
    assert read(tagger, "Décret du 3 mars 2026", text=speaks) == {}


# --- Words ---------------------------------------------------------------------------------------


def test_the_higher_the_words_stand_the_more_they_weigh(tagger: Tagger) -> None:
    words = "diagnostic PEMD"
    notice = f"Publics concernés : tous.\nNotice : {words} modifié.\nRéférences : néant."
    scores = [
        read(tagger, f"Du {words}")["PEMD"],
        read(tagger, "Titre", f"Du {words}")["PEMD"],
        read(tagger, "Titre", "", notice)["PEMD"],
    ]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3


def test_one_passing_word_in_the_body_is_not_a_subject(tagger: Tagger) -> None:
    passing = "Le ministre veille à la bonne exécution des marchés publics de son ressort."
    about = (
        "Les marchés publics passés par les acheteurs publics suivent le code de la commande "
        "publique. Le mémoire technique est joint."
    )
    assert read(tagger, "Arrêté du 3 mars 2026", text=passing) == {}
    assert "COMMANDE_PUBLIQUE" in read(tagger, "Arrêté du 3 mars 2026", text=about)


def test_a_middling_word_needs_a_second_clue(tagger: Tagger) -> None:
    alone = TextOfItem("Une histoire de compost")
    assert terms_of(tagger.classify(alone)) == {}
    assert "BIODECHETS" in read(tagger, "Compost et déchets alimentaires")
    assert "BIODECHETS" in read(tagger, "Compost : aide aux collectivités")
    hinted = tagger.classify(alone, Hints(dispositifs=("BIODECHETS",)))
    tag = next(t for t in hinted.tags if t.term == "BIODECHETS")
    assert "source:BIODECHETS" in [evidence.rule for evidence in tag.evidence]


@pytest.mark.parametrize(
    "title",
    [
        "Obligation de déclaration et qualification des entreprises : énergie et travaux",
        "Raccordement au réseau d'électricité et surplus de production",
        "Aides et subventions aux entreprises et aux associations de la Région",
        "Bâtiments d'activités tertiaires : consommation d'énergie finale",
        "Aménagement d'un parking et urbanisme de la commune",
        "Agrément et cahier des charges de la filière",
        "Démarchage et isolation : logement des ménages",
    ],
)
def test_generic_words_never_make_a_pair(tagger: Tagger, title: str) -> None:
    assert read(tagger, title) == {}


def test_a_generic_word_confirms_one_that_is_not(tagger: Tagger) -> None:
    assert read(tagger, "Fiches d'opérations standardisées") == {}
    found = read(tagger, "Bonification des fiches d'opérations standardisées")
    assert set(found) == {"CEE"}


_TERTIAIRE = (
    "Arrêté du 11 août 2026 modifiant l'arrêté du 10 avril 2020 relatif aux obligations d'actions "
    "de réduction des consommations d'énergie finale dans des bâtiments à usage tertiaire"
)
_RE2020 = (
    "Décret n° 2026-16 du 15 janvier 2026 relatif aux exigences de performance énergétique et "
    "environnementale des constructions de bâtiments d'activités tertiaires spécifiques et de "
    "bâtiments à usage industriel et artisanal en France métropolitaine"
)
_DPE = (
    "Arrêté du 19 août 2026 modifiant le facteur de conversion de l'énergie finale en énergie "
    "primaire de l'électricité relatif au diagnostic de performance énergétique"
)
_FLUX = (
    "Décret n° 2021-950 du 16 juillet 2021 relatif au tri des déchets de papier, de métal, de "
    "plastique, de verre, de textiles, de bois, de fraction minérale et de plâtre"
)
_FLUX_SUMMARY = "Tri à la source des déchets des entreprises et des chantiers."
_DEVIS = (
    "Décret n° 2020-1817 du 29 décembre 2020 portant sur les informations des devis relatives à "
    "l'enlèvement et la gestion des déchets générés par des travaux"
)
_DEVIS_SUMMARY = (
    "Loi AGEC. Depuis le 1er juillet 2021, les devis de travaux de bâtiment et de jardinage "
    "indiquent la quantité de déchets estimée, le tri et l'enlèvement prévus, le lieu de dépôt."
)
_PRIX_CRE = (
    "La CRE publie les nouveaux tarifs et primes relatifs aux installations photovoltaïques "
    "implantées sur bâtiment, hangar ou ombrière d'une puissance inférieure ou égale à 500 kW"
)


@pytest.mark.parametrize(
    ("title", "summary", "dispositifs"),
    [
        (_TERTIAIRE, "", {"TERTIAIRE"}),
        (_RE2020, "", {"RE2020_ACV"}),
        (_DPE, "", {"DPE_AUDIT"}),
        (_FLUX, _FLUX_SUMMARY, {"TRACABILITE_DECHETS"}),
        (_DEVIS, _DEVIS_SUMMARY, {"AGEC"}),
        (_PRIX_CRE, "", {"TARIFS_ACHAT", "PPE"}),
    ],
)
def test_texts_of_one_subject_have_only_that_one(
    tagger: Tagger, title: str, summary: str, dispositifs: set[str]
) -> None:
    assert set(read(tagger, title, summary)) == dispositifs


def test_a_hint_alone_is_nothing(tagger: Tagger) -> None:
    item = TextOfItem("Bonne année à tous")
    assert tagger.classify(item, Hints(("AGEC", "REP"), ("EC",))).tags == ()


def test_words_do_not_run_across_sentences_nor_commas(tagger: Tagger) -> None:
    assert read(tagger, "Fin de la commande. Publique, la séance reprend") == {}
    assert read(tagger, "Des marchés, publics ou non") == {}


@pytest.mark.parametrize(
    "title",
    [
        "Mon Accompagnateur Rénov’",
        "MON ACCOMPAGNATEUR RENOV",
        "MaPrimeRénov' : ce qui change",
        "Ma prime Renov, ce qui change",
    ],
)
def test_spellings_of_the_bonus(tagger: Tagger, title: str) -> None:
    assert "MAPRIMERENOV" in read(tagger, title)


def test_acronyms_are_upper_case_whole_words_outside_shouted_titles(tagger: Tagger) -> None:
    assert "PPE" in read(tagger, "La PPE3 est parue")
    assert read(tagger, "ppe, rep et acv en minuscules") == {}
    assert read(tagger, "ACHAT DE PPE POUR LES AGENTS MUNICIPAUX DE LA COMMUNE") == {}


def test_neighbours_do_not_open_maprimerenov(tagger: Tagger) -> None:
    found = read(tagger, "Arrêté relatif aux certificats d'économies d'énergie")
    assert set(found) == {"CEE"}


def test_an_agreement_of_a_branch_of_the_network(tagger: Tagger) -> None:
    ours = TextOfItem("Arrêté portant extension d'un avenant à une convention collective (n° 1596)")
    theirs = TextOfItem("Arrêté portant extension d'un accord de la branche ferroviaire (n° 3217)")
    assert "SOCIAL_EMPLOI" in terms_of(tagger.classify(ours))
    assert tagger.classify(ours).is_relevant
    assert not tagger.classify(theirs).is_relevant
    assert tagger.classify(theirs).noise


# --- Public contracts ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "secteurs"),
    [
        ("Collecte des déchets et gestion des déchèteries", {"EC"}),
        ("CONSTRUCTION DE 63 LOGEMENTS SOCIAUX", {"BAT"}),
        ("Fourniture et pose de panneaux photovoltaïques", {"ENR"}),
        ("Marché public de fournitures de produits surgelés", set()),
        ("Prestations de remorquage pour les véhicules de la ville", set()),
    ],
)
def test_a_contract_counts_when_its_object_touches_a_metier(
    tagger: Tagger, title: str, secteurs: set[str]
) -> None:
    item = TextOfItem(title, identifiers=(Identifier(Scheme.BOAMP, "26-81222"),))
    classification = tagger.classify(item)
    assert ("COMMANDE_PUBLIQUE" in terms_of(classification)) is bool(secteurs)
    assert set(terms_of(classification, TermKind.SECTEUR)) == secteurs
    assert tagger.classify(TextOfItem(title, source_ids=("boamp",))).tags == classification.tags


def test_rules_of_public_contracts_are_for_every_sector(tagger: Tagger) -> None:
    title = "Décret modifiant certains seuils relatifs aux marchés publics"
    found = tagger.classify(TextOfItem(title))
    assert set(terms_of(found, TermKind.SECTEUR)) == {"BAT", "EC", "ENR"}


# --- What follows from dispositifs ---------------------------------------------------------------


def test_the_filiere_chooses_the_metiers(tagger: Tagger) -> None:
    textile = tagger.classify(
        TextOfItem("Éco-organisme des textiles d'habillement agréé : Refashion")
    )
    building = tagger.classify(
        TextOfItem(
            "Éco-organismes des produits et matériaux de construction du secteur du bâtiment"
        )
    )
    assert "couturier" in terms_of(textile, TermKind.METIER)
    assert "conducteur-travaux" not in terms_of(textile, TermKind.METIER)
    assert "conducteur-travaux" in terms_of(building, TermKind.METIER)
    assert "couturier" not in terms_of(building, TermKind.METIER)
    assert set(terms_of(building, TermKind.SECTEUR)) == {"BAT", "EC"}


def test_deduced_tags_say_from_what(tagger: Tagger) -> None:
    found = tagger.classify(TextOfItem("MaPrimeRénov' : le guichet rouvre"))
    metier = next(t for t in found.tags if t.term == "technicien-renovation-energetique")
    secteur = next(t for t in found.tags if t.kind is TermKind.SECTEUR)
    for tag in (metier, secteur):
        assert tag.evidence[0].rule == "dispositif:MAPRIMERENOV"
        assert tag.evidence[0].field is None


def test_own_words_raise_a_middling_link(tagger: Tagger) -> None:
    plain = "Loi APER : les ombrières de parking"
    worded = f"{plain} et leur structure métallique"
    assert "metallier" not in terms_of(tagger.classify(TextOfItem(plain)), TermKind.METIER)
    assert "metallier" in terms_of(tagger.classify(TextOfItem(worded)), TermKind.METIER)


def _metiers(tagger: Tagger, title: str, summary: str = "") -> set[str]:
    return set(terms_of(tagger.classify(TextOfItem(title, summary)), TermKind.METIER))


def test_quotes_are_for_those_who_quote_building_works(tagger: Tagger) -> None:
    assert _metiers(tagger, _DEVIS, _DEVIS_SUMMARY) == {
        "charge-affaires-batiment",
        "conducteur-travaux",
        "installateur-sanitaire",
        "technicien-renovation-energetique",
    }


def test_sorting_by_flow_is_for_those_who_sort_or_hold_these_materials(tagger: Tagger) -> None:
    found = _metiers(tagger, _FLUX, _FLUX_SUMMARY)
    assert found >= {"metallier", "operateur-tri-valoriste", "conducteur-travaux"}
    assert not found & {"chauffeur-livreur", "guide-composteur", "couturier"}


def test_insertion_is_for_those_who_supervise_it(tagger: Tagger) -> None:
    title = (
        "Arrêté fixant les montants des aides financières aux structures de l'insertion par "
        "l'activité économique"
    )
    assert _metiers(tagger, title) == {"encadrant-technique-insertion"}


def test_a_transverse_law_that_names_no_metier_goes_to_the_main_targets(tagger: Tagger) -> None:
    found = _metiers(tagger, "Loi AGEC : les plastiques à usage unique")
    metiers = load_referentiel().metiers
    assert found
    assert all(metiers[term].etoile for term in found)
    employers = _metiers(tagger, "Décret relatif au passeport de prévention")
    assert "encadrant-technique-insertion" in employers
    assert "couturier" not in employers


def test_every_metier_of_a_filiere_meets_its_texts(tagger: Tagger) -> None:
    title = (
        "Décret n° 2025-1081 du 17 novembre 2025 relatif aux emballages et instituant la filière "
        "de responsabilité élargie des producteurs d'emballages consommés ou utilisés par les "
        "professionnels"
    )
    assert set(terms_of(tagger.classify(TextOfItem(title)), TermKind.FILIERE)) == {"EMPRO"}
    assert set(load_referentiel().filieres["EMPRO"].metiers) <= _metiers(tagger, title)


def test_the_number_of_the_text_itself_is_the_last_reason(tagger: Tagger) -> None:
    own = (
        Identifier(Scheme.NUMERO, "decret-2020-1817"),
        Identifier(Scheme.JORFTEXT, "JORFTEXT000042841880"),
    )
    summary = "Se lit à l'adresse JORFTEXT000042841880"
    for identifiers in ((), own):
        found = tagger.classify(TextOfItem(_DEVIS, summary, identifiers=identifiers))
        evidence = next(t for t in found.tags if t.term == "AGEC").evidence
        assert evidence[0].words.startswith("informations des devis")
        assert "ancre:numero:decret-2020-1817" in [e.rule for e in evidence[1:]]
        assert len({e.rule.casefold() for e in evidence}) == len(evidence)


def test_the_number_of_another_text_is_a_reason_like_any(tagger: Tagger) -> None:
    found = tagger.classify(TextOfItem("Arrêté pris pour l'application du décret n° 2020-1817"))
    tag = next(t for t in found.tags if t.term == "AGEC")
    assert tag.evidence[0].words == "décret n° 2020-1817"


def test_a_purchase_price_is_always_ppe_too(tagger: Tagger) -> None:
    found = tagger.classify(TextOfItem("Complément de rémunération : nouvel arrêté"))
    ppe = next(t for t in found.tags if t.term == "PPE")
    assert [e.rule for e in ppe.evidence] == ["dispositif:TARIFS_ACHAT"]


# --- Noise ---------------------------------------------------------------------------------------


def test_the_rubrique_tells_noise_before_words(tagger: Tagger) -> None:
    item = TextOfItem("Arrêté du 3 mars 2026", rubrique="JO > Mesures nominatives > Intérieur")
    (evidence,) = tagger.classify(item).noise
    assert evidence.rule == "bruit:nomination"
    assert evidence.words == "Mesures nominatives"
    assert evidence.field is None


def test_words_of_noise_are_shown(tagger: Tagger) -> None:
    title = "Arrêté portant délégation de signature"
    (evidence,) = tagger.classify(TextOfItem(title)).noise
    assert evidence.field is TextField.TITLE
    assert title[evidence.start : evidence.end] == evidence.words


def test_a_sure_dispositif_outranks_noise_except_nominations_and_vacancies(tagger: Tagger) -> None:
    medicine = "Responsabilité élargie du producteur : spécialités pharmaceutiques"
    assert tagger.classify(TextOfItem(medicine)).is_relevant
    nomination = "Arrêté portant nomination d'un chargé de mission commande publique et PEMD"
    vacancy = "Avis de vacance : chef du bureau de la programmation pluriannuelle de l'énergie"
    for title in (nomination, vacancy):
        classification = tagger.classify(TextOfItem(title))
        assert classification.tags
        assert not classification.is_relevant


def test_guards_hold_noise_back(tagger: Tagger) -> None:
    title = "Arrêté portant désignation de l'organisme de qualification RGE"
    assert tagger.classify(TextOfItem(title)).noise == ()


def test_a_rule_that_only_marks_leaves_the_item_relevant(tagger: Tagger) -> None:
    item = TextOfItem("Baromètre des filières REP")
    assert tagger.classify(item).is_relevant
    assert tagger.marks(item) == ("retour-experience-opinion",)


def test_an_item_that_nothing_recognises_comes_back_bare(tagger: Tagger) -> None:
    assert tagger.classify(TextOfItem("")) == Classification((), ())
