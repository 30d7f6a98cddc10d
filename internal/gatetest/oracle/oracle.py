"""Reference values of metrics, by scikit-learn.

Reads a JSON list of cases from standard input and writes a JSON list, in the
same order, of {metric: value}. A metric that scikit-learn has no finite value
for is left out. JSON keeps doubles whole in both directions.
"""

import functools
import itertools
import json
import math
import sys
import warnings

import numpy as np
import scipy.stats
from sklearn import metrics as sk


def kept(functions):
    """The finite values of the functions; one that refuses its input has none."""
    values = {}
    for name, function in functions.items():
        try:
            value = float(function())
        except (ValueError, ZeroDivisionError):
            continue
        if math.isfinite(value):
            values[name] = value
    return values


def of_labels(y, p, classes, beta, w):
    functions = {
        "accuracy": lambda: sk.accuracy_score(y, p, sample_weight=w),
        "balanced_accuracy": lambda: sk.balanced_accuracy_score(y, p, sample_weight=w),
    }
    k = list(range(classes))
    functions |= {
        "mcc": lambda: sk.matthews_corrcoef(y, p, sample_weight=w),
        "cohen_kappa": lambda: sk.cohen_kappa_score(y, p, labels=k, sample_weight=w),
        "cohen_kappa_linear": lambda: sk.cohen_kappa_score(y, p, labels=k, weights="linear", sample_weight=w),
        "cohen_kappa_quadratic": lambda: sk.cohen_kappa_score(y, p, labels=k, weights="quadratic", sample_weight=w),
    }
    scores = {
        "precision": sk.precision_score,
        "recall": sk.recall_score,
        "f1": sk.f1_score,
        "jaccard": sk.jaccard_score,
        "f_beta": functools.partial(sk.fbeta_score, beta=beta),
    }
    for name, score in scores.items():
        for average in ("macro", "weighted", "micro"):
            functions[f"{name}_{average}"] = (
                lambda score=score, average=average: score(y, p, average=average, sample_weight=w)
            )
    return functions


def of_binary_labels(y, p, beta, w):
    return {
        "f_beta": lambda: sk.fbeta_score(y, p, beta=beta, sample_weight=w),
        "precision": lambda: sk.precision_score(y, p, sample_weight=w),
        "recall": lambda: sk.recall_score(y, p, sample_weight=w),
        "f1": lambda: sk.f1_score(y, p, sample_weight=w),
        "specificity": lambda: sk.recall_score(y, p, pos_label=0, sample_weight=w),
        "false_positive_rate": lambda: 1 - sk.recall_score(y, p, pos_label=0, sample_weight=w, zero_division=np.nan),
        "false_negative_rate": lambda: 1 - sk.recall_score(y, p, sample_weight=w, zero_division=np.nan),
        "jaccard": lambda: sk.jaccard_score(y, p, sample_weight=w),
        "positive_rate": lambda: np.average(p == 1, weights=w),
    }


def confident_errors(y, p, top, above, w):
    return np.average((top > above) & (y != p), weights=w)


def bins_of(confidence, hit, bins, w):
    """Sums of weights, confidences and hits by bin: bin = min(floor(confidence * bins), bins - 1)."""
    w = np.ones(len(confidence)) if w is None else w
    place = np.minimum(np.floor(confidence * bins), bins - 1).astype(int)
    return [np.bincount(place, weights=x, minlength=bins) for x in (w, w * confidence, w * hit)]


def ece(confidence, hit, bins, w):
    """By its definition (Naeini, Cooper and Hauskrecht 2015): scikit-learn has none."""
    weight, confidences, hits = bins_of(confidence, hit, bins, w)
    return np.abs(confidences - hits).sum() / weight.sum()


def max_calibration_error(confidence, hit, bins, w):
    weight, confidences, hits = bins_of(confidence, hit, bins, w)
    there = weight > 0
    return np.max(np.abs(confidences - hits)[there] / weight[there])


def calibration(suffix, confidence, hit, bins, w):
    return {
        "ece" + suffix: lambda: ece(confidence, hit, bins, w),
        "max_calibration_error" + suffix: lambda: max_calibration_error(confidence, hit, bins, w),
    }


