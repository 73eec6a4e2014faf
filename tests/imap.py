"""A real IMAP server on loopback, in a process of its own: `serve_mail` starts and ends it.

Twisted's server side speaks the protocol; the folder holds messages in memory. What clients sent is
written to a log, so that a test can see that nothing was marked or moved.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

USER, PASSWORD = "veille@hub.example", "mot de/passe@1"


@dataclass(frozen=True, slots=True)
class Post:
    """A running server. `commands` are the lines its clients sent, without their tags."""

    port: int
    log: Path

    def commands(self) -> list[str]:
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        return [line.split(" ", 1)[1] for line in lines if " " in line]


@contextmanager
def serve_mail(
    folder: Path, messages: list[bytes], *, certificate: Path | None = None, hang: bool = False
) -> Iterator[Post]:
    """Serve these messages, oldest first, all received now. `certificate` holds key and
    certificate (PEM): the server then speaks TLS from the first byte. With `hang` it takes the
    connection and never speaks.
    """
    mail = folder / "mail"
    mail.mkdir(parents=True)
    for number, message in enumerate(messages):
        (mail / f"{number:04d}.eml").write_bytes(message)
    log = folder / "imap.log"
    told = {
        "folder": str(mail),
        "log": str(log),
        "certificate": str(certificate or ""),
        "hang": hang,
    }
    child = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.imap", json.dumps(told)],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[1],
        text=True,
    )
    assert child.stdout is not None
    assert child.stdin is not None
    try:
        yield Post(int(child.stdout.readline()), log)
    finally:
        child.stdin.close()  # the child ends with its parent
        child.wait(10)
        child.stdout.close()


def make_certificate(path: Path) -> Path:
    """A certificate for localhost that nobody signed, with its key, in one PEM file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return path


# --- In the child --------------------------------------------------------------------------------


def import_any(name: str) -> Any:
    """A module of Twisted, whose types are not those of what it takes."""
    return import_module(name)


