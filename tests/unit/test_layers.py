"""Imports run words <- decisions <- doors <- flow <- edges, and never back."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

LAYERS = (
    ("words", ("hub", "hub.model", "hub.errors", "hub.messages", "hub.text")),
    (
        "decisions",
        (
            "hub.yamlfile",
            "hub.analysis",
            "hub.sources",
            "hub.referentiel",
            "hub.legal",
            "hub.tagging",
            "hub.identity",
            "hub.sameness",
            "hub.changes",
            "hub.digests",
            "hub.evaluate",
            "hub.health",
            "hub.alarms",
            "hub.review",
            "hub.newsletter.select",
        ),
    ),
    (
        "doors",
        (
            "hub.config",
            "hub.store",
            "hub.captures",
            "hub.lawfiles",
            "hub.child",
            "hub.spiders",
            "hub.joblock",
            "hub.readers",
            "hub.accounts",
            "hub.search",
            "hub.publish",
            "hub.newsletter",
        ),
    ),
    (
        "flow",
        (
            "hub.desk",
            "hub.law",
            "hub.impact",
            "hub.gather",
            "hub.matching",
            "hub.questions",
            "hub.trial",
            "hub.intake",
            "hub.reads",
            "hub.reported",
            "hub.ahead",
            "hub.ingest",
            "hub.collect",
            "hub.classify",
            "hub.watch",
            "hub.news",
            "hub.pipeline",
            "hub.schedule",
        ),
    ),
    ("edges", ("hub.web", "hub.cli", "hub.__main__", "hub.service", "hub.demo", "spiders")),
)


def layer_of(module: str) -> int:
    """The layer of the longest known prefix of a module's name."""
    found = [
        (len(name), rank)
        for rank, (_, names) in enumerate(LAYERS)
        for name in names
        if module == name or (module.startswith(f"{name}.") and name != "hub")
    ]
    assert found, f"{module} has no layer: place it in {__name__}"
    return max(found)[1]


def modules() -> dict[str, Path]:
    files = [*ROOT.glob("hub/**/*.py"), *ROOT.glob("spiders/**/*.py")]
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in files
        if "migrations" not in path.parts
    }


def imports_of(path: Path, known: set[str]) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            submodules = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (submodules & known) or {node.module}
    return {name for name in found if name.split(".")[0] in ("hub", "spiders")}


def test_imports_go_one_way() -> None:
    known = modules()
    wrong = [
        f"{module} ({LAYERS[layer_of(module)][0]}) imports {imported}"
        for module, path in known.items()
        for imported in imports_of(path, set(known))
        if layer_of(imported) > layer_of(module)
    ]
    assert wrong == []


def test_hub_never_imports_spiders() -> None:
    known = modules()
    assert [
        module
        for module, path in known.items()
        if module.startswith("hub")
        and any(name.startswith("spiders") for name in imports_of(path, set(known)))
    ] == []
