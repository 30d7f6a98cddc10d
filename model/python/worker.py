"""Serves one model to noworse, or writes rows for it, over a socket: see package model/wire for the frames.

It is run by the user's own interpreter. Whatever a model prints goes to noworse's
log of this process, and cannot disturb the socket. The process ends with the socket.
"""
import json
import os
import socket
import struct
import sys
import threading
import time
import traceback

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

# Kinds as package dataset numbers them.
INTEGER, FLOAT, TEXT, BOOL, TIME = 1, 3, 5, 6, 7


class Fault(Exception):
    """What is wrong with the model, for people."""

    def __init__(self, message, hint="", missing=False, rows=None):
        super().__init__(message)
        self.hint, self.missing, self.rows = hint, missing, rows


def described(error, who):
    """An error as noworse shows it: one sentence, and the end of the traceback."""
    if isinstance(error, Fault):
        return {"Message": str(error), "Hint": error.hint, "Missing": error.missing, "Rows": error.rows}
    name = type(error).__name__
    text = str(error).strip().splitlines()
    first = text[0][:500] if text else ""
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    detail = "".join(lines).rstrip().splitlines()
    out = {"Message": f"{name}: {first}" if first else name, "Detail": "\n".join(line[:300] for line in detail[-12:])}
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = {"sklearn": "scikit-learn", "yaml": "pyyaml", "cv2": "opencv-python"}.get(error.name.split(".")[0], error.name.split(".")[0])
        out["Message"] = f"{who} needs the Python package {error.name}, which {sys.executable} does not have"
        out["Hint"] = f"{sys.executable} -m pip install {package}, or name another interpreter: `interpreter:`"
    return out


def read(stream, size):
    data = bytearray(size)
    view = memoryview(data)
    while view:
        n = stream.recv_into(view)
        if n == 0:
            raise EOFError
        view = view[n:]
    return data


def send(stream, header, body=()):
    text = json.dumps(header).encode()
    stream.sendall(struct.pack("<IQ", len(text), sum(len(b) for b in body)) + text)
    for part in body:
        stream.sendall(part)


def columns_of(request, body):
    """The columns of a request: name to (kind, values, mask of values or None)."""
    import numpy as np

    rows, at, out = request.get("rows", 0), 0, {}
    for c in request.get("columns") or []:
        mask = None
        if c.get("masked"):
            size = (rows + 7) // 8
            mask = np.unpackbits(np.frombuffer(body, "u1", size, at), bitorder="little")[:rows].astype(bool)
            at += size
        kind = c["kind"]
        if kind in ("int", "time"):
            values, at = np.frombuffer(body, "<i8", rows, at), at + 8 * rows
        elif kind == "float":
            values, at = np.frombuffer(body, "<f8", rows, at), at + 8 * rows
        elif kind == "bool":
            values, at = np.frombuffer(body, "u1", rows, at).astype(bool), at + rows
        else:
            lengths = np.frombuffer(body, "<u4", rows, at)
            at += 4 * rows
            ends = np.cumsum(lengths, dtype="i8")
            size = int(ends[-1]) if rows else 0
            text = bytes(body[at : at + size]).decode("utf-8")
            at += size
            values = split(text, lengths, ends, size)
        out[c["name"]] = (kind, values, mask, bool(c.get("nullable")))
    return rows, out


def split(text, lengths, ends, size):
    """The texts of a column; where all are ASCII, bytes are characters."""
    import numpy as np

    out = np.empty(len(lengths), dtype=object)
    if len(text) == size:
        start = 0
        for i, end in enumerate(ends.tolist()):
            out[i] = text[start:end]
            start = end
        return out
    raw = text.encode("utf-8")
    start = 0
    for i, end in enumerate(ends.tolist()):
        out[i] = raw[start:end].decode("utf-8")
        start = end
    return out


def frame_of(rows, columns):
    """The columns as a data frame, with the types that a reader of files gives."""
    import numpy as np
    import pandas as pd

    data = {}
    for name, (kind, values, mask, nullable) in columns.items():
        if kind == "int" and nullable:
            values = values.astype("f8")
            if mask is not None:
                values[~mask] = np.nan
        elif kind == "time":
            values = values.astype("M8[us]").copy()
            if mask is not None:
                values[~mask] = np.datetime64("NaT")
        elif kind in ("text", "bool") and (mask is not None or nullable and kind == "bool"):
            values = values.astype(object)
            if mask is not None:
                values[~mask] = None
        data[name] = values
    return pd.DataFrame(data, index=range(rows), copy=False)


