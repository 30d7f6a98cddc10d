"""ONNX models, by the package onnxruntime: where noworse has no library to load itself.

It runs after worker.py, in the same interpreter. What the model takes and gives is
told: noworse has read its file.
"""

ELEMENTS = {"float": "f4", "double": "f8", "bool": "?", "string": "O"}


class Onnx(Model):
    def load(self, options):
        sys.path[:] = [p for p in sys.path if p]
        import onnxruntime as ort

        settings = ort.SessionOptions()
        settings.intra_op_num_threads = settings.inter_op_num_threads = 1
        settings.log_severity_level = 4
        self.options, self.version = options, ort.__version__
        self.outputs = [n for n in (options["Label"], options["Score"]) if n]
        try:
            self.session = ort.InferenceSession(options["ONNX"], settings, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise Fault(f"ONNX Runtime {self.version} of {sys.executable} cannot load the model: {str(error).splitlines()[0][:400]}", f"a newer one may: {sys.executable} -m pip install --upgrade onnxruntime") from error

    def versions(self):
        return [{"Name": "ONNX Runtime", "Version": self.version}, {"Name": "python", "Version": sys.version.split()[0]}]

    def fingerprint(self, versions):
        return ""  # noworse has one

    def answer(self, rows, columns):
        import numpy as np

        feeds = {}
        for given in self.options["Inputs"]:
            dtype = np.dtype(ELEMENTS.get(given["Elem"], given["Elem"]))
            names = list(columns) if given["All"] else [given["Name"]]
            parts = [cast(name, *columns[name][:3], dtype) for name in names]
            feeds[given["Name"]] = parts[0] if given["Flat"] else np.column_stack(parts)
        batch = self.options["Inputs"][0]["Batch"] or 1 << 14
        fixed = self.options["Inputs"][0]["Batch"] > 0
        chunks = [self.run(feeds, at, min(batch, rows - at), batch if fixed else 0) for at in range(0, rows, batch)]
        out = {name: np.concatenate([chunk[i] for chunk in chunks]) for i, name in enumerate(self.outputs)}
        if self.task == "regression":
            return {"numbers": single(out[self.options["Score"]], rows, "numbers")}
        found = {}
        if self.options["Label"]:
            found["labels"] = single(out[self.options["Label"]], rows, "labels", None)[:, 0]
        if self.options["Score"]:
            scores = out[self.options["Score"]]
            scores = scores.reshape(len(scores), -1)
            if scores.shape[1] > 1:
                found["classes"] = self.options["Classes"]
            found["scores"] = settled(scores) if scores.dtype == np.float32 else scores.astype("f8")
        return found

    def run(self, feeds, at, n, size):
        """Some rows; where a model wants so many, the last one is repeated."""
        import numpy as np

        part = {name: value[at : at + n] for name, value in feeds.items()}
        if size > n:
            part = {name: np.concatenate([value, np.repeat(value[-1:], size - n, axis=0)]) for name, value in part.items()}
        try:
            out = self.session.run(self.outputs, part)
        except Exception as error:
            raise Fault(f"ONNX Runtime could not run the model on these rows: {str(error).splitlines()[0][:400]}") from error
        return [self.array(values)[:n] for values in out]

    def array(self, values):
        """An output; maps as a column for each class."""
        import numpy as np

        if not isinstance(values, list) or not values or not isinstance(values[0], dict):
            return np.asarray(values)
        classes = self.options["Maps"]
        return np.array([[row[k] for k in classes] for row in ({str(k): v for k, v in r.items()} for r in values)], dtype="f4")


def settled(scores):
    """Probabilities that are beyond 0 or 1 by rounding, as 0 and 1."""
    scores = scores.astype("f8")
    scores[(scores > 1) & (scores <= 1 + 1e-5)] = 1
    scores[(scores < 0) & (scores >= -1e-5)] = 0
    return scores


def cast(name, kind, values, mask, dtype):
    """A column in the type of an input. noworse has refused what lacks a value there."""
    import numpy as np

    if dtype.kind == "O":
        for i, text in enumerate(values):
            if "\0" in text:
                raise Fault(f"column {json.dumps(name)} has a text with a zero byte, which ONNX Runtime cannot be given", rows=[i])
        return values
    if dtype.kind == "f":
        out = values.astype(dtype)
        if mask is not None:
            out[~mask] = np.nan
        return out
    with np.errstate(invalid="ignore"):
        out = values.astype(dtype)
    bad = np.flatnonzero(out.astype("f8" if values.dtype.kind == "f" else "i8") != values)
    if dtype.kind == "u" and values.dtype.kind == "i":
        bad = np.flatnonzero((values < 0) | (out.astype("i8") != values))
    if len(bad) and values.dtype.kind == "f" and np.isnan(values[bad]).all():
        raise Fault(f"column {json.dumps(name)} has no value in {len(bad)} rows, and the model wants {dtype.name}, which has no missing values", "fill them in the data, or export the model with a float input, where a missing value is NaN", rows=bad.tolist())
    if len(bad):
        what = "neither 0 nor 1, and the model wants bool" if dtype.kind == "b" else f"no {dtype.name}, which the model wants"
        raise Fault(f"column {json.dumps(name)} has values that are {what}: {values[bad[0]]:.17g} in the first of {len(bad)} rows", rows=bad.tolist())
    return out
