"""`python bare_parse.py FOLDER`: unpack the archives in memory, parse each file with lxml, no more.

The least that anyone could do with them. Prints the files read and the seconds that it took.
"""

import json
import sys
import tarfile
import time
from pathlib import Path

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types


def main(folder: Path) -> None:
    start = time.monotonic()
    files = 0
    for path in sorted(folder.iterdir()):
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                file = archive.extractfile(member)
                if file is not None:
                    etree.fromstring(file.read())
                    files += 1
    print(json.dumps({"files": files, "seconds": time.monotonic() - start}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
