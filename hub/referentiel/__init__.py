"""The domain knowledge behind tags and fiches: secteurs, dispositifs, filières REP, métiers, noise.

The knowledge is in the YAML files of this folder, which editors may change; the code only reads
and checks it.
"""

from hub.referentiel.loading import DEFAULT, load_referentiel
from hub.referentiel.model import (
    Ancre,
    Article,
    BruitAction,
    Convention,
    Dispositif,
    EcoOrganisme,
    Exclusion,
    Fait,
    Filiere,
    Force,
    LienMetier,
    Metier,
    Referentiel,
    RegleBruit,
    Secteur,
    Term,
)

__all__ = [
    "DEFAULT",
    "Ancre",
    "Article",
    "BruitAction",
    "Convention",
    "Dispositif",
    "EcoOrganisme",
    "Exclusion",
    "Fait",
    "Filiere",
    "Force",
    "LienMetier",
    "Metier",
    "Referentiel",
    "RegleBruit",
    "Secteur",
    "Term",
    "load_referentiel",
]