def matrix_of(rows, columns):
    """The columns as one array of numbers, for models without names."""
    import numpy as np

    out = np.empty((rows, len(columns)), dtype="f8")
    for i, (name, (kind, values, mask, _)) in enumerate(columns.items()):
        if kind in ("text", "time"):
            raise Fault(f"the model is given an array of numbers, and column {name!r} is {kind}", "list the columns that it was trained on: data.eval.features")
        out[:, i] = values
        if mask is not None and kind != "float":
            out[~mask, i] = np.nan
    return out


def wants_numpy():
    try:
        import numpy  # noqa: F401
    except ImportError as error:
        missing = described(error, "the model")
        raise Fault(missing["Message"], missing.get("Hint", "")) from None


def find(name):
    """The function that package.module:function names."""
    import importlib

    module, _, path = name.partition(":")
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name and (module == error.name or module.startswith(error.name + ".")):
            raise Fault(f"there is no module {module!r}", "modules are looked for from the directory of the spec", missing=True) from None
        raise
    for part in path.split("."):
        if not hasattr(found, part):
            raise Fault(f"{module} has no {path!r}")
        found = getattr(found, part)
    if not callable(found):
        raise Fault(f"{name} is no function")
    return found


class Model:
    """One model: how it is loaded, what it wants, and its answers."""

    form, called = "python", "the function"

    def __init__(self, options):
        self.task = options["Task"]
        self.predictor, self.files = None, []
        wants_numpy()
        sys.path.insert(0, options.get("Dir") or os.getcwd())
        if options.get("Call"):
            self.function = find(options["Call"])
        else:
            self.function = None
            self.load(options)

    def load(self, options):
        path = options["Load"]
        if os.path.isdir(path):
            raise Fault(f"{path}: this is a directory, and not of an MLflow model", "name the model's file; a function can load anything else: `call: package.module:function`")
        self.files = [path]
        suffix = os.path.splitext(path)[1].lower()
        with open(path, "rb") as f:
            head = f.read(16)
        if suffix == ".skops" or head[:4] == b"PK\x03\x04":
            import skops.io

            unknown = skops.io.get_untrusted_types(file=path)
            if unknown:
                raise Fault(f"{path} holds types that skops does not trust: {', '.join(unknown[:5])}", "load it in a function of your own: `call: package.module:function`")
            self.predictor = skops.io.load(path)
        elif suffix in (".ubj", ".model") or suffix == ".json":
            import xgboost

            self.predictor = xgboost.Booster(model_file=path)
        elif head[:4] == b"tree" or suffix in (".lgb", ".txt"):
            import lightgbm

            self.predictor = lightgbm.Booster(model_file=path)
        else:
            self.predictor = self.unpickle(path)

    @staticmethod
    def unpickle(path):
        import pickle

        try:
            import joblib

            return joblib.load(path)
        except ModuleNotFoundError as error:
            if error.name != "joblib":
                raise
        with open(path, "rb") as f:
            return pickle.load(f)

    # What it wants.

    def inputs(self):
        return of_estimator(self.predictor)

    def about(self, took):
        names, width = self.inputs()
        if names:
            inputs = [{"Name": n, "Kind": 0, "Width": 0} for n in names]
        elif width:
            inputs = [{"Name": "", "Kind": 0, "Width": width}]
        else:
            inputs = None
        versions = self.versions()
        return {
            "Form": self.form,
            "Inputs": inputs,
            "Fingerprint": self.fingerprint(versions),
            "Versions": versions,
            "Size": sum(os.path.getsize(f) for f in self.files),
            "Load": int(took * 1e9),
        }

    def versions(self):
        """Python, and every package that has been imported."""
        from importlib import metadata

        of = metadata.packages_distributions()
        names = set()
        for module in list(sys.modules):
            names.update(of.get(module.partition(".")[0], ()))
        out = [{"Name": "python", "Version": sys.version.split()[0]}]
        for name in sorted(names, key=str.lower):
            try:
                out.append({"Name": name, "Version": metadata.version(name)})
            except metadata.PackageNotFoundError:
                pass
        return out

    def named_files(self):
        return [("", path) for path in self.files]

    def fingerprint(self, versions):
        """A digest of all that decides the answers; "" where that is not known."""
        import hashlib

        if self.function is not None:
            return ""  # a function may read anything
        h = hashlib.sha256()

        def add(name, path):
            h.update(f"{name}\0{os.path.getsize(path)}\0".encode())
            with open(path, "rb") as f:
                for part in iter(lambda: f.read(1 << 20), b""):
                    h.update(part)

        for name, path in self.named_files():
            add(name, path)
        for name in sorted(sys.modules):  # the user's own modules, which unpickling has imported
            path = getattr(sys.modules[name], "__file__", None)
            if path and os.path.isfile(path) and not installed(path):
                add(name, path)
        h.update(json.dumps([self.task, sys.platform, versions]).encode())
        return "sha256:" + h.hexdigest()

    # Its answers.

    def answer(self, rows, columns):
        import numpy as np

        if rows == 0:  # which many models refuse
            return {"numbers": np.empty((0, 1))} if self.task == "regression" else {"labels": np.empty(0, dtype=object)}
        if self.function is not None:
            return self.of_function(self.function(frame_of(rows, columns)), rows)
        kind = type(self.predictor).__module__.partition(".")[0]
        if kind in ("xgboost", "lightgbm") and type(self.predictor).__name__ == "Booster":
            return self.of_booster(kind, rows, columns)
        names, width = self.inputs()
        given = matrix_of(rows, columns) if names is None and width else frame_of(rows, ordered(columns, names))
        if self.task == "regression":
            return {"numbers": single(self.predictor.predict(given), rows, "numbers")}
        if not hasattr(self.predictor, "predict"):
            raise Fault(f"what was loaded has no predict: it is a {type(self.predictor).__name__}")
        out = {"labels": np.asarray(self.predictor.predict(given))}
        if hasattr(self.predictor, "predict_proba"):
            classes = getattr(self.predictor, "classes_", None)
            if classes is None:
                raise Fault("the model gives probabilities and does not say of which classes: it has no classes_")
            out["scores"] = np.asarray(self.predictor.predict_proba(given), dtype="f8")
            out["classes"] = texts(np.asarray(classes)).tolist()
        return out

    def of_booster(self, kind, rows, columns):
        import numpy as np

        given = frame_of(rows, ordered(columns, self.inputs()[0]))
        if kind == "xgboost":
            import xgboost

            names = self.predictor.feature_names
            data = xgboost.DMatrix(given if names else given.to_numpy(dtype="f8"), enable_categorical=bool(names))
            out = self.predictor.predict(data)
        else:
            out = self.predictor.predict(given)
        out = np.asarray(out, dtype="f8")
        if self.task == "regression":
            return {"numbers": single(out, rows, "numbers")}
        scores = out.reshape(-1, 1) if out.ndim == 1 else out
        if scores.shape[1] == 1 and self.task == "binary":
            return {"scores": scores}
        return {"scores": scores, "classes": [str(i) for i in range(scores.shape[1])]}

    def of_function(self, out, rows):
        """What a function answers: labels or numbers; a column of scores for each
        class; a dict or a data frame with label, score, number, or classes."""
        import numpy as np

        if isinstance(out, tuple) and len(out) == 2:
            out = {"label": out[0], "score": out[1]}
        if hasattr(out, "columns") and hasattr(out, "to_dict"):
            out = {str(c): out[c].to_numpy() for c in out.columns}
        if isinstance(out, dict):
            return self.of_dict({str(k): np.asarray(v) for k, v in out.items()}, rows)
        if out is None:
            raise Fault(f"{self.called} answers nothing: it returns None")
        out = np.asarray(out)
        if self.task == "regression":
            return {"numbers": single(out, rows, "numbers")}
        if out.ndim == 1 or out.ndim == 2 and out.shape[1] == 1:
            out = single(out, rows, "answers", out.dtype)[:, 0]
            if self.task == "binary" and out.dtype.kind == "f" and not np.isin(out, (0.0, 1.0)).all():
                return {"scores": out.reshape(rows, 1).astype("f8")}
            return {"labels": out}
        if out.ndim != 2:
            raise Fault(f"{self.called} answers an array of {out.ndim} dimensions")
        raise Fault(
            f"{self.called} answers an array of {out.shape[1]} columns and does not say of which classes",
            "answer a DataFrame, or a dict, with a column for each class",
        )

    def of_dict(self, out, rows):
        import numpy as np

        number = out.get("number", out.get("prediction"))
        if self.task == "regression":
            if number is None and len(out) == 1:
                number = next(iter(out.values()))
            if number is None:
                raise Fault(f"the model answers {', '.join(out)}, and the task is regression: name the column number")
            return {"numbers": single(number, rows, "numbers")}
        label = out.get("label", out.get("prediction", out.get("predictions")))
        found = {}
        if label is not None:
            found["labels"] = label
        if "score" in out:
            found["scores"] = np.asarray(out["score"], dtype="f8")
            if found["scores"].ndim == 1:
                found["scores"] = found["scores"].reshape(-1, 1)
            if found["scores"].shape[1] == 2 and self.task == "binary":
                found["scores"] = found["scores"][:, 1:]
        rest = [k for k in out if k not in ("label", "prediction", "predictions", "score", "number")]
        if "score" not in out and rest:
            found["scores"] = np.column_stack([np.asarray(out[k], dtype="f8") for k in rest])
            found["classes"] = rest
        if not found:
            raise Fault("the model answers neither labels nor scores")
        return found