def of_score(y, p, s, above, bins, w):
    return calibration("", s, y == 1, bins, w) | calibration("_top", np.maximum(s, 1 - s), p == y, bins, w) | {
        "average_precision": lambda: sk.average_precision_score(y, s, sample_weight=w),
        "roc_auc": lambda: sk.roc_auc_score(y, s, sample_weight=w),
        "log_loss": lambda: sk.log_loss(y, s, labels=[0, 1], sample_weight=w),
        "brier": lambda: sk.brier_score_loss(y, s, pos_label=1, sample_weight=w),
        "high_confidence_error_rate": lambda: confident_errors(y, p, np.maximum(s, 1 - s), above, w),
    }


def multiclass_brier(y, s, w):
    """Mean over rows of the squared distance to the one-hot label, by its
    definition, held against scikit-learn's own."""
    distance = ((np.eye(s.shape[1])[y] - s) ** 2).sum(axis=1)
    ours = np.average(distance, weights=w)
    theirs = sk.brier_score_loss(
        y, s, labels=np.arange(s.shape[1]), scale_by_half=False, sample_weight=w
    )
    if not math.isclose(ours, theirs, rel_tol=1e-12, abs_tol=1e-300):
        raise RuntimeError(f"brier: {ours} by its definition, {theirs} by scikit-learn")
    return ours


def pairs_of_classes(y, s, w):
    """For each pair of classes with weight, the area that compares their rows alone, by the probability of either and
    averaged (Hand and Till 2001), and their weight."""
    there = [k for k in range(s.shape[1]) if w[y == k].sum() > 0]
    for a, b in itertools.combinations(there, 2):
        rows = (y == a) | (y == b)
        both = [sk.roc_auc_score(y[rows] == k, s[rows, k], sample_weight=w[rows]) for k in (a, b)]
        yield sum(both) / 2, w[rows].sum()


def one_vs_one(y, s, average, w, pairs):
    """scikit-learn's own, but for weights, which it refuses."""
    if w is None:
        return sk.roc_auc_score(y, s, multi_class="ovo", average=average, labels=np.arange(s.shape[1]))
    areas, weights = zip(*pairs())
    return np.average(areas, weights=weights if average == "weighted" else None)


def average_precision_macro(y, s, w):
    """Mean over classes. scikit-learn's own wants rows of every class; a class without weight has no precision."""
    classes = range(s.shape[1])
    weights = np.bincount(y, weights=w, minlength=len(classes))
    if not np.all(weights > 0):
        return math.nan
    return np.mean([sk.average_precision_score(y == k, s[:, k], sample_weight=w) for k in classes])


def of_scores(y, p, s, above, bins, k, w):
    labels = np.arange(s.shape[1])
    pairs = functools.cache(lambda: list(pairs_of_classes(y, s, w)))
    areas = {
        f"roc_auc_ovr_{average}": lambda average=average: sk.roc_auc_score(
            y, s, multi_class="ovr", average=average, labels=labels, sample_weight=w
        )
        for average in ("macro", "weighted")
    } | {
        f"roc_auc_ovo_{average}": lambda average=average: one_vs_one(y, s, average, w, pairs)
        for average in ("macro", "weighted")
    }
    return areas | calibration("", s.max(axis=1), p == y, bins, w) | {
        "average_precision_macro": lambda: average_precision_macro(y, s, w),
        "top_k_accuracy": lambda: sk.top_k_accuracy_score(y, s, k=k, labels=labels, sample_weight=w),
        "log_loss": lambda: sk.log_loss(y, s, labels=np.arange(s.shape[1]), sample_weight=w),
        "brier": lambda: multiclass_brier(y, s, w),
        "high_confidence_error_rate": lambda: confident_errors(y, p, s.max(axis=1), above, w),
    }


def r2(y, p, w):
    """r2, but none where the targets with weight do not vary: the rounding of
    their weighted mean would pass for a spread."""
    if np.ptp(y if w is None else y[w > 0]) == 0:
        return math.nan
    return sk.r2_score(y, p, sample_weight=w, force_finite=False)


def pearson(y, p, w):
    """By its definition, in long doubles; none where numbers with weight do not vary."""
    w = np.ones(len(y)) if w is None else w
    y, p, w = (x[w > 0].astype(np.longdouble) for x in (y, p, w))
    if np.ptp(y) == 0 or np.ptp(p) == 0:
        return math.nan
    y, p = (x - np.average(x, weights=w) for x in (y, p))
    return np.sum(w * y * p) / np.sqrt(np.sum(w * y * y) * np.sum(w * p * p))


