"""Writes the rows that a function of the user's returns to a Parquet file.

It runs after worker.py, in the same interpreter.
"""

ROWS_OF_A_GROUP = 100_000


def write_rows(options):
    sys.path.insert(0, options.get("Dir") or os.getcwd())
    out = find(options["Call"])()
    path, kind = options["To"], type(out).__module__.partition(".")[0]
    if kind == "polars" and hasattr(out, "sink_parquet"):  # a LazyFrame
        out.sink_parquet(path)
    elif kind == "polars" and hasattr(out, "write_parquet"):
        some_columns(out.columns)
        out.write_parquet(path)
    else:
        write_parts(path, parts_of(out))
    return {"Bytes": os.path.getsize(path)}


def parts_of(out):
    """What was returned as one or more tables or readers."""
    if hasattr(out, "__next__") and not hasattr(out, "__arrow_c_stream__"):
        return out  # a generator of them
    return iter([out])


def write_parts(path, parts):
    """Writes batches as they come, in groups that are large enough to be read in parallel."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer, waiting, rows = None, [], 0
    try:
        for part in parts:
            for batch in batches_of(part):
                if writer is None:
                    some_columns(batch.schema.names)
                    writer = pq.ParquetWriter(path, batch.schema)
                elif not batch.schema.equals(writer.schema):
                    raise Fault("the function gives parts with different columns or types", f"the first has {described_schema(writer.schema)}; a later one {described_schema(batch.schema)}")
                waiting.append(batch)
                rows += batch.num_rows
                if rows >= ROWS_OF_A_GROUP:
                    writer.write_table(pa.Table.from_batches(waiting))
                    waiting, rows = [], 0
        if writer is None:
            raise Fault("the function gives no rows")
        writer.write_table(pa.Table.from_batches(waiting, schema=writer.schema))
    finally:
        if writer is not None:
            writer.close()


def batches_of(part):
    """The record batches of a table or a reader, at least one."""
    import pyarrow as pa

    kind = type(part).__module__.partition(".")[0]
    if kind == "pandas" and hasattr(part, "iloc") and hasattr(part, "columns"):
        part = table_of(part)
    if isinstance(part, pa.RecordBatch):
        return [part]
    if isinstance(part, pa.Table):
        return part.to_batches() or [empty(part.schema)]
    if hasattr(part, "__arrow_c_stream__"):
        part = pa.RecordBatchReader.from_stream(part)
    if isinstance(part, pa.RecordBatchReader):
        return batches_or_none(part, part.schema)
    if kind == "pyarrow" and hasattr(part, "to_batches"):  # a data set
        return batches_or_none(part.to_batches(), part.schema)
    raise Fault(
        "the function returns nothing" if part is None else f"the function returns a {type(part).__name__}",
        "return an Arrow table or reader, or a pandas or Polars data frame",
    )


def table_of(frame):
    """A pandas data frame. An index that has a name is a column too."""
    import pyarrow as pa

    names = [str(c) for c in frame.columns]
    some_columns(names)
    indexed = all(name is not None and str(name) not in names for name in frame.index.names)
    try:
        return pa.Table.from_pandas(frame, preserve_index=indexed)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise Fault("a column of the data frame has no one type: " + "; ".join(map(str, error.args)), "give it one, such as frame[column].astype(str)") from None


def batches_or_none(batches, schema):
    """Batches, and an empty one where there are none."""
    got = False
    for batch in batches:
        got = True
        yield batch
    if not got:
        yield empty(schema)


def empty(schema):
    import pyarrow as pa

    return pa.RecordBatch.from_arrays([pa.array([], f.type) for f in schema], schema=schema)


def some_columns(names):
    if not names:
        raise Fault("the function gives rows without columns")
    seen = set()
    for name in names:
        if name in seen:
            raise Fault(f"the function gives two columns named {name!r}", "rename one of them: it could not be told which is meant")
        seen.add(name)


def described_schema(schema):
    return ", ".join(f"{f.name} {f.type}" for f in list(schema)[:8])