def of_estimator(p):
    """Names of the columns that a model wants, or how many; None: whatever it is given."""
    if p is None:
        return None, None
    for name in ("feature_names_in_", "feature_name_", "feature_names"):
        try:
            names = getattr(p, name, None)
        except Exception:
            names = None
        if names is not None and not callable(names) and len(names) > 0:
            return [str(n) for n in names], None
    if callable(getattr(p, "feature_name", None)):
        names = p.feature_name()
        if not all(n == f"Column_{i}" for i, n in enumerate(names)):
            return names, None
        return None, len(names)
    try:
        width = getattr(p, "n_features_in_", None)
    except Exception:
        width = None
    return None, int(width) if width else None


def ordered(columns, names):
    """The columns that a model knows by name, in its order."""
    if not names:
        return columns
    lacking = [n for n in names if n not in columns]
    if lacking:
        raise Fault(f"the model wants the column {lacking[0]!r}, which it is not given")
    return {n: columns[n] for n in names}


def single(values, rows, what, dtype="f8"):
    """One value for each row, as an array of one column."""
    import numpy as np

    values = np.asarray(values, dtype=dtype)
    if values.size != rows or values.ndim > 2:
        raise Fault(f"the model answered {' x '.join(map(str, values.shape)) or 'one'} {what} for {rows} rows")
    return values.reshape(rows, 1)


