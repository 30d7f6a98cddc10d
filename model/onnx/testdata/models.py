# models.py DIR: writes ONNX models there, and into answers.json what is asked of
# them, what Python's onnxruntime answers, and what scikit-learn does.
import json
import os
import sys
import warnings
from pathlib import Path

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before it is loaded

import numpy as np
import onnx
import onnxruntime
import pandas as pd
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import BooleanTensorType, DoubleTensorType, FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

warnings.filterwarnings("ignore")
onnxruntime.set_default_logger_severity(4)
out = Path(sys.argv[1])
rng = np.random.default_rng(5)
n = 300
X = rng.normal(size=(n, 4)).astype(np.float32)
two = (X[:, 0] - X[:, 1] + 0.3 * rng.normal(size=n) > 0).astype(int)
three = np.clip(np.round(X[:, 0]), -1, 1).astype(int) + 1
frame = pd.DataFrame({
    "age": rng.integers(18, 80, n), "income": rng.normal(size=n), "sex": rng.choice(["m", "f", "ü\u20ac"], n), "owner": rng.random(n) < 0.5})
cases = {}


def columns(data):
    if isinstance(data, np.ndarray):
        return [{"name": f"x{j}", "floats": [float(v) for v in data[:, j]]} for j in range(data.shape[1])]
    kinds = {"i": "ints", "f": "floats", "O": "texts", "b": "bools", "U": "texts", "T": "texts"}
    return [{"name": c, kinds.get(data[c].dtype.kind, "texts"): data[c].tolist()} for c in data]


def plain(values):
    """The rows of a list of maps, or of an array, as columns."""
    if isinstance(values, list):
        return [[float(row[k]) for row in values] for k in values[0]]
    values = np.asarray(values, dtype=float)
    return values.reshape(len(values), -1).T.tolist()


def keep(name, task, fitted, data, model, classes=None):
    rows = data[:50]
    (out / f"{name}.onnx").write_bytes(model.SerializeToString())
    session = onnxruntime.InferenceSession(str(out / f"{name}.onnx"))
    inputs = session.get_inputs()
    if len(inputs) == 1:
        feed = {inputs[0].name: rows}
    else:
        types = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int64)": np.int64, "tensor(string)": object, "tensor(bool)": bool}
        feed = {i.name: rows[i.name].to_numpy().astype(types[i.type]).reshape(-1, 1) for i in inputs}
    answers = session.run(None, feed)
    case = {"task": task, "columns": columns(rows)}
    if task == "regression":
        case["runtime"], case["sklearn"] = plain(answers[0]), [fitted.predict(rows).tolist()]
    else:
        label = lambda v: str(v).lower() if isinstance(v, (bool, np.bool_)) else str(v)
        case["labels"] = [label(v) for v in fitted.predict(rows)]
        case["classes"] = [label(v) for v in fitted.classes_]
        case["runtime"], case["sklearn"] = plain(answers[1]), fitted.predict_proba(rows).T.tolist()
    cases[name] = case


def export(name, task, fitted, y, data=X, types=None, **options):
    fitted = fitted.fit(data, y)
    model = to_onnx(fitted, initial_types=types or [("X", FloatTensorType([None, data.shape[1]]))], options=options or None)
    keep(name, task, fitted, data, model)


export("maps", "binary", LogisticRegression(), two)
export("texts", "multiclass", RandomForestClassifier(5, max_depth=3, random_state=1), np.array(["c", "a", "b"])[three])
export("tensor", "binary", RandomForestClassifier(5, max_depth=3, random_state=1), np.array(["no", "yes"])[two], zipmap=False)
export("picked", "binary", MLPClassifier(4, max_iter=30, random_state=1), two * 10 + 10, zipmap=False)
export("picked_texts", "multiclass", MLPClassifier(4, max_iter=30, random_state=1), np.array(["c", "a", "b"])[three], zipmap=False)
export("booleans", "binary", LogisticRegression(), two == 1)
export("double", "binary", LogisticRegression(), two, data=X.astype(float), types=[("X", DoubleTensorType([None, 4]))], zipmap=False)
export("open", "binary", LogisticRegression(), two, zipmap=False)
fixed = onnx.load(out / "open.onnx")  # the same model for three rows at a time
for v in list(fixed.graph.input) + list(fixed.graph.output):
    v.type.tensor_type.shape.dim[0].dim_value = 3
(out / "fixed.onnx").write_bytes(fixed.SerializeToString())
cases["fixed"] = cases["open"]
export("regression", "regression", LinearRegression(), X[:, 0] - 2 * X[:, 1])
export("boosted", "regression", GradientBoostingRegressor(n_estimators=5), X[:, 0] - 2 * X[:, 1])
mixed = make_pipeline(ColumnTransformer([
    ("o", OneHotEncoder(handle_unknown="ignore"), ["sex"]), ("s", StandardScaler(), ["age", "income"]), ("b", "passthrough", ["owner"])]), LogisticRegression())
