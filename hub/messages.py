"""Every French sentence for an error or an outcome shown to a person, by key.

A sentence says what happened, then what to do. It is written here with plain spaces: `typeset`
puts the French ones.
"""

from __future__ import annotations

import re
from string import Formatter

from hub.errors import HubError

_BEFORE = re.compile(r" (?=[;!?])")
_COLON = re.compile(r" (?=[:»])")
_OPENING = re.compile(r"(?<=«) ")
_NUMBER = re.compile(r"(?<=n°) ")


def typeset(text: str) -> str:
    """French typography: no-break spaces before « : » and inside « », narrow before « ; ! ? »."""
    text = _BEFORE.sub("\u202f", text.replace("'", "’"))
    return _NUMBER.sub("\u00a0", _OPENING.sub("\u00a0", _COLON.sub("\u00a0", text)))


_ERRORS = {
    "HubError": "Le hub a rencontré une difficulté. Recommencez dans un instant ; si cela dure, "
    "prévenez la personne qui s’occupe du serveur.",
    "ConfigError": "Un fichier de réglage contient une erreur. Lancez « hub sources check » sur le "
    "serveur : chaque erreur y est dite avec sa ligne.",
    "SourceError": "Une source n’a pas donné ce qu’on attendait d’elle. Elle sera relue au "
    "prochain passage ; rien n’est perdu.",
    "FetchError": "La source ne répond pas. Elle sera relue au prochain passage ; si cela dure, "
    "vérifiez son adresse ou mettez-la en pause.",
    "ParseError": "La source a répondu, mais sa page a changé de forme. La copie est gardée ; le "
    "réglage de la source est à revoir.",
    "EmptySource": "La source a répondu, mais sa page est vide. Vérifiez sur son site si elle a "
    "déménagé.",
    "TaxonomyError": "Le référentiel des métiers et des dispositifs se contredit. Rien n’a changé "
    "; il est à corriger avant de continuer.",
    "UnknownTerm": "Le référentiel ne connaît pas « {term} ». Choisissez une étiquette de la "
    "liste.",
    "ReviewError": "Ce geste n’est plus possible : le texte a changé d’état entre-temps. Rechargez "
    "la page pour voir où il en est.",
    "AlreadyReviewed": "Quelqu’un est passé avant vous : ce texte a changé depuis que vous avez "
    "ouvert la page. Rien n’a été remplacé ; comparez, puis décidez.",
    "AccountError": "Ce compte ne peut pas être ouvert ou changé ainsi ({email}). Vérifiez "
    "l’adresse et choisissez un mot de passe d’au moins douze signes.",
    "ReplayError": "Les pages gardées n’ont pas toutes pu être relues. Ce qui l’a été est gardé : "
    "relancez la relecture.",
    "PublishError": "Le site n’a pas pu être reconstruit. L’ancienne version reste en ligne ; "
    "recommencez après correction.",
    "DigestError": "La lettre n’a pas pu être préparée ou envoyée. Ce qui n’est pas parti le sera "
    "au prochain envoi.",
    "RecipientRefused": "Le serveur de courrier a refusé une adresse (code {code}). Les autres "
    "abonnés ne sont pas concernés.",
    "Busy": "Un autre travail du même genre est en cours. Rien n’a été fait ; recommencez dans "
    "quelques minutes.",
}
"""By the name of the error's class."""

