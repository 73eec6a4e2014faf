"""urlwatch as its command does, in the peers' own environment (see peers.txt).

`prepare FOLDER ADDRESS...` writes its files. `pass FOLDER` runs the real command; the seconds
inside `run_jobs()`, which reads and compares every page, and the pages it knows are written in
FOLDER/pass.json. The report on the terminal comes after and is not in these seconds.
"""

import json
import sys
import time
from pathlib import Path

from urlwatch.cli import main  # type: ignore[import-not-found]
from urlwatch.main import Urlwatch  # type: ignore[import-not-found]
from urlwatch.storage import YamlConfigStorage  # type: ignore[import-not-found]


def prepare(folder: str, *addresses: str) -> None:
    YamlConfigStorage.write_default_config(f"{folder}/urlwatch.yaml")
    Path(folder, "urls.yaml").write_text("---\n".join(f"url: {one}\n" for one in addresses))


def read(folder: str) -> None:
    run_jobs = Urlwatch.run_jobs

    def timed(urlwatch: Urlwatch) -> None:
        start = time.monotonic()
        run_jobs(urlwatch)
        found = {"seconds": time.monotonic() - start, "items": len(urlwatch.jobs)}
        Path(folder, "pass.json").write_text(json.dumps(found))

    Urlwatch.run_jobs = timed
    names = {
        "config": "urlwatch.yaml",
        "urls": "urls.yaml",
        "cache": "cache.db",
        "hooks": "none.py",
    }
    sys.argv[1:] = [
        word for name, file in names.items() for word in (f"--{name}", f"{folder}/{file}")
    ]
    main()


if __name__ == "__main__":
    step, *words = sys.argv[1:]
    prepare(*words) if step == "prepare" else read(*words)