def main(told: dict[str, Any]) -> None:
    checkers, portal = import_any("twisted.cred.checkers"), import_any("twisted.cred.portal")
    protocol, reactor = (
        import_any("twisted.internet.protocol"),
        import_any("twisted.internet.reactor"),
    )
    ssl, stdio = import_any("twisted.internet.ssl"), import_any("twisted.internet.stdio")
    imap4, implementer = import_any("twisted.mail.imap4"), import_any("zope.interface").implementer

    server_class: Any = imap4.IMAP4Server
    protocol_class: Any = protocol.Protocol
    messages = [path.read_bytes() for path in sorted(Path(told["folder"]).iterdir())]

    @implementer(imap4.IMessage)
    class Message:
        def __init__(self, uid: int, raw: bytes) -> None:
            import email

            self.uid = uid
            self.raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            self.parsed = email.message_from_bytes(raw)

        def getUID(self) -> int:  # noqa: N802 - Twisted's names
            return self.uid

        def getFlags(self) -> list[str]:  # noqa: N802
            return []

        def getInternalDate(self) -> str:  # noqa: N802
            return "07-Sep-2026 06:00:00 +0000"

        def getHeaders(self, negate: bool, *names: bytes) -> dict[str, str]:  # noqa: N802
            wanted = {n.decode().lower() if isinstance(n, bytes) else n.lower() for n in names}
            return {
                name.lower(): str(value).replace("\r", "").replace("\n", " ")
                for name, value in self.parsed.items()
                if not names or (name.lower() in wanted) != negate
            }

        def getSize(self) -> int:  # noqa: N802
            return len(self.raw)

        def getBodyFile(self) -> Any:  # noqa: N802
            import io

            return io.BytesIO(self.raw.partition(b"\r\n\r\n")[2])

        def isMultipart(self) -> bool:  # noqa: N802
            return False

        def getSubPart(self, part: int) -> Any:  # noqa: N802
            raise IndexError(part)

    @implementer(imap4.IMessageFile)
    class WholeMessage(Message):
        def open(self) -> Any:
            import io

            return io.BytesIO(self.raw)

    stored = [WholeMessage(uid, raw) for uid, raw in enumerate(messages, start=11)]

    @implementer(imap4.IMailbox, imap4.ISearchableMailbox)
    class Folder:
        def getFlags(self) -> list[str]:  # noqa: N802
            return ["\\Seen"]

        def getHierarchicalDelimiter(self) -> str:  # noqa: N802
            return "/"

        def getUIDValidity(self) -> int:  # noqa: N802
            return 1

        def getUIDNext(self) -> int:  # noqa: N802
            return 11 + len(stored)

        def getUID(self, number: int) -> int:  # noqa: N802
            return stored[number - 1].uid

        def getMessageCount(self) -> int:  # noqa: N802
            return len(stored)

        def getRecentCount(self) -> int:  # noqa: N802
            return 0

        def getUnseenCount(self) -> int:  # noqa: N802
            return len(stored)

        def isWriteable(self) -> bool:  # noqa: N802
            return True

        def addListener(self, listener: Any) -> None:  # noqa: N802
            pass

        def removeListener(self, listener: Any) -> None:  # noqa: N802
            pass

        def requestStatus(self, names: Any) -> Any:  # noqa: N802
            return imap4.statusRequestHelper(self, names)

        def search(self, query: Any, uid: bool) -> list[int]:
            """FROM as servers do it (anywhere in the header); every message is recent."""
            words = [str(word).strip('"').lower() for word in _flat(query)]
            senders = [words[i + 1] for i, word in enumerate(words) if word == "from"]
            found = []
            for number, message in enumerate(stored, start=1):
                written = " ".join(message.getHeaders(False, b"from").values()).lower()
                if any(sender in written for sender in senders):
                    found.append(number)  # Twisted gives the uid itself
            return found

        def fetch(self, numbers: Any, uid: bool) -> list[tuple[int, Any]]:
            numbers.last = stored[-1].uid if uid and stored else len(stored)
            wanted = set(numbers)
            return [
                (number, message)
                for number, message in enumerate(stored, start=1)
                if (message.uid if uid else number) in wanted
            ]

        def destroy(self) -> None:
            pass

    class Realm:
        def requestAvatar(self, name: bytes, mind: Any, *interfaces: Any) -> Any:  # noqa: N802
            account = imap4.MemoryAccount(name.decode())
            account.addMailbox("INBOX", Folder())
            return imap4.IAccount, account, lambda: None

    class Server(server_class):  # type: ignore[misc]  # a base of any type
        def lineReceived(self, line: bytes) -> None:  # noqa: N802
            with Path(told["log"]).open("a", encoding="utf-8") as log:
                log.write(line.decode("utf-8", "replace") + "\n")
            super().lineReceived(line)

    def build() -> Any:
        if told["hang"]:
            return protocol.Protocol()
        server = Server()
        server.portal = portal.Portal(Realm())
        checker = checkers.InMemoryUsernamePasswordDatabaseDontUse()
        checker.addUser(USER.encode(), PASSWORD.encode())
        server.portal.registerChecker(checker)
        return server

    class Parent(protocol_class):  # type: ignore[misc]  # a base of any type
        """Standard input: it closes when the parent goes, whatever way it went."""

        def connectionLost(self, reason: Any = None) -> None:  # noqa: N802
            reactor.stop()

    factory = protocol.Factory.forProtocol(build)
    factory.noisy = False
    if told["certificate"]:
        context = ssl.DefaultOpenSSLContextFactory(told["certificate"], told["certificate"])
        port = reactor.listenSSL(0, factory, context, interface="127.0.0.1")
    else:
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
    stdio.StandardIO(Parent())
    print(port.getHost().port, flush=True)  # noqa: T201 - the parent reads it
    reactor.run(installSignalHandlers=False)


def _flat(query: Any) -> Iterator[Any]:
    for word in query:
        if isinstance(word, (list, tuple)):
            yield from _flat(word)
        else:
            yield word.decode() if isinstance(word, bytes) else word


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
