"""The real program on sources that need a secret: where the secrets are afterwards."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

from tests.flow.program import Program
from tests.spiders.test_legifrance import SECRET, TOKEN, serve
from tests.spiders.test_mailbox import LETTERS, write_maildir

SOURCES = """sources:
  - id: piste
    kind: legifrance
    url: {piste}/dila/lf-engine-app
    credentials: PISTE
    options: {{token_url: "{piste}/api/oauth/token", searches: [prime]}}
    {rest}
  - id: refused
    kind: legifrance
    url: {piste}/dila/lf-engine-app
    credentials: WRONG
    options: {{token_url: "{piste}/api/oauth/token"}}
    {rest}
  - id: veille
    kind: mailbox
    url: https://veille.artisanat.example/
    credentials: VEILLE
    official: false
    options: {{senders: [lettre@artisanat.example]}}
    {rest}
"""
REST = "\n    ".join(
    ("name: une source", "publisher: x", "licence: x", "evidence: x", "rhythm: 1 h")
)


def contents(folder: Path) -> Iterator[bytes]:
    for path in folder.rglob("*"):
        if path.is_file():
            body = path.read_bytes()
            yield gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def test_no_secret_is_kept_or_said(tmp_path: Path) -> None:
    letters = write_maildir(tmp_path / "Maildir", LETTERS)
    for path in letters.rglob("*.hub"):
        os.utime(path)
    with serve() as piste:
        file = tmp_path / "sources.yaml"
        file.write_text(SOURCES.format(piste=piste.address, rest=REST), encoding="utf-8")
        program = Program(
            tmp_path,
            (
                ("HUB_ALLOW_LOOPBACK", "1"),
                ("HUB_SOURCES", str(file)),
                ("HUB_CREDENTIALS_PISTE", SECRET),
                ("HUB_CREDENTIALS_WRONG", "an-id:another-secret"),
                ("HUB_CREDENTIALS_VEILLE", f"maildir://{letters}"),
            ),
        )
        done = program.call("collect", "--json")
    assert '"wrong credentials' in done.stdout
    everything = [done.stdout.encode(), done.stderr.encode(), *contents(program.data)]
    assert any(b"facture" in body for body in everything)  # what the letters say was kept
    assert any(b"JORFTEXT000054708400" in body for body in everything)
    for secret in (TOKEN, "secret-with-a-colon", "another-secret", "hub.example", "Dupont"):
        assert not [body[:80] for body in everything if secret.encode() in body]
