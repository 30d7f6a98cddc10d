"""Prints the reference values of dependent.json: what rows that have weights, or
that depend on each other, say of metrics, by brute force.

A metric is scikit-learn's, with sample_weight. A row's influence is its weight
times the derivative of the metric by it, by differences. With weights the variance
of the value is the sum of their squares times n/(n - 1), n being Kish's effective
size. TestReferencesByBruteForce runs this again and compares.
"""
import json
import sys

import numpy
import sklearn
from sklearn import metrics

n = 100
i = numpy.arange(n)
y = (i * 7 % 3 == 0).astype(int)
group = i * i % 37 + i % 5 * 100
candidate = numpy.where((i * 37 + 11) % 101 < 80, y, 1 - y)
baseline = numpy.where((i * 53 + 5 + group) % 97 < 80, y, 1 - y)
weight = 1.0 + i % 4


def influences(metric, w):
    """By row: w times the derivative of the metric by w, five-point differences."""
    out = numpy.zeros(n)
    for k in range(n):
        h = w[k] / 64

        def at(steps):
            moved = w.copy()
            moved[k] += steps * h
            return metric(moved)

        out[k] = w[k] * (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h)
    return out


def effective(w):
    return w.sum() ** 2 / (w * w).sum()


def weighted(value, baseline, bears):
    """Functions of the weights, by model; bears are the rows that count."""
    size = effective(weight[bears])
    new, old = influences(value, weight), influences(baseline, weight)
    error = lambda by_row: float(numpy.sqrt((by_row**2).sum() * size / (size - 1)))
    return [float(value(weight)), error(new), float(value(weight) - baseline(weight)), error(new - old)]


labels = {
    "accuracy": metrics.accuracy_score,
    "recall": metrics.recall_score,
    "precision": metrics.precision_score,
    "f1": metrics.f1_score,
    "mcc": metrics.matthews_corrcoef,
    "cohen_kappa": metrics.cohen_kappa_score,
    "balanced_accuracy": metrics.balanced_accuracy_score,
    "f1_macro": lambda *a, **k: metrics.f1_score(*a, average="macro", **k),
}
tables = {"weighted labels": {}}
for name, f in labels.items():
    bears = y == 1 if name == "recall" else y >= 0
    of = lambda answers: lambda w: f(y, answers, sample_weight=w)
    tables["weighted labels"][name] = weighted(of(candidate), of(baseline), bears)

json.dump({"numpy": numpy.__version__, "sklearn": sklearn.__version__, "tables": tables}, sys.stdout, indent=1)
print()
