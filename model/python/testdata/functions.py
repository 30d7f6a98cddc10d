"""Functions that answer, and functions that do not."""
import ctypes
import os
import sys
import threading
import time

import numpy as np
import pandas as pd


def logistic(frame):
    return 1 / (1 + np.exp(-(0.5 * frame["x"] - 2 * frame["k"] + 0.25)))


def labels(frame):
    return np.where(logistic(frame) >= 0.5, "yes", "no")


def pair(frame):
    return labels(frame), logistic(frame)


def table(frame):
    p = logistic(frame)
    return pd.DataFrame({"label": labels(frame), "no": 1 - p, "yes": p})


def prints(frame):
    print("debug " * 100_000)
    print("more", file=sys.stderr)
    sys.stdout.flush()
    return logistic(frame)


def exits(frame):
    os._exit(3)


def leaves(frame):
    sys.exit("no more")


def segfaults(frame):
    ctypes.string_at(0)


def hangs(frame):
    time.sleep(1000)


def raises(frame):
    def deep(n):
        if n == 0:
            raise ValueError("bad value " + "x" * 10_000)
        deep(n - 1)

    deep(300)


def short(frame):
    return logistic(frame)[:-1]


def wide(frame):
    return np.zeros((len(frame), 3))


def nan(frame):
    return logistic(frame).where(frame["x"] != frame["x"].iloc[1], np.nan)


def nothing(frame):
    return None


def starts(frame):
    threading.Thread(target=time.sleep, args=(1000,), daemon=False).start()
    return logistic(frame)


def missing(frame):
    import nowhere_to_be_found  # noqa: F401


def kinds(frame):
    """Says of each column what it is given as."""
    text = ", ".join(f"{c} {frame[c].dtype} {frame[c].isna().sum()}" for c in frame.columns)
    return np.array([text] * len(frame), dtype=object)


not_a_function = 3


def sleeps(rows):
    time.sleep(0.05)
    return np.full(len(rows), 0.75)


def works(rows):
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
    return np.full(len(rows), 0.75)
