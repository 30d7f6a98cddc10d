package metric

import (
	"math"
)

// Metrics of the predicted labels, from counts of rows by true and predicted
// class. With weights, the counts are sums of weights. Formulas are those of
// scikit-learn's functions of the same name; where scikit-learn puts 0 for a
// ratio without a denominator, a binary metric here has no value (so that it
// cannot pass), and an average over classes counts 0 for the class.
var fromCounts = []Metric{
	{
		Name: "accuracy", Doc: "share of rows whose label is predicted right",
		Formula: "right / rows", Tasks: []string{Binary, Multiclass}, Better: Higher, Bounded: true, Default: true,
		counts: accuracy, slope: func(t table, _ Params) Slope { return microSlope(t, recallOf) },
	},
	{
		Name: "balanced_accuracy", Doc: "mean over the true classes of the share predicted right",
		Formula: "mean of recall over the classes that have rows", Tasks: []string{Binary, Multiclass}, Better: Higher, Bounded: true,
		counts: balancedAccuracy, slope: func(t table, _ Params) Slope { return balancedSlope(t) },
	},
	binaryRatio("precision", "share of positive predictions that are right", "tp / (tp + fp)", Higher,
		func(c cells) (float64, float64) { return c.tp, c.tp + c.fp }, "no row is predicted positive"),
	binaryRatio("recall", "share of positive rows that are found", "tp / (tp + fn)", Higher,
		func(c cells) (float64, float64) { return c.tp, c.tp + c.fn }, "no row is positive"),
	binaryRatio("specificity", "share of negative rows that are left alone", "tn / (tn + fp)", Higher,
		func(c cells) (float64, float64) { return c.tn, c.tn + c.fp }, "no row is negative"),
	binaryRatio("f1", "harmonic mean of precision and recall", "2 tp / (2 tp + fp + fn)", Higher,
		func(c cells) (float64, float64) { return 2 * c.tp, 2*c.tp + c.fp + c.fn }, "no row is positive or predicted positive"),
	fBeta,
	binaryRatio("false_positive_rate", "share of negative rows that are predicted positive", "fp / (fp + tn)", Lower,
		func(c cells) (float64, float64) { return c.fp, c.fp + c.tn }, "no row is negative"),
	binaryRatio("false_negative_rate", "share of positive rows that are missed", "fn / (fn + tp)", Lower,
		func(c cells) (float64, float64) { return c.fn, c.fn + c.tp }, "no row is positive"),
	binaryRatio("jaccard", "right positive predictions among all rows that are or are predicted positive", "tp / (tp + fp + fn)", Higher,
		func(c cells) (float64, float64) { return c.tp, c.tp + c.fp + c.fn }, "no row is positive or predicted positive"),
	binaryRatio("positive_rate", "share of rows predicted positive", "(tp + fp) / rows", Neither,
		func(c cells) (float64, float64) { return c.tp + c.fp, c.tp + c.fp + c.tn + c.fn }, "there are no rows"),
	averaged("precision_macro", "precision of each class, averaged over classes", precisionOf, macro),
	averaged("precision_weighted", "precision of each class, averaged by the rows of the class", precisionOf, bySupport),
	averaged("precision_micro", "precision over all classes at once", precisionOf, micro),
	averaged("recall_macro", "recall of each class, averaged over classes", recallOf, macro),
	averaged("recall_weighted", "recall of each class, averaged by the rows of the class", recallOf, bySupport),
	averaged("recall_micro", "recall over all classes at once", recallOf, micro),
	averaged("f1_macro", "F1 of each class, averaged over classes", f1Of, macro),
	asDefault(averaged("f1_weighted", "F1 of each class, averaged by the rows of the class", f1Of, bySupport)),
	averaged("f1_micro", "F1 over all classes at once", f1Of, micro),
	averagedBeta("f_beta_macro", "F-beta of each class, averaged over classes", macro),
	averagedBeta("f_beta_weighted", "F-beta of each class, averaged by the rows of the class", bySupport),
	averagedBeta("f_beta_micro", "F-beta over all classes at once", micro),
	averaged("jaccard_macro", "Jaccard index of each class, averaged over classes", jaccardOf, macro),
	averaged("jaccard_weighted", "Jaccard index of each class, averaged by the rows of the class", jaccardOf, bySupport),
	averaged("jaccard_micro", "Jaccard index over all classes at once", jaccardOf, micro),
	{
		Name: "mcc", Doc: "Matthews's correlation of the predicted with the true class",
		Formula: "covariance of truth and prediction / root of the product of their variances (Gorodkin 2004)",
		Tasks:   []string{Binary, Multiclass}, Better: Higher, Signed: true,
		counts: matthews, slope: matthewsSlope,
	},
	kappa("cohen_kappa", "agreement beyond chance", func(i, j int) float64 { return indicator(i != j) }),
	kappa("cohen_kappa_linear", "agreement beyond chance, of classes in order, by distance", func(i, j int) float64 { return math.Abs(float64(i - j)) }),
	kappa("cohen_kappa_quadratic", "agreement beyond chance, of classes in order, by squared distance", func(i, j int) float64 { return float64((i - j) * (i - j)) }),
}

