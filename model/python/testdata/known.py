"""Writes the models of the suite, whose weights are given: known.py DIR WEIGHTS.json"""
import json
import os
import pickle
import sys

import joblib
import numpy as np
from sklearn.linear_model import LinearRegression, LogisticRegression

out, weights = sys.argv[1], json.load(open(sys.argv[2]))
for task, w in weights.items():
    rows, intercepts = np.array(w["Rows"], dtype=float), np.array(w["Intercepts"], dtype=float)
    if task == "regression":
        m = LinearRegression()
        m.coef_, m.intercept_ = rows[0], float(intercepts[0])
    else:
        m = LogisticRegression()
        m.coef_, m.intercept_, m.classes_ = rows, intercepts, np.array(w["Classes"])
    m.n_features_in_ = 2
    with open(os.path.join(out, task + "-array.pkl"), "wb") as f:
        pickle.dump(m, f)
    m.feature_names_in_ = np.array(["x", "k"], dtype=object)
    joblib.dump(m, os.path.join(out, task + ".joblib"), compress=3)