def installed(path):
    """Whether a module is of Python itself or of an installed package."""
    import sysconfig

    paths = sysconfig.get_paths()
    roots = {os.path.realpath(paths[k]) for k in ("stdlib", "platstdlib", "purelib", "platlib") if paths.get(k)}
    real = os.path.realpath(path)
    return any(real.startswith(r + os.sep) for r in roots) or "site-packages" in real or "dist-packages" in real


def texts(values):
    """Labels as texts: 1, not 1.0, and true, not True."""
    import numpy as np

    values = np.asarray(values)
    if values.dtype.kind == "b":
        return np.where(values, "true", "false").astype(object)
    if values.dtype.kind == "f":
        whole = np.isfinite(values) & (values == np.floor(values)) & (np.abs(values) < 2**53)
        return np.array([str(int(v)) if w else repr(float(v)) for v, w in zip(values.tolist(), whole.tolist())], dtype=object)
    if values.dtype.kind in "iu":
        return values.astype("U").astype(object)
    return np.array(["" if v is None else ("true" if v is True else "false" if v is False else str(v)) for v in values.tolist()], dtype=object)


def packed(answers, rows):
    """Answers as a header and a body."""
    import numpy as np

    header, body = {}, []
    numbers, labels, scores = answers.get("numbers"), answers.get("labels"), answers.get("scores")
    if numbers is not None:
        if numbers.shape != (rows, 1):
            raise Fault(f"the model answered an array of {' x '.join(map(str, numbers.shape))} numbers for {rows} rows")
        header["numbers"] = True
        body.append(np.ascontiguousarray(numbers, "<f8").tobytes())
    if labels is not None:
        labels = np.asarray(labels)
        if labels.ndim == 2 and labels.shape[1] == 1:
            labels = labels[:, 0]
        if labels.shape != (rows,):
            raise Fault(f"the model answered an array of {' x '.join(map(str, labels.shape)) or 'no'} labels for {rows} rows")
        unique, inverse = np.unique(texts(labels).astype("U"), return_inverse=True)
        encoded = [u.encode() for u in unique.tolist()]
        sizes = np.array([len(e) for e in encoded], "<u4")
        header["labels"] = True
        body.append(sizes[inverse.reshape(-1)].tobytes() if rows else b"")
        body.append(b"".join(encoded[i] for i in inverse.reshape(-1).tolist()))
    if scores is not None:
        if scores.ndim != 2 or scores.shape[0] != rows:
            raise Fault(f"the model answered an array of {' x '.join(map(str, scores.shape))} scores for {rows} rows")
        header["scores"], header["classes"] = scores.shape[1], answers.get("classes")
        body += [np.ascontiguousarray(scores[:, k], "<f8").tobytes() for k in range(scores.shape[1])]
    return header, body


