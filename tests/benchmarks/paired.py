"""Two programs timed in turn."""

import gc
import importlib.metadata
import platform
import statistics
import time


def paired(ours, theirs, *, rounds=200, warm=3):
    """(median seconds of ours, of theirs, median ratio), in CPU time; each call of the functions is one round.

    The garbage collector runs as it does for users, and each side starts with a clean heap, so a side that leaves cycles
    pays for collecting its own. A call should therefore last some milliseconds.
    """
    for _ in range(warm):
        ours()
        theirs()
    gc.collect()
    gc.freeze()
    rows = []
    for i in range(rounds):
        pair = (ours, theirs) if i % 2 else (theirs, ours)
        times = {f: _time(f) for f in pair}
        rows.append((times[ours], times[theirs]))
    return (*(statistics.median(column) for column in zip(*rows, strict=True)),
            statistics.median(a / b for a, b in rows))  # fmt: skip


def _time(f):
    gc.collect()
    start = time.process_time()
    f()
    return time.process_time() - start


def report(title, peer, result, *, per=1, unit="us"):
    """Print one line: both medians, the ratio and the versions."""
    ours, theirs, ratio = result
    scale = {"us": 1e6, "ms": 1e3, "s": 1}[unit] / per
    versions = ", ".join(f"{p} {importlib.metadata.version(p)}" for p in ("numpy", peer))
    print(f"{title}: {ours * scale:.2f} {unit}, {peer} {theirs * scale:.2f} {unit}, ratio {ratio:.2f} "
          f"({versions}, Python {platform.python_version()})")  # fmt: skip
