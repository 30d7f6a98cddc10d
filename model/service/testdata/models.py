"""Writes the suite's three models as scikit-learn has them, for MLServer and MLflow.

models.py DIR WEIGHTS: WEIGHTS is JSON, {task: {"weights": [[x, k]], "intercepts": [], "classes": []}}.
"""
import json
import os
import sys

import joblib
import mlflow
import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression, LogisticRegression


def model(task, w):
    """A model that was trained on anything, with the weights that are wanted."""
    rows = pd.DataFrame({"x": [0.5, 1.5, -0.5, 2.5], "k": [0, 1, 2, 3]})
    if task == "regression":
        m = LinearRegression().fit(rows, [1.0, 2.0, 3.0, 5.0])
        m.coef_, m.intercept_ = np.array(w["weights"][0], dtype="f8"), w["intercepts"][0]
        return m
    classes = w["classes"]
    m = LogisticRegression().fit(rows, [classes[i % len(classes)] for i in range(4)])
    m.coef_, m.intercept_ = np.array(w["weights"], dtype="f8"), np.array(w["intercepts"], dtype="f8")
    return m


def main(directory, weights):
    for task, w in json.loads(weights).items():
        m = model(task, w)
        folder = os.path.join(directory, "mlserver", task)
        os.makedirs(folder)
        joblib.dump(m, os.path.join(folder, "model.joblib"))
        settings = {
            "name": task,
            "implementation": "mlserver_sklearn.SKLearnModel",
            "parameters": {"uri": "./model.joblib", "version": "v7"},
            "inputs": [
                {"name": "x", "datatype": "FP64", "shape": [-1, 1]},
                {"name": "k", "datatype": "INT64", "shape": [-1, 1]},
            ],
        }
        with open(os.path.join(folder, "model-settings.json"), "w") as f:
            json.dump(settings, f)
        # Another one that does not say what it wants.
        settings["name"], settings["inputs"] = task + "-silent", []
        os.makedirs(folder + "-silent")
        joblib.dump(m, os.path.join(folder + "-silent", "model.joblib"))
        with open(os.path.join(folder + "-silent", "model-settings.json"), "w") as f:
            json.dump(settings, f)
        how = {} if task == "regression" else {"pyfunc_predict_fn": "predict_proba"}
        mlflow.sklearn.save_model(m, os.path.join(directory, "mlflow", task), pip_requirements=[], serialization_format="cloudpickle", **how)


main(*sys.argv[1:])
