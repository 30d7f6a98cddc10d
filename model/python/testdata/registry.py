"""Puts models into a registry of MLflow, and says what they answer themselves.

    registry.py TRACKING_URI DIRECTORY all|few
"""
import json
import os
import sys

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from sklearn.linear_model import LinearRegression, LogisticRegression

tracking, directory, few = sys.argv[1], sys.argv[2], sys.argv[3] == "few"
mlflow.set_tracking_uri(tracking)
mlflow.set_experiment("noworse")
rng = np.random.default_rng(0)
x = pd.DataFrame({"b": rng.normal(size=200), "a": rng.integers(0, 9, 200), "f": rng.normal(size=200).astype("f4"), "s": rng.integers(0, 9, 200).astype("i4")})
y = np.where(x.b + 0.1 * x.a + x.f + rng.normal(size=200) > 0.5, "yes", "no")
z = x.b * 3 + x.a + x.s
want = {}


class Own(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input: pd.DataFrame, params=None):
        print("hello")
        return pd.DataFrame({"label": np.where(model_input.b > 0, "yes", "no"), "score": 1 / (1 + np.exp(-model_input.b))})


def keep(name, task, out):
    want[name] = {"Task": task, **out}


def log(name, model, log_model, **more):
    return log_model(model, name=name, registered_model_name=name, **more)


signature = infer_signature(x, y)
one = LogisticRegression().fit(x, y)
with mlflow.start_run() as run:
    log("classifier", LogisticRegression().fit(x, y[::-1]), mlflow.sklearn.log_model, signature=signature)
    info = log("classifier", one, mlflow.sklearn.log_model, signature=signature)
    if not few:
        log("proba", one, mlflow.sklearn.log_model, signature=signature, pyfunc_predict_fn="predict_proba")
        log("plain", one, mlflow.sklearn.log_model)
        log("tensor", LogisticRegression().fit(x.to_numpy("f8"), y), mlflow.sklearn.log_model, signature=infer_signature(x.to_numpy("f8"), y))
        log("regressor", LinearRegression().fit(x, z), mlflow.sklearn.log_model, signature=infer_signature(x, z))
        mlflow.pyfunc.log_model(name="own", python_model=Own(), registered_model_name="own", signature=infer_signature(x, pd.DataFrame({"label": ["a"], "score": [0.5]})))
mlflow.MlflowClient().set_registered_model_alias("classifier", "champion", 2)
mlflow.sklearn.save_model(one, directory + "/folder", signature=signature)

labels, scores = one.predict(x).tolist(), one.predict_proba(x).tolist()
both = {"Labels": labels, "Scores": scores, "Classes": ["no", "yes"]}
for name in ("classifier", "plain", "folder"):
    keep(name, "binary", both)
keep("proba", "binary", {"Scores": scores, "Classes": ["no", "yes"]})
tensor = LogisticRegression().fit(x.to_numpy("f8"), y)
keep("tensor", "binary", {"Labels": tensor.predict(x.to_numpy("f8")).tolist(), "Scores": tensor.predict_proba(x.to_numpy("f8")).tolist(), "Classes": ["no", "yes"]})
keep("regressor", "regression", {"Numbers": LinearRegression().fit(x, z).predict(x).tolist()})
own = Own().predict(None, x)
keep("own", "binary", {"Labels": own.label.tolist(), "Scores": own[["score"]].to_numpy().tolist()})
with open(directory + "/want.json", "w") as f:
    json.dump({"Run": run.info.run_id, "Models": want}, f)
x.to_csv(directory + "/x.csv", index=False)
