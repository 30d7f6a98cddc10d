"""Prints the reference values of dependent.json: what rows that have weights, or
that depend on each other, say of metrics, by brute force.

A metric is scikit-learn's, with sample_weight. A row's influence is its weight
times the derivative of the metric by it, by differences. With weights the variance
of the value is the sum of their squares times n/(n - 1), n being Kish's effective
size. With groups influences are added up by group before they are squared, and n is
the effective size of the groups' weights. TestReferencesByBruteForce runs this again and compares.
"""
import json
import sys

import numpy
import sklearn
from sklearn import metrics

n = 72
i = numpy.arange(n)
y = (i * 7 % 3 == 0).astype(int)
group = i * i % 37
candidate = numpy.where((i * 37 + 11) % 101 < 80, y, 1 - y)
baseline = numpy.where((i * 53 + 5 + group) % 97 < 80, y, 1 - y)
weight = 1.0 + i % 4
score = {"new": (i * 37 + 11) % 101 / 102 * 0.6 + 0.3 * y, "old": (i * 53 + 5 + group) % 97 / 98 * 0.6 + 0.25 * y}
target = 1 + (i * 29 % 17 + group % 7) / 3
number = {"new": target * (0.8 + (i * 13 % 11 + group % 5) / 40), "old": target * (0.8 + (i * 7 % 13 + group % 6) / 36)}


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
    return told(value, baseline, weight, effective(weight[bears]), lambda x: x)


def grouped(value, baseline, w):
    return told(value, baseline, w, effective(by_group(w)), by_group)


def by_group(x):
    return numpy.array([x[group == g].sum() for g in numpy.unique(group)])


def told(value, baseline, w, size, units):
    new, old = influences(value, w), influences(baseline, w)
    error = lambda by_row: float(numpy.sqrt((units(by_row) ** 2).sum() * size / (size - 1)))
    return [float(value(w)), error(new), float(value(w) - baseline(w)), error(new - old)]


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

losses = {
    "log_loss": (metrics.log_loss, y, score),
    "brier": (metrics.brier_score_loss, y, score),
    "mae": (metrics.mean_absolute_error, target, number),
    "mse": (metrics.mean_squared_error, target, number),
    "rmse": (metrics.root_mean_squared_error, target, number),
    "r2": (metrics.r2_score, target, number),
    "explained_variance": (metrics.explained_variance_score, target, number),
}
for table, w in ("grouped losses", numpy.ones(n)), ("grouped losses, weighted", weight):
    tables[table] = {}
    for name, (f, truth, answers) in losses.items():
        of = lambda model: lambda w: f(truth, answers[model], sample_weight=w)
        tables[table][name] = grouped(of("new"), of("old"), w)


def area(w, groups):
    """Obuchowski's variance of areas, a placement for each pair of rows, with the effective number of units."""
    pos, neg = y == 1, y == 0
    names = numpy.unique(groups)
    cluster = lambda x, rows: numpy.array([x[rows & (groups == g)].sum() for g in names])
    adds = {}
    for model, s in score.items():
        s = numpy.round(s, 1)
        wins = (s[pos][:, None] > s[neg][None, :]) + 0.5 * (s[pos][:, None] == s[neg][None, :])
        value = (w[pos][:, None] * w[neg][None, :] * wins).sum() / (w[pos].sum() * w[neg].sum())
        assert abs(value - metrics.roc_auc_score(y, s, sample_weight=w)) < 1e-12
        placed = numpy.zeros(n)
        placed[pos] = (wins * w[neg][None, :]).sum(1) / w[neg].sum()
        placed[neg] = (wins * w[pos][:, None]).sum(0) / w[pos].sum()
        x = w * (placed - value)
        adds[model] = value, cluster(x, pos) / w[pos].sum(), cluster(x, neg) / w[neg].sum()
    size = {k: effective(cluster(w, rows)) for k, rows in {"pos": pos, "neg": neg, "all": y >= 0}.items()}
    f = {k: v / (v - 1) for k, v in size.items()}

    def error(p, q):
        return float(numpy.sqrt(f["pos"] * (p**2).sum() + f["neg"] * (q**2).sum() + 2 * f["all"] * (p * q).sum()))

    (value, p, q), (before, p0, q0) = adds["new"], adds["old"]
    return [float(value), error(p, q), float(value - before), error(p - p0, q - q0)]


alone = numpy.arange(n)
tables["areas"] = {
    "weighted": area(weight, alone),
    "grouped": area(numpy.ones(n), group),
    "grouped, weighted": area(weight, group),
    "neither": area(numpy.ones(n), alone),
}

json.dump({"numpy": numpy.__version__, "sklearn": sklearn.__version__, "tables": tables}, sys.stdout, indent=1)
print()