export("mixed", "binary", mixed, two, data=frame, types=[
    ("age", Int64TensorType([None, 1])), ("income", FloatTensorType([None, 1])), ("sex", StringTensorType([None, 1])), ("owner", BooleanTensorType([None, 1]))])
(out / "answers.json").write_text(json.dumps(cases))


# Models that cannot be used, or only in part.
def save(name, nodes, inputs, outputs, initializers=(), opset=13, domains=(), ir=8):
    graph = helper.make_graph(nodes, "g", inputs, outputs, list(initializers))
    imports = [helper.make_opsetid("", opset)] + [helper.make_opsetid(d, 1) for d in domains]
    (out / f"{name}.onnx").write_bytes(helper.make_model(graph, opset_imports=imports, ir_version=ir).SerializeToString())


def value(name, kind, *dims):
    return helper.make_tensor_value_info(name, kind, dims)


F, I, S, B = TensorProto.FLOAT, TensorProto.INT64, TensorProto.STRING, TensorProto.BOOL
identity = [helper.make_node("Identity", ["x"], ["y"])]
save("opset", identity, [value("x", F, None, 1)], [value("y", F, None, 1)], opset=99)
save("format", identity, [value("x", F, None, 1)], [value("y", F, None, 1)], ir=99)
save("custom", [helper.make_node("Mine", ["x"], ["y"], domain="com.example")], [value("x", F, None, 1)], [value("y", F, None, 1)], domains=["com.example"])
save("unknown", [helper.make_node("NoSuchOperator", ["x"], ["y"])], [value("x", F, None, 1)], [value("y", F, None, 1)])
save("images", identity, [value("x", F, None, 3, 224, 224)], [value("y", F, None, 3, 224, 224)])
save("half", identity, [value("x", TensorProto.FLOAT16, None, 2)], [value("y", TensorProto.FLOAT16, None, 2)])
save("groups", [helper.make_node("Concat", ["a", "b"], ["y"], axis=1)], [value("a", F, None, 2), value("b", F, None, 3)], [value("y", F, None, 5)])
save("several", [helper.make_node("Identity", ["x"], ["a"]), helper.make_node("Neg", ["x"], ["b"])], [value("x", F, None, 2)], [value("a", F, None, 2), value("b", F, None, 2)])
save("four", identity, [value("x", F, None, 4)], [value("y", F, None, 4)])
save("sigmoid", [helper.make_node("Sigmoid", ["x"], ["y"])], [value("x", F, None, 1)], [value("y", F, None, 1)])
save("softmax", [helper.make_node("Softmax", ["x"], ["y"], axis=1)], [value("x", F, None, 2)], [value("y", F, None, 2)])
save("whole", [helper.make_node("Cast", ["x"], ["f"], to=F), helper.make_node("Sigmoid", ["f"], ["y"])], [value("x", TensorProto.INT32, None, 1)], [value("y", F, None, 1)])
save("flag", [helper.make_node("Cast", ["x"], ["f"], to=F), helper.make_node("Sigmoid", ["f"], ["y"])], [value("x", B, None)], [value("y", F, None)])
save("echo", identity, [value("x", S, None)], [value("y", S, None)])
save("once", [helper.make_node("ReduceMean", ["x"], ["y"], axes=[0], keepdims=1)], [value("x", F, None, 1)], [value("y", F, None, 1)])
save("divides", [helper.make_node("Reshape", ["x", "shape"], ["r"]), helper.make_node("Reshape", ["r", "back"], ["y"])],
     [value("x", F, None, 1)], [value("y", F, None, 1)], [numpy_helper.from_array(np.array([2, -1]), "shape"), numpy_helper.from_array(np.array([-1, 1]), "back")])
big = numpy_helper.from_array(np.full((1, 1), 2, np.float32), "w")
model = helper.make_model(helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"])], "g", [value("x", F, None, 1)], [value("y", F, None, 1)], [big]),
                          opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
onnx.save_model(model, str(out / "external.onnx"), save_as_external_data=True, location="weights.bin", size_threshold=0)
wide = numpy_helper.from_array(np.array([[1, -1]], np.float32), "w")
maps = helper.make_value_info("maps", helper.make_sequence_type_proto(helper.make_map_type_proto(S, helper.make_tensor_type_proto(F, None))))
model = helper.make_model(
    helper.make_graph([
        helper.make_node("MatMul", ["x", "w"], ["sums"]), helper.make_node("Softmax", ["sums"], ["p"], axis=1),
        helper.make_node("ZipMap", ["p"], ["maps"], domain="ai.onnx.ml", classlabels_strings=["up", "down"])],
        "g", [value("x", F, None, 1)], [maps], [wide]),
    opset_imports=[helper.make_opsetid("", 13), helper.make_opsetid("ai.onnx.ml", 1)], ir_version=8)
onnx.save_model(model, str(out / "external_maps.onnx"), save_as_external_data=True, location="wide.bin", size_threshold=0)
