"""The program's manners: one object on standard output, exit codes, mistakes told in one go."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli import cli
from hub.config import Settings
from hub.joblock import job_lock

WRONG = """\
sources:
  - id: jo
    name: Journal officiel
    publisher: DILA
    kind: feed
    url: ftp://example.org/flux
    rhythm: souvent
    licence: Licence Ouverte
    evidence: vu
    dispositifs: [AGECE]
    couleur: bleue
"""


class Runner:
    """`hub` in this process, on a data folder of its own."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def __call__(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli, ["--data", str(self.data), *arguments])


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    for name in ("HUB_DATABASE", "HUB_SMTP", "HUB_SOURCES"):
        monkeypatch.delenv(name, raising=False)
    return Runner(tmp_path / "données d’essai")


def test_reports_are_one_object_on_standard_output(run: Runner) -> None:
    for arguments in (("status",), ("sources", "list"), ("sources", "check"), ("classify",)):
        result = run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        assert isinstance(json.loads(result.stdout), dict)


def test_every_mistake_of_the_sources_is_told_at_once(run: Runner, tmp_path: Path) -> None:
    file = tmp_path / "sources.yaml"
    file.write_text(WRONG, "utf-8")
    result = run("--sources", str(file), "sources", "check", "--json")
    assert result.exit_code == 2
    errors = {error["line"]: error for error in json.loads(result.stdout)["errors"]}
    assert set(errors) == {6, 7, 10, 11}
    assert all(error["message"] and error["path"] for error in errors.values())
    refused = run("--sources", str(file), "run")
    assert refused.exit_code == 2
    assert refused.stderr.count(str(file)) == 4
    assert "Traceback" not in refused.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("collect", "inconnue"),
        ("--now", "hier", "status"),
        ("digest", "--at", "2026-02-31"),
        ("ingest", "nulle-part"),
        ("search",),
        ("editor", "add", "a@example.org", "--name", "A", "--password", "court"),
        ("nimporte",),
    ],
)
def test_a_wrong_call_ends_with_two(run: Runner, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Error: " in result.stderr
    assert "Traceback" not in result.output


def test_a_database_that_cannot_be_used_is_named(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_DATABASE", "sans queue ni tête")
    result = run("status")
    assert result.exit_code == 2
    assert "HUB_DATABASE" in result.stderr


def test_two_runs_do_not_meet(run: Runner) -> None:
    with job_lock(Settings(data=run.data), "run"):
        result = run("ingest", __file__)
    assert result.exit_code == 1
    assert "try again" in result.stderr


def test_files_that_cannot_be_read_end_with_one(run: Runner, tmp_path: Path) -> None:
    empty = tmp_path / "JORFTEXT000054708473.xml"
    empty.touch()
    result = run("ingest", str(empty), "--json")
    assert result.exit_code == 1
    assert [f["file"] for f in json.loads(result.stdout)["failures"]] == [empty.name]