func asDefault(m Metric) Metric {
	m.Default = true
	return m
}

// cells are the four cells of a binary confusion matrix: of one class against
// the rest.
type cells struct{ tp, fp, fn, tn float64 }

func cellsOf(m [][]float64, positive int) cells {
	var c cells
	for i, row := range m {
		for j, n := range row {
			switch {
			case i == positive && j == positive:
				c.tp += n
			case i == positive:
				c.fn += n
			case j == positive:
				c.fp += n
			default:
				c.tn += n
			}
		}
	}
	return c
}

func binaryRatio(name, doc, formula string, better Better, parts func(cells) (num, den float64), empty string) Metric {
	return Metric{
		Name: name, Doc: doc, Formula: formula, Tasks: []string{Binary, Multiclass}, Better: better, Bounded: true,
		Takes: []string{Class},
		counts: func(t table, p Params) (Estimate, error) {
			num, den := parts(cellsOf(t.cells, p.Positive()))
			if den == 0 {
				return undefined("%s has no value: %s", name, empty)
			}
			return Estimate{Value: num / den}, nil
		},
		slope: func(t table, p Params) Slope { return ratioSlope(t, p.Positive(), parts) },
	}
}

// fBeta weighs recall beta times as much as precision (van Rijsbergen 1979).
var fBeta = Metric{
	Name: "f_beta", Doc: "harmonic mean of precision and recall, where recall counts beta times as much",
	Formula: "(1 + beta^2) tp / ((1 + beta^2) tp + beta^2 fn + fp)",
	Tasks:   []string{Binary, Multiclass}, Better: Higher, Bounded: true, Takes: []string{Beta, Class},
	counts: func(t table, p Params) (Estimate, error) {
		num, den := fBetaParts(p)(cellsOf(t.cells, p.Positive()))
		if den == 0 {
			return undefined("f_beta has no value: no row is positive or predicted positive")
		}
		return Estimate{Value: num / den}, nil
	},
	slope: func(t table, p Params) Slope { return ratioSlope(t, p.Positive(), fBetaParts(p)) },
}

func fBetaParts(p Params) func(cells) (num, den float64) {
	return func(c cells) (float64, float64) {
		r := fBetaOf(p.Beta)(class{both: c.tp, predicted: c.tp + c.fp, label: c.tp + c.fn})
		return r.num, r.den
	}
}

func fBetaOf(beta float64) func(class) ratio {
	b := beta * beta
	return func(c class) ratio { return ratio{(1 + b) * c.both, b*c.label + c.predicted} }
}

// averagedBeta is an average of F-beta over classes.
func averagedBeta(name, doc string, average average) Metric {
	m := averaged(name, doc, nil, average)
	m.Takes = []string{Beta}
	m.counts = func(t table, p Params) (Estimate, error) { return averageOf(name, t, fBetaOf(p.Beta), average) }
	m.slope = func(t table, p Params) Slope { return average.slope(t, fBetaOf(p.Beta)) }
	return m
}

func accuracy(t table, _ Params) (Estimate, error) {
	var right, all float64
	for label, row := range t.cells {
		right += row[label]
		for _, n := range row {
			all += n
		}
	}
	return Estimate{Value: right / all}, nil
}

func balancedAccuracy(t table, _ Params) (Estimate, error) {
	var recalls, classes float64
	for _, c := range t.perClass() {
		if c.label > 0 {
			recalls += c.both / c.label
			classes++
		}
	}
	return Estimate{Value: recalls / classes}, nil
}

// class is one class's rows: predicted and true, predicted, true.
type class struct{ both, predicted, label float64 }

// ratio is a numerator and denominator of one class, or of all.
type ratio struct{ num, den float64 }