_TEXTS = {
    # Signing in
    "sign-in.wrong": "L’adresse ou le mot de passe ne convient pas. Vérifiez-les, puis "
    "recommencez.",
    "sign-in.too-many": "Trop d’essais. Attendez un quart d’heure, puis recommencez ; si cela ne "
    "suffit pas, attendez une heure.",
    "sign-in.needed": "Connectez-vous pour ouvrir la salle de relecture.",
    "sign-in.expired": "Votre session est terminée. Rien n’a été enregistré, mais votre texte est "
    "gardé sur cette page.",
    "sign-in.out": "Vous êtes déconnecté.",
    # Requests
    "request.foreign": "Cette demande ne vient pas de ce site : elle a été refusée. Revenez à la "
    "page d’accueil et recommencez.",
    "request.stale": "Cette page a été ouverte dans une autre session : rien n’a été fait. Votre "
    "texte est là ; vérifiez-le, puis recommencez.",
    "request.too-big": "Ce que vous envoyez est trop long. Raccourcissez le texte, puis "
    "recommencez.",
    "request.unread": "Cette demande n’a pas été comprise : rien n’a été fait. Revenez à la page "
    "précédente, puis recommencez.",
    "page.missing": "Cette page n’existe pas, ou n’existe plus. Revenez à la file de relecture.",
    "page.broken": "Le hub a rencontré une difficulté. Rien n’a été enregistré ; recommencez dans "
    "un instant.",
    "site.missing": "Le site n’est pas encore construit. Revenez dans quelques minutes.",
    "site.moved-title": "Cette page a changé d’adresse",
    "site.moved": "Lire la page à sa nouvelle adresse",
    # After a move
    "done.approuver": "« {titre} » est approuvé. Il sera en ligne dans un instant.",
    "done.plus_tard": "« {titre} » est mis de côté pour plus tard.",
    "done.rejeter": "« {titre} » est rejeté. Il ne reviendra que si son texte change.",
    "done.rouvrir": "« {titre} » est remis dans la file.",
    "done.rediger": "Votre texte est enregistré.",
    "done.ajouter_etiquette": "L’étiquette est ajoutée.",
    "done.retirer_etiquette": "L’étiquette est retirée. Celles qui n’en étaient que déduites "
    "le sont aussi.",
    "done.annuler": "La dernière décision est annulée.",
    "done.rien": "Rien n’avait changé : il n’y avait rien à enregistrer.",
    # The letter
    "address.empty": "Indiquez votre adresse électronique.",
    "address.space": "Une adresse ne contient pas d’espace : retirez-le.",
    "address.no-at": "L’adresse n’est pas complète : il manque l’arobase (@).",
    "address.two-ats": "Il y a deux arobases : n’écrivez qu’une adresse.",
    "address.nothing-before": "L’adresse n’est pas complète : il manque ce qui précède l’arobase.",
    "address.nothing-after": "L’adresse n’est pas complète : il manque ce qui suit l’arobase.",
    "address.no-end": "L’adresse n’est pas complète : il manque sa fin, par exemple « .fr ».",
    "address.accent": "Avant l’arobase, une adresse s’écrit sans accent. Vérifiez la vôtre.",
    "address.too-long": "Cette adresse est trop longue. Vérifiez-la.",
    "address.wrong": "Cette adresse n’a pas la bonne forme. Exemple : prenom@entreprise.fr",
    "letter.no-choice": "Choisissez au moins un métier ou un sujet.",
    "letter.too-many": "Trop de demandes viennent de votre connexion. Attendez dix minutes, puis "
    "recommencez.",
    # Sources: what is wrong, said the same way in a message, on the screen and on the site
    "trouble.unreachable": "Le site ne répond pas.",
    "trouble.timeout": "Le site met trop de temps à répondre.",
    "trouble.http": "La page répond par une erreur : introuvable, retirée, ou site en maintenance.",
    "trouble.refused": "Le site refuse de répondre au hub : accès interdit, trop de demandes, ou "
    "preuve à donner que l’on n’est pas un robot.",
    "trouble.held": "Le site demande d’attendre avant de revenir.",
    "trouble.robots": "Le fichier robots.txt du site interdit cette page aux robots.",
    "trouble.off-site": "La page renvoie vers un autre site.",
    "trouble.private-address": "L’adresse mène à un réseau privé : elle n’a pas été suivie.",
    "trouble.redirects": "La page renvoie sans fin d’une adresse à une autre.",
    "trouble.too-large": "La réponse est trop grosse pour être lue.",
    "trouble.cut": "La réponse s’arrête avant la fin.",
    "trouble.parse": "La source a répondu, mais sa page a changé de forme. La copie est gardée.",
    "trouble.empty": "La page répond, mais rien n’y est là où des entrées sont attendues.",
    "trouble.partial": "Une partie de la réponse n’a pas pu être lue.",
    "trouble.budget": "La source a plus de pages que ce qu’une lecture peut demander.",
    "trouble.crash": "La lecture s’est arrêtée sur une erreur du hub lui-même.",
    "cause.network": "Aucun site n’a répondu : c’est notre connexion qui est coupée.",
    "cause.collection": "La collecte s’est arrêtée d’elle-même : rien n’a pu être lu.",
    "cause.failed": "La source ne répond pas, ou répond mal.",
    "cause.layout": "La page répond, mais elle a changé de forme.",
    "cause.moved": "La page a changé d’adresse.",
    "cause.moved-to": "La page a changé d’adresse : {propose}",
    "cause.key": "Elle n’est plus lue : sa clé d’accès manque sur le serveur.",
    "cause.late": "Elle n’a pas été relue au rythme prévu.",
    "cause.silent": "Elle répond, mais ne publie rien de nouveau depuis plus longtemps que "
    "d’habitude.",
    "cause.shrunken": "Elle montre beaucoup moins d’entrées que d’habitude.",
    # Sources: the one thing to do
    "action.network": "Vérifiez la connexion de ce serveur à Internet. Aucune source n’est en "
    "cause.",
    "action.collection": "Lancez « hub --verbose collect » sur le serveur et transmettez ce qui "
    "s’affiche à qui s’occupe du programme. Aucune source n’est en cause.",
    "action.wait": "Attendez : le hub réessaie à chaque passage.",
    "action.key": "Remettez la clé d’accès {variable} dans les réglages du serveur, puis relancez "
    "« hub serve ».",
    "action.address": "Vérifiez l’adresse de la source {id} dans sources.yaml : {adresse}",
    "action.host": "Ouvrez {hote} dans un navigateur ; si le site répond, vérifiez les adresses "
    "de ces {nombre} sources dans sources.yaml.",
    "action.refused": "Allongez « pace » de la source {id} dans sources.yaml ; si le refus dure, "
    "demandez l’accès à l’éditeur du site.",
    "action.robots": "Mettez la source {id} en pause dans sources.yaml (enabled: false), ou "
    "demandez l’accord de l’éditeur du site.",
    "action.budget": "Augmentez « budget » de la source {id} dans sources.yaml.",
    "action.crash": "Lancez « hub --verbose collect {id} » sur le serveur et transmettez ce qui "
    "s’affiche à qui s’occupe du programme.",
    "action.layout": "Corrigez « options » de la source {id} dans sources.yaml, d’après la page "
    "telle qu’elle est : {adresse}",
    "action.moved": "Remplacez l’adresse de la source {id} dans sources.yaml par celle-ci : "
    "{propose}",
    "action.moved-unknown": "Ouvrez {adresse} et voyez où elle mène, puis corrigez « url » de la "
    "source {id} dans sources.yaml.",
    "action.late": "Vérifiez que « hub serve » tourne sur le serveur : la commande « hub status » "
    "dit quand il a lu pour la dernière fois.",
    "action.silent": "Ouvrez {adresse} : si rien n’y est nouveau, dites « J’ai vu » ; sinon, "
    "corrigez la source {id} dans sources.yaml.",
    "action.shrunken": "Comparez {adresse} avec ce que le hub en lit, puis corrigez « options » de "
    "la source {id} dans sources.yaml.",
    # Sources: the message to whoever looks after the hub
    "alarm.subject": "Hub : 1 source à regarder",
    "alarm.subject-many": "Hub : {nombre} sources à regarder",
    "alarm.subject-network": "Hub : notre connexion est coupée",
    "alarm.subject-collection": "Hub : la collecte ne va plus à son terme",
    "alarm.subject-closed": "Hub : retour à la normale",
    "alarm.head": "Source « {nom} » : {etat} depuis le {jour}.",
    "alarm.head-many": "Site {hote} : {nombre} sources {etat} depuis le {jour}.",
    "alarm.head-network": "Notre connexion est coupée depuis le {jour}.",
    "alarm.head-collection": "La collecte ne va plus à son terme depuis le {jour}.",
    "alarm.more": "Et {nombre} de plus.",
    "alarm.action": "À faire : {geste}",
    "alarm.closed-head": "Retour à la normale, rien à faire :",
    "alarm.closed-many": "Site {hote}, {nombre} sources",
    "alarm.closed-network": "Notre connexion à Internet",
    "alarm.closed-collection": "La collecte des sources",
    "alarm.foot": "Ce message revient tant que rien ne change. Pour l’arrêter, dites « J’ai vu » "
    "ici : {ecran}",
    "acknowledged": "C’est noté pour {hote} : plus de rappel tant que cela dure.",
    "acknowledged.ours": "C’est noté : plus de rappel tant que cela dure.",
    "acknowledged.nothing": "Il n’y avait rien à noter : tout est déjà vu, ou revenu à la normale.",
    # What must be read again
    "reread.relu": "C’est noté : ce passage ne revient que si un autre texte le touche.",
    "reread.rien": "Il n’y avait rien à noter : ce passage est déjà relu, ou il a changé depuis.",
    "reread.same-day": "À vérifier : plusieurs arrêtés portent cette date, il peut s’agir d’un "
    "autre.",
    "reread.item": "Un texte sur lequel ce changement repose a bougé depuis votre accord. Relisez, "
    "corrigez s’il le faut, puis dites « Relu » dans l’écran « À revoir ».",
    # Reported pages
    "report.address": "Cette adresse n’est pas celle d’une page web. Copiez-la depuis la barre "
    "d’adresse du navigateur : elle commence par https://",
    "report.too-long": "Cette adresse est trop longue pour être gardée.",
    "report.private": "Cette adresse n’a de sens que dans un réseau privé : le hub ne peut pas la "
    "lire.",
    "report.secret": "Cette adresse contient un nom ou un mot de passe. Retirez ce qui précède le "
    "signe @, puis recommencez.",
    "report.done": "C’est noté. Le hub va lire la page ; elle apparaîtra dans la file d’ici "
    "quelques minutes.",
    "report.again": "Cette page est déjà signalée et attend d’être lue : rien n’a été ajouté.",
    "report.waiting": "En attente de lecture",
    "report.retrying": "Pas encore lue, le hub réessaie : le signalement est déjà dans la file",
    "report.read": "Lue",
    "report.partial": "La page n’a pas pu être lue : seul le signalement est dans la file",
    "report.lost": "Abandonnée",
    # The draft of an item
    "draft.official": "Brouillon tiré du texte officiel. Chaque lettre mène à la phrase d’où il "
    "vient. Rien n’est enregistré avant votre accord.",
    "draft.partner": "Brouillon tiré d’une source qui ne fait pas foi. Chaque lettre mène à la "
    "phrase d’où il vient. Rien n’est enregistré avant votre accord.",
    "draft.nothing": "Le texte ne donne pas de quoi préparer un brouillon. Laissez vide plutôt que "
    "de supposer.",
    "draft.renewed": "Le texte a changé. Vos mots sont gardés ; ce que dit le nouveau texte est "
    "proposé sous chaque champ.",
    "draft.obligatoire": "Proposé parce que le texte dit « {mots} ».",
    "draft.aide": "Proposé parce que le texte parle d’une aide : « {mots} ».",
    "draft.projet": "Proposé parce que le titre dit « {mots} ».",
    # Fields
    "field.date": "Cette date n’est pas comprise : « {saisie} ». Écrivez par exemple « 1er "
    "septembre 2026 » ou 01/09/2026.",
    "field.date-missing": "Il manque la date de cette échéance. Écrivez par exemple « 1er "
    "septembre 2026 » ou 01/09/2026.",
    "field.label-missing": "Dites en quelques mots ce qu’il faut avoir fait à cette date.",
    "field.titre-missing": "Donnez un titre : c’est ce que l’on lit en premier.",
    "field.change-missing": "Écrivez au moins une phrase ici avant de publier.",
    "field.too-long": "Ce texte est trop long : {longueur} signes, {limite} au plus.",
    "field.line-too-long": "L’action {numero} est trop longue : {longueur} signes, {limite} au "
    "plus.",
    "field.too-many-lines": "Il y a {nombre} lignes, c’est trop : {limite} au plus. Retirez-en ou "
    "regroupez-les.",
    "field.year": "L’année {annee} n’est pas vraisemblable : écrivez une date entre {premiere} et "
    "{derniere}.",
    "field.draft": "Ce texte est un projet : il n’oblige encore personne. Choisissez « Projet », "
    "ou cochez « C’est devenu du droit » si vous l’avez vérifié.",
    "field.niveau": "Choisissez un niveau dans la liste.",
    "field.term": "Choisissez une étiquette dans la liste.",
    "form.errors": "Rien n’est encore enregistré : un champ est à revoir. Votre texte est gardé.",
    "form.errors-many": "Rien n’est encore enregistré : {nombre} champs sont à revoir. Votre texte "
    "est gardé.",
}

_ALL = {key: typeset(text) for key, text in {**_TEXTS, **_ERRORS}.items()}


def message(key: str, **facts: object) -> str:
    """The sentence of this key, its placeholders filled.

    Raises:
        KeyError: the key is unknown, or a fact is missing.
    """
    return _ALL[key].format(**facts)


def explain(error: HubError) -> str:
    """The sentence of an error, from its class and its attributes."""
    names = [kind.__name__ for kind in type(error).__mro__ if kind.__name__ in _ERRORS]
    key = names[0]
    return message(key, **{name: getattr(error, name) for name in placeholders(key)})


def list_keys() -> list[str]:
    return list(_ALL)


def placeholders(key: str) -> set[str]:
    """The names of the facts that the sentence of this key needs."""
    return {name for _, name, _, _ in Formatter().parse(_ALL[key]) if name}