def peak():
    """The peak resident set of this process, in bytes."""
    try:
        with open("/proc/self/status") as f:
            for line in f:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def queue():
    """A function that says how long the calling thread has waited for a processor so far,
    in nanoseconds; None where the system does not."""
    try:
        stat = os.open(f"/proc/self/task/{threading.get_native_id()}/schedstat", os.O_RDONLY | os.O_CLOEXEC)

        def waited():
            try:
                ran, queued = os.pread(stat, 96, 0).split()[:2]
            except (OSError, ValueError):
                return None
            return int(queued) if int(ran) else None

        return waited
    except (OSError, AttributeError):
        return lambda: None


def measured(waited, call):
    """What a call gives, and what it took: see model.Effort."""
    before, processor, began = waited(), time.process_time_ns(), time.monotonic_ns()
    out = call()
    took, processor, after = time.monotonic_ns() - began, time.process_time_ns() - processor, waited()
    if before is None or after is None:
        return out, None
    return out, {"Net": max(0, took - (after - before)), "Processor": processor}


def serve(stream):
    model, loaded, who, waited = None, 0, "the model", queue()
    while True:
        try:
            head, size = struct.unpack("<IQ", read(stream, 12))
            request = json.loads(read(stream, head))
            body = read(stream, size)
        except (EOFError, ConnectionError):
            return
        try:
            if request["do"] == "open":
                started = time.monotonic()
                model = opened(request["options"])
                about = model.about(time.monotonic() - started)
                loaded = peak()
                reply = ({"about": about}, [])
            elif request["do"] == "rows":
                who = "the function"
                reply = ({"wrote": write_rows(request["options"])}, [])
            elif request["do"] == "predict":
                def answer():
                    rows, columns = columns_of(request, body)
                    return packed(model.answer(rows, columns), rows)

                reply, effort = measured(waited, answer)
                reply[0]["effort"] = effort
            elif request["do"] == "memory":
                reply = ({"memory": {"Loaded": loaded, "Peak": max(loaded, peak())}}, [])
            else:
                raise Fault(f"there is no request {request['do']!r}")
        except MemoryError as error:
            reply = ({"error": {"Message": f"{who} wants more memory than there is", "Detail": str(error)}}, [])
        except (KeyboardInterrupt, SystemExit) as error:
            reply = ({"error": {"Message": f"{who} ended its process: {type(error).__name__}: {error}", "Gone": True}}, [])
            send(stream, *reply)
            return
        except BaseException as error:
            reply = ({"error": described(error, who)}, [])
        send(stream, *reply)


def main():
    fd = int(os.environ["NOWORSE_MODEL_SOCKET"])
    os.set_inheritable(fd, False)  # what the model starts must not hold it open
    serve(socket.socket(fileno=fd))