func (r ratio) value() float64 {
	if r.den == 0 {
		return 0
	}
	return r.num / r.den
}

func precisionOf(c class) ratio { return ratio{c.both, c.predicted} }
func recallOf(c class) ratio    { return ratio{c.both, c.label} }
func f1Of(c class) ratio        { return ratio{2 * c.both, c.predicted + c.label} }
func jaccardOf(c class) ratio   { return ratio{c.both, c.predicted + c.label - c.both} }

// average puts a metric of each class together.
type average struct {
	of    func([]class, func(class) ratio) ratio
	slope func(table, func(class) ratio) Slope
}

var (
	macro     = average{macroOf, macroSlope}
	bySupport = average{bySupportOf, bySupportSlope}
	micro     = average{microOf, microSlope}
)

// averaged is a metric of each class, put together by one of the averages.
func averaged(name, doc string, of func(class) ratio, average average) Metric {
	return Metric{
		Name: name, Doc: doc, Formula: "scikit-learn's average of that name",
		Tasks: []string{Binary, Multiclass}, Better: Higher, Bounded: true,
		counts: func(t table, _ Params) (Estimate, error) { return averageOf(name, t, of, average) },
		slope:  func(t table, _ Params) Slope { return average.slope(t, of) },
	}
}

func averageOf(name string, t table, of func(class) ratio, average average) (Estimate, error) {
	r := average.of(t.perClass(), of)
	if r.den == 0 {
		return undefined("%s has no value: no class has weight", name)
	}
	return Estimate{Value: r.num / r.den}, nil
}

func macroOf(classes []class, of func(class) ratio) ratio {
	var r ratio
	for _, c := range classes {
		r.num += of(c).value()
		r.den++
	}
	return r
}

func bySupportOf(classes []class, of func(class) ratio) ratio {
	var r ratio
	for _, c := range classes {
		r.num += c.label * of(c).value()
		r.den += c.label
	}
	return r
}

func microOf(classes []class, of func(class) ratio) ratio {
	var r ratio
	for _, c := range classes {
		one := of(c)
		r.num += one.num
		r.den += one.den
	}
	return r
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// marginals are the row sums (truth), column sums (prediction) and total of a
// confusion matrix.
func marginals(m [][]float64) (truth, predicted []float64, all float64) {
	truth, predicted = make([]float64, len(m)), make([]float64, len(m))
	for i, row := range m {
		for j, n := range row {
			truth[i] += n
			predicted[j] += n
			all += n
		}
	}
	return truth, predicted, all
}

func matthews(t table, _ Params) (Estimate, error) {
	m := t.cells
	truth, predicted, all := marginals(m)
	// In shares of all rows, so that weights of any size do not overflow.
	var right, both, ofTruth, ofPredicted float64
	for k := range m {
		y, p := truth[k]/all, predicted[k]/all
		right += m[k][k] / all
		both += y * p
		ofTruth += y * y
		ofPredicted += p * p
	}
	spread := math.Sqrt((1 - ofTruth) * (1 - ofPredicted))
	if classesUsed(truth) < 2 || classesUsed(predicted) < 2 || spread == 0 {
		return undefined("mcc has no value: all labels, or all predictions, are of one class")
	}
	return Estimate{Value: (right - both) / spread}, nil
}

func classesUsed(sums []float64) int {
	n := 0
	for _, x := range sums {
		if x > 0 {
			n++
		}
	}
	return n
}

// kappa is Cohen's kappa with a weight for each pair of classes: 1 minus the
// observed disagreement over that of independent answers. Classes keep their
// places in the list of all classes, also where some have no rows here.
func kappa(name, doc string, distance func(i, j int) float64) Metric {
	return Metric{
		Name: name, Doc: doc, Formula: "1 - observed disagreement / disagreement by chance (Cohen 1968)",
		Tasks: []string{Binary, Multiclass}, Better: Higher, Signed: true,
		slope: func(t table, _ Params) Slope { return kappaSlope(t, distance) },
		counts: func(t table, _ Params) (Estimate, error) {
			m := t.cells
			truth, predicted, all := marginals(m)
			var observed, chance float64
			for i := range m {
				for j := range m {
					observed += distance(i, j) * m[i][j]
					chance += distance(i, j) * (truth[i] / all) * predicted[j]
				}
			}
			if chance == 0 {
				return undefined("%s has no value: all labels and all predictions are of one class", name)
			}
			return Estimate{Value: 1 - observed/chance}, nil
		},
	}
}
