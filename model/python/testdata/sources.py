"""Functions that give rows, and functions that do not."""
import os
import sys
import time

import numpy as np
import pandas as pd
import pyarrow as pa

ROWS = 250_000  # more than a group of rows in a file, and than a batch
COLUMNS = {
    "id": np.arange(ROWS),
    "x": np.arange(ROWS) * 0.1,
    "tier": np.where(np.arange(ROWS) % 3 == 0, "a", "ä\n'\""),
    "when": (np.arange(ROWS) * 1_000_000).astype("M8[us]"),
    "flag": np.arange(ROWS) % 2 == 0,
}


def frame():
    print("hello")
    return pd.DataFrame(COLUMNS)


def indexed():
    return frame().set_index("id")


def indexed_twice():
    return frame().set_index("id", drop=False)


def filtered():
    return frame().iloc[::-1].iloc[::-1]  # an index without a name


def table():
    return pa.table(COLUMNS)


def batch():
    return pa.RecordBatch.from_pandas(frame())


def reader():
    return table().to_reader(max_chunksize=1000)


def many():
    for start in range(0, ROWS, 70_000):
        yield frame().iloc[start : start + 70_000]


class Stream:
    """What any library of Arrow gives."""

    def __arrow_c_stream__(self, requested_schema=None):
        return table().__arrow_c_stream__(requested_schema)


def stream():
    return Stream()


def dataset():
    import pyarrow.dataset

    return pyarrow.dataset.dataset(table())


def polars():
    import polars

    return polars.DataFrame(table())


def lazy():
    return polars().lazy()


def delta():
    """A table of Delta Lake, written in three parts and one of them twice."""
    import deltalake

    path = os.environ["DELTA"]
    for start in range(0, ROWS, 100_000):
        deltalake.write_deltalake(path, table().slice(start, 100_000), mode="append")
    whole = deltalake.DeltaTable(path)
    whole.delete("id >= 200000")
    deltalake.write_deltalake(path, table().slice(200_000), mode="append")
    return deltalake.DeltaTable(path).to_pyarrow_dataset()


# From here on: no rows.


def none():
    return frame().iloc[:0]


def no_table():
    return table().slice(0, 0)


def no_reader():
    return pa.RecordBatchReader.from_batches(table().schema, [])


def no_parts():
    return iter(())


def nothing():
    pass


def number():
    return 3


def twice():
    out = frame().iloc[:5]
    return pd.concat([out, out[["x"]]], axis=1)


def twice_arrow():
    return pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])


def no_columns():
    return pd.DataFrame(index=range(5))


def mixed():
    return pd.DataFrame({"id": [1, "b"]})


def uneven():
    yield frame().iloc[:5]
    yield frame().iloc[:5][["id"]]


def raises():
    raise ValueError("the warehouse is closed")


def late():
    yield frame().iloc[:200_000]
    raise ValueError("the connection was lost")


def lacks():
    import nowhere_to_be_found


def exits():
    os._exit(3)


def leaves():
    sys.exit("no more")


def killed():
    os.kill(os.getpid(), 9)


def hangs():
    time.sleep(1000)


def hangs_late():
    yield frame()
    time.sleep(1000)
