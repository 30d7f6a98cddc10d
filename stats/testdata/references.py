"""Prints the reference values of scipy.json: what scipy says, by the call that says it.

Each table is a call with its arguments' names; each row is the arguments and
the value. TestReferencesAreScipys runs this again and compares.
"""
import json
import sys

import numpy
import scipy
from scipy import special, stats

tables = {}


def table(call, function, rows):
    tables[call] = [[*row, float(function(*row))] for row in rows]


def cross(*lists):
    rows = [[]]
    for one in lists:
        rows = [r + [x] for r in rows for x in one]
    return rows


zs = [-38, -10, -3, -1.5, -0.1, 0, 0.3, 1, 2.5, 6, 12, 30, 37]
table("norm.sf(z)", stats.norm.sf, cross(zs))
table("norm.logsf(z)", stats.norm.logsf, cross(zs[1:] + [50, 1e3, 1e6]))
ps = [1e-300, 1e-100, 1e-16, 1e-9, 1e-4, 0.01, 0.025, 0.05, 0.2, 0.4, 0.5, 0.7, 0.9, 0.975, 0.999]
table("norm.ppf(p)", stats.norm.ppf, cross(ps))
table("t.sf(t, df)", stats.t.sf, cross([-5, -1, 0, 1e-3, 0.5, 1, 2, 4, 10, 40, 1e3], [1, 2, 3.5, 10, 29, 206.66, 1e3, 1e5]))
table("t.ppf(p, df)", stats.t.ppf, cross([1e-10, 1e-4, 0.01, 0.025, 0.2, 0.4, 0.6, 0.975, 0.999], [1, 2, 3.5, 10, 29, 206.66, 1e3, 1e5]))
table("chi2.sf(x, df)", stats.chi2.sf, cross([1e-6, 0.1, 1, 4, 10, 30, 100, 700, 1300], [1, 2, 3, 9, 50, 500]))
table("f.sf(f, d1, d2)", stats.f.sf, cross([0.1, 1, 3, 20, 500], [1, 4, 30], [1, 5, 200]))
table("beta.cdf(x, a, b)", stats.beta.cdf, cross([1e-5, 0.01, 0.2, 0.5, 0.9], [0.5, 1, 5, 80, 3000], [0.5, 2, 40, 9000]))
table("beta.ppf(p, a, b)", stats.beta.ppf, cross([1e-6, 0.025, 0.5, 0.975], [0.5, 1, 5, 80, 3000], [0.5, 2, 40, 9000]))
binomials = [(n, p, k) for n in (1, 2, 10, 47, 1000, 100000) for p in (1e-4, 0.03, 0.5, 0.9)
             for k in sorted({0, 1, n // 50, n // 4, n // 2, n // 2 + n // 8, n - 1, n, int(n * p), int(n * p) + 1})]
table("binom.cdf(k, n, p)", lambda n, p, k: stats.binom.cdf(k, n, p), binomials)
table("binom.sf(k-1, n, p)", lambda n, p, k: stats.binom.sf(k - 1, n, p), binomials)
table("binom.pmf(k, n, p)", lambda n, p, k: stats.binom.pmf(k, n, p), binomials)
table("hypergeom.sf(k-1, all, marked, drawn)", lambda k, a, m, d: stats.hypergeom.sf(k - 1, a, m, d),
      [(k, a, m, d) for a, m, d in ((20, 7, 12), (1000, 30, 400), (100000, 500, 2000)) for k in (0, 1, 3, 7, 12, 20, 30)])
table("ncx2.cdf(x, df, nc)", stats.ncx2.cdf, cross([0.5, 3, 10, 40, 200], [1, 4, 9], [0.1, 2, 30, 150]))
table("ncx2.sf(x, df, nc)", stats.ncx2.sf, cross([0.5, 3, 10, 40, 200, 700], [1, 4, 9], [0.1, 2, 30, 150]) + [[100300.0, 9, 1e5], [99000.0, 9, 1e5]])
table("ncx2.ppf(p, df, nc)", stats.ncx2.ppf, cross([0.025, 0.5, 0.975], [1, 4, 9], [0.1, 2, 30, 150]))
ks = [(d, n) for n in (1, 2, 5, 17, 50, 140, 141, 300, 1000, 5000, 50000)
      for d in sorted({0.3 / n**0.5, 0.6 / n**0.5, 0.8 / n**0.5, 1.0 / n**0.5, 1.36 / n**0.5, 1.6 / n**0.5, 2.1 / n**0.5, 4 / n**0.5, 0.7, 0.95, 0.9 / n}) if d < 1]
table("kstwo.sf(d, n)", stats.kstwo.sf, ks)
table("special.smirnov(n, d)", lambda d, n: special.smirnov(n, d), [r for r in ks if r[1] <= 50000])

# Whole procedures.
rng = numpy.random.default_rng(7)


def samples(n, m, shift, digits):
    return numpy.round(rng.normal(size=n), digits), numpy.round(rng.normal(size=m) + shift, digits)


tables["ks_2samp(x, y), wasserstein_distance(x, y)"] = []
for n, m, shift, digits in ((1, 1, 0, 3), (5, 9, 0.5, 3), (30, 30, 0.4, 3), (64, 48, 0.2, 1), (200, 150, 0.3, 2), (300, 300, 1.5, 3)):
    x, y = samples(n, m, shift, digits)
    d, p = stats.ks_2samp(x, y)
    tables["ks_2samp(x, y), wasserstein_distance(x, y)"].append([x.tolist(), y.tolist(), float(d), float(p), float(stats.wasserstein_distance(x, y))])
tables["ks_2samp(x, y, method='exact').pvalue with only n, m and d"] = []
for n, m, h in ((10, 10, 3), (1000, 1000, 40), (1000, 999, 39000), (600, 400, 100), (5000, 5000, 150), (37, 91, 900), (100, 110, 232)):
    lcm = n * m // numpy.gcd(n, m)
    # Two samples at a distance of exactly h/lcm: y lies d above the same share of x.
    from scipy.stats._stats_py import _attempt_exact_2kssamp
    ok, d, p = _attempt_exact_2kssamp(n, m, int(numpy.gcd(n, m)), h / lcm, "two-sided")
    assert ok
    tables["ks_2samp(x, y, method='exact').pvalue with only n, m and d"].append([n, m, float(d), float(p)])

tables["wilcoxon(x, alternative, method='exact')"] = []
for n in (1, 2, 5, 9, 20, 50):
    x = numpy.round(rng.normal(size=n) + 0.4, 6)
    tables["wilcoxon(x, alternative, method='exact')"].append(
        [x.tolist(), *(float(stats.wilcoxon(x, alternative=a, method="exact").pvalue) for a in ("less", "greater", "two-sided"))])

tables["fisher_exact([[a, b], [c, d]], alternative)"] = []
for a, b, c, d in ((1, 9, 11, 3), (0, 5, 3, 2), (8, 2, 1, 5), (120, 880, 90, 910), (0, 0, 3, 4), (30, 2000, 400, 90000)):
    tables["fisher_exact([[a, b], [c, d]], alternative)"].append(
        [a, b, c, d, *(float(stats.fisher_exact([[a, b], [c, d]], alternative=s).pvalue) for s in ("less", "greater", "two-sided"))])

tables["binomtest(x, n, p, alternative)"] = []
for x, n, p in ((3, 10, 0.5), (0, 20, 0.1), (20, 20, 0.9), (95, 100, 0.98), (7, 50, 0.2), (950, 1000, 0.93)):
    tables["binomtest(x, n, p, alternative)"].append(
        [x, n, p, *(float(stats.binomtest(x, n, p, alternative=s).pvalue) for s in ("less", "greater", "two-sided"))])

tables["binomtest(x, n).proportion_ci(level, 'exact' and 'wilson')"] = []
for x, n in ((0, 1), (1, 1), (0, 20), (81, 263), (15, 148), (1, 29), (29, 29), (500, 100000)):
    for level in (0.9, 0.95, 0.999):
        e = stats.binomtest(x, n).proportion_ci(level, "exact")
        w = stats.binomtest(x, n).proportion_ci(level, "wilson")
        tables["binomtest(x, n).proportion_ci(level, 'exact' and 'wilson')"].append([x, n, level, *map(float, (e.low, e.high, w.low, w.high))])

tables["chi2_contingency([x, y], correction=False), association(method='cramer')"] = []
for k in (2, 3, 6, 20):
    x, y = rng.integers(1, 40, k), rng.integers(1, 60, k)
    r = stats.chi2_contingency([x, y], correction=False)
    v = stats.contingency.association([x, y], method="cramer")
    tables["chi2_contingency([x, y], correction=False), association(method='cramer')"].append(
        [x.tolist(), y.tolist(), float(r.statistic), float(r.pvalue), float(v)])

tables["false_discovery_control(p, method='bh')"] = []
for n in (1, 2, 10, 40):
    p = numpy.round(rng.uniform(size=n) ** 3, 6)
    tables["false_discovery_control(p, method='bh')"].append([p.tolist(), stats.false_discovery_control(p, method="bh").tolist()])

tables["ttest_rel(a, b), .confidence_interval(0.95)"] = []
for n in (2, 3, 10, 200):
    a, b = rng.normal(size=n), rng.normal(size=n) * 0.3 + 0.2
    r = stats.ttest_rel(a, b)
    ci = r.confidence_interval(0.95)
    tables["ttest_rel(a, b), .confidence_interval(0.95)"].append([a.tolist(), b.tolist(), float(r.statistic), float(r.pvalue), float(ci.low), float(ci.high)])

tables["ttest_ind(b, a, equal_var=False)"] = []
for n, m in ((2, 3), (10, 40), (200, 30)):
    a, b = rng.normal(size=n), rng.normal(size=m) * 2 + 0.3
    r = stats.ttest_ind(b, a, equal_var=False)
    tables["ttest_ind(b, a, equal_var=False)"].append([a.tolist(), b.tolist(), float(r.statistic), float(r.pvalue), float(r.df)])

from scipy import optimize


def score_z(x1, n1, x2, n2, delta):
    """The score statistic, its shares by maximising the likelihood numerically."""

    def loss(p2):
        p1 = p2 + delta
        return -(special.xlogy(x1, p1) + special.xlog1py(n1 - x1, -p1) + special.xlogy(x2, p2) + special.xlog1py(n2 - x2, -p2))

    p2 = optimize.minimize_scalar(loss, bounds=(max(0, -delta), min(1, 1 - delta)), method="bounded", options={"xatol": 1e-12}).x
    p1 = p2 + delta
    variance = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * (n1 + n2) / (n1 + n2 - 1)
    return round((x1 / n1 - x2 / n2 - delta) / variance**0.5, 4)  # as far as the search goes on any machine


table("score_z(x1, n1, x2, n2, delta) by optimize.minimize_scalar", score_z,
      [(*c, d) for c in ((5, 56, 0, 29), (0, 10, 0, 20), (10, 10, 0, 20), (1, 2, 1, 2), (850, 1000, 1830, 2100), (30, 40, 12, 90)) for d in (-0.3, -0.1, 0.05, 0.4)])


def tango_z(b, c, n, delta):
    """Tango's statistic, the share of lost rows by maximising the likelihood numerically."""

    def loss(q):
        return -(special.xlogy(b, q + delta) + special.xlogy(c, q) + special.xlog1py(n - b - c, -2 * q - delta))

    q = optimize.minimize_scalar(loss, bounds=(max(0, -delta), (1 - delta) / 2), method="bounded", options={"xatol": 1e-12}).x
    return round((b - c - n * delta) / (n * (2 * q + delta - delta**2)) ** 0.5, 4)


table("tango_z(b, c, n, delta) by optimize.minimize_scalar", tango_z,
      [(*c, d) for c in ((0, 1, 44), (9, 3, 32), (16, 8, 86), (1, 7, 21), (86, 150, 7000), (3, 3, 10)) for d in (-0.3, -0.1, 0.05, 0.4)])

import warnings

warnings.simplefilter("ignore")
tables["cramervonmises_2samp(x, y, method='asymptotic'), anderson_ksamp([x, y], variant='midrank')"] = []
for n, m, shift, digits in ((5, 9, 0.5, 3), (30, 30, 0.4, 3), (64, 48, 0.2, 1), (200, 150, 0.3, 2), (300, 300, 0.1, 3), (300, 200, 0, 0)):
    x, y = samples(n, m, shift, digits)
    c = stats.cramervonmises_2samp(x, y, method="asymptotic")
    a = stats.anderson_ksamp([x, y], variant="midrank")
    tables["cramervonmises_2samp(x, y, method='asymptotic'), anderson_ksamp([x, y], variant='midrank')"].append(
        [x.tolist(), y.tolist(), float(c.statistic), float(c.pvalue), float(a.statistic), float(a.pvalue)])

from scipy.spatial import distance

tables["distance.jensenshannon(x, y, base=2)"] = []
for k in (1, 2, 6, 20):
    x, y = rng.integers(0, 40, k), rng.integers(1, 60, k)
    x[0] = 7
    tables["distance.jensenshannon(x, y, base=2)"].append([x.tolist(), y.tolist(), float(distance.jensenshannon(x, y, base=2))])



def delong(x, y):
    """The area of positive scores x over negative y, its standard error and degrees of freedom, from ranks."""
    m, n = len(x), len(y)
    r = stats.rankdata(numpy.concatenate([x, y]))
    v, w = (r[:m] - stats.rankdata(x)) / n, 1 - (r[m:] - stats.rankdata(y)) / m
    a, b = v.var(ddof=1) / m, w.var(ddof=1) / n
    return v.mean(), (a + b) ** 0.5, (a + b) ** 2 / (a**2 / (m - 1) + b**2 / (n - 1))


tables["brunnermunzel(y, x), expit(logit(A) +- t.ppf(0.975, df) SE/(A(1-A)))"] = []
for m, n, shift, digits in ((2, 5, 0, 3), (5, 9, 0.5, 3), (5, 95, 1, 2), (64, 48, 0.2, 1), (200, 150, 1.3, 2)):
    y, x = samples(n, m, shift, digits)
    a, se, df = delong(x, y)
    half = stats.t.ppf(0.975, df) * se / (a * (1 - a))
    tables["brunnermunzel(y, x), expit(logit(A) +- t.ppf(0.975, df) SE/(A(1-A)))"].append(
        [x.tolist(), y.tolist(), float(stats.brunnermunzel(y, x).pvalue), *map(float, special.expit([special.logit(a) - half, special.logit(a) + half]))])


def newcombe(area, m, n, z):
    """Both ends of Newcombe's (2006) method 5, by optimize.brentq."""
    s = (m + n) / 2 - 1
    f = lambda a: (area - a) ** 2 - z * z * a * (1 - a) * (1 + s * (1 - a) / (2 - a) + s * a / (1 + a)) / (m * n)
    low = 0 if area == 0 else optimize.brentq(f, 0, area - 1e-9, xtol=1e-15, rtol=1e-14)
    high = 1 if area == 1 else optimize.brentq(f, area + 1e-9, 1, xtol=1e-15, rtol=1e-14)
    return float(low), float(high)


tables["newcombe(area, m, n, norm.ppf(0.975)) by optimize.brentq"] = [
    [*row, *newcombe(*row, stats.norm.ppf(0.975))] for row in ((0.8236788617886179, 41, 72), (1, 1, 1), (1, 5, 95), (0, 5, 95), (0.92, 5, 95), (0.5, 1000, 3000), (0.999, 60, 6000))]

import sklearn
from sklearn import metrics


def influences(value, n):
    """How fast a value rises with the weight of each of n rows, by differences of seven points."""
    out, h = [], 0.02
    for i in range(n):
        def at(step):
            w = numpy.ones(n)
            w[i] += step * h
            return value(w)
        out.append(round((45 * (at(1) - at(-1)) - 9 * (at(2) - at(-2)) + at(3) - at(-3)) / (60 * h), 10))
    return out


def ovo(y, s, w, weighted):
    """Hand and Till's mean over pairs, of scikit-learn's areas, as roc_auc_score has it but with weights."""
    areas, weights = [], []
    for j in range(s.shape[1]):
        for k in range(s.shape[1]):
            both = (y == j) | (y == k)
            if j != k:
                areas.append(metrics.roc_auc_score(y[both] == j, s[both, j], sample_weight=w[both]))
                weights.append(w[both].sum() if weighted else 1)
    return numpy.average(areas, weights=weights)


tables["average_precision_score(y == 1, s), roc_auc_score(y, s, multi_class, average): values and derivatives by sample_weight"] = []
for n, classes, grid in ((10, 2, 10), (20, 3, 10), (24, 4, 1000)):
    s = rng.multinomial(grid, numpy.ones(classes) / classes, size=n) / grid
    y = numpy.array([rng.choice(classes, p=p) for p in (s + 1) / (s + 1).sum(axis=1, keepdims=True)])
    y[:classes] = range(classes)
    t = y == 1
    values = [
        lambda w: metrics.average_precision_score(t, s[:, 1], sample_weight=w),
        lambda w: metrics.roc_auc_score(t, s[:, 1], sample_weight=w),
        lambda w: metrics.average_precision_score(numpy.eye(classes)[y], s, average="macro", sample_weight=w),
        lambda w: numpy.mean([metrics.roc_auc_score(y == k, s[:, k], sample_weight=w) for k in range(classes)]),
        lambda w: numpy.average([metrics.roc_auc_score(y == k, s[:, k], sample_weight=w) for k in range(classes)], weights=[w[y == k].sum() for k in range(classes)]),
        lambda w: ovo(y, s, w, False),
        lambda w: ovo(y, s, w, True),
    ]
    if classes > 2:  # what it says itself, where it takes more than two classes
        one = numpy.ones(n)
        assert abs(values[3](one) - metrics.roc_auc_score(y, s, multi_class="ovr", average="macro")) < 1e-14
        assert abs(values[4](one) - metrics.roc_auc_score(y, s, multi_class="ovr", average="weighted")) < 1e-14
        assert abs(values[5](one) - metrics.roc_auc_score(y, s, multi_class="ovo", average="macro")) < 1e-14
        assert abs(values[6](one) - metrics.roc_auc_score(y, s, multi_class="ovo", average="weighted")) < 1e-14
    tables["average_precision_score(y == 1, s), roc_auc_score(y, s, multi_class, average): values and derivatives by sample_weight"].append(
        [y.tolist(), s.T.tolist(), *[x for v in values for x in (float(v(numpy.ones(n))), influences(v, n))]])

json.dump({"scipy": scipy.__version__, "numpy": numpy.__version__, "scikit-learn": sklearn.__version__, "tables": tables}, sys.stdout, indent=None)
