"""reader, as its documentation shows it, in the peers' own environment (see peers.txt).

`prepare DATABASE ADDRESS...` adds the feeds. `pass DATABASE WORKERS` reads them all once and prints
the seconds inside `update_feeds()` and the entries kept. Scheduling is off: it would skip, in the
second pass, every feed read less than an hour before.
"""

import json
import sys
import time

from reader import make_reader  # type: ignore[import-not-found]


def prepare(database: str, *addresses: str) -> None:
    with make_reader(database) as reader:
        for address in addresses:
            reader.add_feed(address)


def read(database: str, workers: str) -> None:
    with make_reader(database) as reader:
        start = time.monotonic()
        reader.update_feeds(scheduled=False, workers=int(workers))
        seconds = time.monotonic() - start
        print(json.dumps({"seconds": seconds, "items": reader.get_entry_counts().total}))


if __name__ == "__main__":
    step, *words = sys.argv[1:]
    prepare(*words) if step == "prepare" else read(*words)