def spearman(y, p, w):
    """Of rows without weights: none with them, or where numbers do not vary."""
    if w is not None or np.ptp(y) == 0 or np.ptp(p) == 0:
        return math.nan
    return scipy.stats.spearmanr(y, p).statistic


def of_numbers(y, p, quantile, w):
    there = np.ones(len(y), dtype=bool) if w is None else w > 0
    return {
        "max_error": lambda: sk.max_error(y[there], p[there]),
        "median_absolute_error": lambda: sk.median_absolute_error(y, p, sample_weight=w),
        "pinball": lambda: sk.mean_pinball_loss(y, p, alpha=quantile, sample_weight=w),
        "pearson": lambda: pearson(y, p, w),
        "spearman": lambda: spearman(y, p, w),
        "mae": lambda: sk.mean_absolute_error(y, p, sample_weight=w),
        "mse": lambda: sk.mean_squared_error(y, p, sample_weight=w),
        "rmse": lambda: sk.root_mean_squared_error(y, p, sample_weight=w),
        "r2": lambda: r2(y, p, w),
        "explained_variance": lambda: explained_variance(y, p, w),
        "mean_error": lambda: np.average(p - y, weights=w),
        "mape": lambda: sk.mean_absolute_percentage_error(y, p, sample_weight=w),
        "smape": lambda: np.average(symmetric_error(y, p), weights=w),
        "rmsle": lambda: sk.root_mean_squared_log_error(y, p, sample_weight=w),
        "mean_poisson_deviance": lambda: sk.mean_poisson_deviance(y, p, sample_weight=w),
    }


def explained_variance(y, p, w):
    """As r2, none where the targets with weight do not vary."""
    if np.ptp(y if w is None else y[w > 0]) == 0:
        return math.nan
    return sk.explained_variance_score(y, p, sample_weight=w, force_finite=False)


def symmetric_error(y, p):
    """By its definition: scikit-learn has none."""
    size = np.abs(y) + np.abs(p)
    return np.where(size == 0, 0, 2 * np.abs(y - p) / np.where(size == 0, 1, size))


COLUMNS = ("Label", "Predicted", "Score", "Scores", "Target", "Number", "Weight")


def functions(case):
    """The metrics that a case has the columns for."""
    if len({len(case[name]) for name in COLUMNS if case.get(name) is not None}) != 1:
        raise RuntimeError(f"the columns of case {case['Name']!r} differ in length")

    def column(name, dtype=float):
        values = case.get(name)
        return None if values is None else np.array(values, dtype=dtype)

    w = column("Weight")
    if case["Task"] == "regression":
        return of_numbers(column("Target"), column("Number"), case["Quantile"], w)
    y, p = column("Label", int), column("Predicted", int)
    beta, above, bins = case["Beta"], case["Above"], case["Bins"]
    out = of_labels(y, p, case["Classes"], beta, w)
    if case["Task"] == "binary":
        out |= of_binary_labels(y, p, beta, w)
        if case.get("Score") is not None:
            out |= of_score(y, p, column("Score"), above, bins, w)
    elif case.get("Scores") is not None:
        s = column("Scores")
        out |= of_scores(y, p, s, above, bins, case["K"], w)
        for k in {0, 1, case["Classes"] - 1}:
            out |= of_class(k, y, p, s[:, k], beta, w)
    return out


def of_class(k, y, p, s, beta, w):
    """The metrics of one class against the rest."""
    y, p = (y == k).astype(int), (p == k).astype(int)
    functions = of_binary_labels(y, p, beta, w) | {
        "roc_auc": lambda: sk.roc_auc_score(y, s, sample_weight=w),
        "average_precision": lambda: sk.average_precision_score(y, s, sample_weight=w),
    }
    return {f"{name}_of_{k}": function for name, function in functions.items()}


def main():
    # Ratios without a denominator and one-class curves warn; what they return
    # is documented in oracle.go.
    warnings.simplefilter("ignore")
    values = [kept(functions(case)) for case in json.load(sys.stdin)]
    json.dump(values, sys.stdout, allow_nan=False)


if __name__ == "__main__":
    main()
