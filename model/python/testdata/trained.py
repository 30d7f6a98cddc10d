"""Trains models of many kinds and writes what they answer: trained.py DIR

DIR/<name>.csv has the rows, DIR/<name>.json how the model is opened and what it
answered in this process."""
import json
import os
import sys

import joblib
import lightgbm
import numpy as np
import pandas as pd
import skops.io
import xgboost
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

out = sys.argv[1]


def write(name, task, file, rows, labels=None, scores=None, classes=None, numbers=None):
    rows.to_csv(os.path.join(out, name + ".csv"), index=False)
    plain = lambda a: None if a is None else np.asarray(a).tolist()
    with open(os.path.join(out, name + ".json"), "w") as f:
        json.dump({"Task": task, "File": file, "Labels": None if labels is None else [str(v) for v in plain(labels)], "Scores": plain(scores),
                   "Classes": None if classes is None else [str(c) for c in plain(classes)], "Numbers": plain(numbers)}, f)


def classifier(name, task, m, rows, file=None):
    if file is None:
        file = name + ".pkl"
        joblib.dump(m, os.path.join(out, file))
    write(name, task, file, rows, m.predict(rows), m.predict_proba(rows), m.classes_)


cancer = load_breast_cancer(as_frame=True)
digits = load_digits(as_frame=True)
diabetes = load_diabetes(as_frame=True)

m = make_pipeline(StandardScaler(), LogisticRegression()).fit(cancer.data, cancer.target)
classifier("cancer", "binary", m, cancer.data)
skops.io.dump(m, os.path.join(out, "skops.skops"))
classifier("skops", "binary", m, cancer.data, "skops.skops")
classifier("digits", "multiclass", RandomForestClassifier(20, random_state=0).fit(digits.data, digits.target), digits.data)
m = Ridge().fit(diabetes.data, diabetes.target)
joblib.dump(m, os.path.join(out, "diabetes.pkl"))
write("diabetes", "regression", "diabetes.pkl", diabetes.data, numbers=m.predict(diabetes.data))

# Text, integers, booleans and missing values, by a pipeline that knows names and types.
rng = np.random.default_rng(0)
n = 500
people = pd.DataFrame({
    "age": rng.integers(18, 90, n),
    "income": np.where(rng.random(n) < 0.1, np.nan, rng.normal(50000, 9000, n)),
    "tier": rng.choice(["free", "pro", "größer, \"q\""], n),
    "member": rng.random(n) < 0.5,
})
bought = np.where((people.age > 50) ^ (people.tier == "pro"), "yes", "no")
m = make_pipeline(
    make_column_transformer((OneHotEncoder(), ["tier", "member"]), remainder="passthrough"),
    RandomForestClassifier(30, random_state=1),
).fit(people, bought)
classifier("people", "binary", m, people)

x = xgboost.XGBClassifier(n_estimators=20, max_depth=3).fit(cancer.data, cancer.target)
classifier("xgb-pickle", "binary", x, cancer.data)
x.get_booster().save_model(os.path.join(out, "booster.of-xgb.json"))
write("xgb", "binary", "booster.of-xgb.json", cancer.data, scores=x.predict_proba(cancer.data)[:, 1:])
x = xgboost.XGBRegressor(n_estimators=20).fit(diabetes.data, diabetes.target)
x.get_booster().save_model(os.path.join(out, "xgb-regression.ubj"))
write("xgb-regression", "regression", "xgb-regression.ubj", diabetes.data, numbers=x.predict(diabetes.data))

g = lightgbm.LGBMClassifier(n_estimators=20, verbose=-1).fit(digits.data, digits.target)
classifier("lgb-pickle", "multiclass", g, digits.data)
g.booster_.save_model(os.path.join(out, "lgb.txt"))
write("lgb", "multiclass", "lgb.txt", digits.data, scores=g.predict_proba(digits.data), classes=g.classes_)
