# train.py DIR [ADULT]: trains a scikit-learn model on one half of each set of data,
# exports it to ONNX, and writes to DIR: NAME.parquet, the other half, with its label (y)
# and id; NAME_answers.parquet, what scikit-learn answers there (label p, probabilities
# s_CLASS); NAME.onnx; NAME.pickle. So too gradient boosting of XGBoost and LightGBM, of the
# cancer set and of Adult's numbers, as NAME.parquet, NAME.pickle (the object that has
# scikit-learn's methods) and NAME.ubj or NAME.txt (the file of the library itself).
# ADULT is the Parquet file of UCI Adult.
import pickle
import sys
import warnings
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import xgboost
from onnxmltools import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType as Tensor
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

warnings.filterwarnings("ignore")
out = Path(sys.argv[1])


def write(name, model, data, y, types):
    half = np.arange(len(data)) % 2 == 0
    model.fit(data[half], y[half])
    # zipmap stays as it is unless told otherwise: the probabilities are in maps.
    (out / f"{name}.onnx").write_bytes(to_onnx(model, initial_types=types).SerializeToString())
    (out / f"{name}.pickle").write_bytes(pickle.dumps(model))
    rows = data[~half].reset_index(drop=True)
    answers = {"id": np.arange(len(rows)), "p": model.predict(rows)}
    if hasattr(model, "predict_proba"):
        for k, values in zip(model.classes_, model.predict_proba(rows).T):
            answers[f"s_{k}"] = values
    pd.DataFrame(answers).to_parquet(out / f"{name}_answers.parquet")
    rows.assign(y=y[~half], id=np.arange(len(rows))).to_parquet(out / f"{name}.parquet")


def native(name, data, y):
    """One set of rows, which XGBoost and LightGBM each learn."""
    half = np.arange(len(data)) % 2 == 0
    boosted = xgboost.XGBClassifier(n_estimators=30, max_depth=4, random_state=0).fit(data[half], y[half])
    boosted.get_booster().save_model(out / f"{name}.ubj")
    boosted.get_booster().feature_names = None  # the converter knows features by their places
    export = convert_xgboost(boosted, initial_types=[("X", Tensor([None, data.shape[1]]))])
    (out / f"{name}-xgboost.onnx").write_bytes(export.SerializeToString())
    boosted = lightgbm.LGBMClassifier(n_estimators=30, random_state=0, verbose=-1).fit(data[half], y[half])
    boosted.booster_.save_model(out / f"{name}.txt")
    export = convert_lightgbm(boosted, initial_types=[("X", Tensor([None, data.shape[1]]))])
    (out / f"{name}-lightgbm.onnx").write_bytes(export.SerializeToString())
    rows = data[~half].reset_index(drop=True)
    rows.assign(y=y[~half], id=np.arange(len(rows))).to_parquet(out / f"{name}.parquet")


def tensor(loader):
    """Features that float32 holds exactly: what is compared is the model, and not what became of its input."""
    bunch = loader(as_frame=True)
    data = bunch.data.astype(np.float32).astype(np.float64)
    data.columns = [c.replace(" ", "_") for c in data.columns]
    return data, bunch.target.to_numpy(), [("X", FloatTensorType([None, data.shape[1]]))]


data, y, types = tensor(load_breast_cancer)
write("cancer", make_pipeline(StandardScaler(), LogisticRegression()), data, y, types)
# LightGBM parts rows midway between two values, in double precision, and its export in
# single: in steps of 1/1024 both are the same place.
native("boosted-cancer", (data * 1024).round() / 1024, y)
data, y, types = tensor(load_digits)
write("digits", RandomForestClassifier(30, random_state=0), data, y, types)
data, y, types = tensor(load_diabetes)
write("diabetes", GradientBoostingRegressor(n_estimators=30, random_state=0), data, y, types)

if len(sys.argv) > 2:
    adult = pd.read_parquet(sys.argv[2])
    texts = [c for c in adult if adult[c].dtype == "category" and c != "class"]
    numbers = [c for c in adult if adult[c].dtype == "int64"]
    adult = adult.dropna().astype({c: str for c in texts + ["class"]})
    model = make_pipeline(
        ColumnTransformer([("texts", OneHotEncoder(handle_unknown="ignore"), texts), ("numbers", StandardScaler(), numbers)]),
        GradientBoostingClassifier(n_estimators=30, random_state=0))
    types = [(c, StringTensorType([None, 1])) for c in texts] + [(c, FloatTensorType([None, 1])) for c in numbers]
    write("adult", model, adult[texts + numbers].reset_index(drop=True), adult["class"].to_numpy(), types)
    native("boosted-adult", adult[numbers].reset_index(drop=True), (adult["class"] == ">50K").astype(int).to_numpy())
