"""Models of MLflow, of a registry, a run or a folder.

It runs after worker.py, in the same interpreter.
"""


class Pyfunc(Model):
    """A model that mlflow.pyfunc loads. Its signature says what it wants."""

    form, called = "mlflow", "the model"

    def load(self, options):
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # else a server that is not there takes minutes
        import mlflow.pyfunc

        self.registered = []
        if options.get("Tracking"):
            mlflow.set_tracking_uri(options["Tracking"])
        try:
            folder = options.get("Load") or self.fetch(options["URI"], options["Temp"])
            self.predictor = mlflow.pyfunc.load_model(folder)
        except mlflow.exceptions.MlflowException as error:
            raise explained(error) from error
        self.folder, self.files = folder, sorted(files_of(folder))
        self.flavor = self.predictor.metadata.flavors.get("python_function", {})
        try:
            self.raw = self.predictor.get_raw_model()
        except Exception:  # not every flavor has one
            self.raw = None
        self.schema = self.predictor.metadata.get_input_schema()
        if self.schema is not None and self.schema.is_tensor_spec() and (self.schema.has_input_names() or len(self.schema.inputs[0].shape) != 2):
            raise Fault("the model's signature is of tensors, and of more than one array of rows and features", "load it in a function of your own: `call: package.module:function`")

    def fetch(self, uri, to):
        """Downloads a model. An alias may move meanwhile, so the version is found first."""
        import mlflow

        name, _, alias = uri.partition("@")
        if name.startswith("models:/") and alias:
            name = name[len("models:/") :].strip("/")
            version = mlflow.MlflowClient().get_model_version_by_alias(name, alias).version
            uri = f"models:/{name}/{version}"
            self.registered = [{"Name": f"models:/{name}", "Version": str(version)}]
        return mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=to)

    def versions(self):
        return super().versions() + self.registered

    def named_files(self):
        return [(os.path.relpath(path, self.folder), path) for path in self.files]

    def fingerprint(self, versions):
        if self.flavor.get("loader_module") == "mlflow.pyfunc.model":
            return ""  # code of the user's own, which may read anything
        return super().fingerprint([v for v in versions if v not in self.registered])

    def inputs(self):
        if self.schema is None:
            return of_estimator(self.raw)
        if self.schema.is_tensor_spec():
            width = self.schema.inputs[0].shape[1]
            return None, width if width > 0 else None
        return [str(n) for n in self.schema.input_names()], None

    def answer(self, rows, columns):
        import numpy as np

        if rows == 0:
            return super().answer(rows, columns)
        names, width = self.inputs()
        if width:
            given = matrix_of(rows, columns)
            given = given.astype(self.schema.inputs[0].type) if self.schema is not None else given
        else:
            given = self.typed(frame_of(rows, ordered(columns, names)))
        out = self.predictor.predict(given)
        shape = np.shape(out)
        if len(shape) == 2 and shape[1] > 1 and isinstance(out, np.ndarray) and hasattr(self.raw, "classes_") and len(self.raw.classes_) == shape[1]:
            return {"scores": np.asarray(out, dtype="f8"), "classes": texts(np.asarray(self.raw.classes_)).tolist()}
        found = self.of_function(out, rows)
        if self.task != "regression" and "labels" in found and "scores" not in found and self.gives_labels():
            found["scores"] = np.asarray(self.raw.predict_proba(given), dtype="f8")
            found["classes"] = texts(np.asarray(self.raw.classes_)).tolist()
        return found

    def gives_labels(self):
        """Whether the model is one of scikit-learn's that could give probabilities too."""
        return (
            self.flavor.get("loader_module") == "mlflow.sklearn"
            and self.flavor.get("predict_fn", "predict") == "predict"
            and hasattr(self.raw, "predict_proba")
            and hasattr(self.raw, "classes_")
        )

    def typed(self, frame):
        """A frame with the narrow types of the signature, where no value changes."""
        if self.schema is None:
            return frame
        narrow = {"integer": "int32", "float": "float32", "long": "int64"}
        for spec in self.schema.inputs:
            to = narrow.get(getattr(spec.type, "name", ""))
            if to is None or frame[spec.name].dtype.kind not in "iuf" or frame[spec.name].dtype == to:
                continue
            values = frame[spec.name].to_numpy()
            if to == "float32" or not (values != values).any() and (values.astype(to) == values).all():
                frame[spec.name] = values.astype(to)
        return frame


def files_of(folder):
    for directory, _, names in os.walk(folder):
        for name in names:
            yield os.path.join(directory, name)


def explained(error):
    """What MLflow says, with where it was asked."""
    import mlflow

    said = str(error).strip().splitlines()
    first = said[0][:400] if said else type(error).__name__
    where = mlflow.get_tracking_uri()
    if "Max retries exceeded" in first or "Connection" in first:
        return Fault(f"MLflow's tracking server {where} cannot be reached", "is it running, and is the address right? it is `tracking_uri`, else $MLFLOW_TRACKING_URI")
    return Fault(f"MLflow says: {first}", f"it was asked at {where}, which `tracking_uri` or $MLFLOW_TRACKING_URI changes")


def opened(options):
    """The model that options describe."""
    path = options.get("Load")
    if options.get("ONNX"):
        return Onnx(options)
    if options.get("URI") or path and os.path.isfile(os.path.join(path, "MLmodel")):
        return Pyfunc(options)
    return Model(options)
