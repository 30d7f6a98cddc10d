package metric

import "math"

// Derivatives of the metrics of counts, by the rows of each cell. All of these
// metrics stay the same when all counts double.

// allClasses is the rows of every class, with what of the table they are.
func (t table) allClasses() []presentClass {
	classes := make([]presentClass, len(t.cells))
	for k, there := range t.present() {
		c := class{both: t.cells[k][k]}
		for j := range t.cells {
			c.label += t.cells[k][j]
			c.predicted += t.cells[j][k]
		}
		classes[k] = presentClass{c, there}
	}
	return classes
}

type presentClass struct {
	class
	there bool
}

// ratioSlope is of num/den, both sums of some of the four cells of a class
// against the rest.
func ratioSlope(t table, positive int, parts func(cells) (num, den float64)) Slope {
	num, den := parts(cellsOf(t.cells, positive))
	of := func(c cells) float64 {
		n, d := parts(c)
		return (n - num/den*d) / den
	}
	tp, fp, fn, tn := of(cells{tp: 1}), of(cells{fp: 1}), of(cells{fn: 1}), of(cells{tn: 1})
	return func(label, predicted int) float64 {
		switch {
		case label == positive && predicted == positive:
			return tp
		case label == positive:
			return fn
		case predicted == positive:
			return fp
		}
		return tn
	}
}

// perClassSlopes are the derivatives by each class's rows: those that are both
// of it and predicted so, of it, and predicted so.
type perClassSlopes []class

func (s perClassSlopes) of(label, predicted int) float64 {
	d := s[label].label + s[predicted].predicted
	if label == predicted {
		d += s[label].both
	}
	return d
}

// slopes are the derivatives of a class's ratio, whose parts are linear; 0 where
// it has no denominator and counts 0.
func (c class) slopes(of func(class) ratio) class {
	r := of(c)
	if r.den == 0 {
		return class{}
	}
	by := func(unit class) float64 {
		u := of(unit)
		return (u.num - r.value()*u.den) / r.den
	}
	return class{both: by(class{both: 1}), predicted: by(class{predicted: 1}), label: by(class{label: 1})}
}

func (c class) times(x float64) class { return class{c.both * x, c.predicted * x, c.label * x} }

func macroSlope(t table, of func(class) ratio) Slope {
	return meanSlope(t, of, func(c presentClass) bool { return c.there })
}

func balancedSlope(t table) Slope {
	return meanSlope(t, recallOf, func(c presentClass) bool { return c.label > 0 })
}

func meanSlope(t table, of func(class) ratio, counts func(presentClass) bool) Slope {
	all := t.allClasses()
	n := 0.0
	for _, c := range all {
		if counts(c) {
			n++
		}
	}
	slopes := make(perClassSlopes, len(all))
	for k, c := range all {
		if counts(c) {
			slopes[k] = c.slopes(of).times(1 / n)
		}
	}
	return slopes.of
}

func bySupportSlope(t table, of func(class) ratio) Slope {
	all := t.allClasses()
	var sum, rows float64
	for _, c := range all {
		sum += c.label * of(c.class).value()
		rows += c.label
	}
	slopes := make(perClassSlopes, len(all))
	for k, c := range all {
		slopes[k] = c.slopes(of).times(c.label / rows)
		slopes[k].label += (of(c.class).value() - sum/rows) / rows
	}
	return slopes.of
}

func microSlope(t table, of func(class) ratio) Slope {
	var total ratio
	for _, c := range t.allClasses() {
		r := of(c.class)
		total.num += r.num
		total.den += r.den
	}
	by := func(unit class) float64 {
		u := of(unit)
		return (u.num - total.value()*u.den) / total.den
	}
	slope := class{both: by(class{both: 1}), predicted: by(class{predicted: 1}), label: by(class{label: 1})}
	return func(label, predicted int) float64 {
		d := slope.label + slope.predicted
		if label == predicted {
			d += slope.both
		}
		return d
	}
}

// matthewsSlope is of (c - s)/sqrt((1-T)(1-P)), of shares of all rows: c right, s
// the sum of products of a class's labels and predictions, T and P the sums of
// squares of either.
func matthewsSlope(t table, _ Params) Slope {
	truth, predicted, all := marginals(t.cells)
	var right, both, ofTruth, ofPredicted float64
	for k := range t.cells {
		y, p := truth[k]/all, predicted[k]/all
		right += t.cells[k][k] / all
		both += y * p
		ofTruth += y * y
		ofPredicted += p * p
	}
	v := (1 - ofTruth) * (1 - ofPredicted)
	root, cube := math.Sqrt(v), math.Pow(v, 1.5)
	slopes := make(perClassSlopes, len(t.cells))
	total := 0.0 // of the derivatives by shares, each share times its own
	for k := range slopes {
		y, p := truth[k]/all, predicted[k]/all
		c := class{
			both:      1 / root,
			label:     -p/root + (right-both)*y*(1-ofPredicted)/cube,
			predicted: -y/root + (right-both)*p*(1-ofTruth)/cube,
		}
		total += c.both*t.cells[k][k]/all + c.label*y + c.predicted*p
		slopes[k] = c.times(1 / all)
	}
	return func(label, predicted int) float64 { return slopes.of(label, predicted) - total/all }
}

// kappaSlope is of 1 - O/C, of the disagreement observed and by chance.
func kappaSlope(t table, distance func(i, j int) float64) Slope {
	truth, predicted, all := marginals(t.cells)
	n := len(t.cells)
	byLabel, byPredicted := make([]float64, n), make([]float64, n)
	var observed, chance float64
	for i := range n {
		for j := range n {
			d := distance(i, j)
			observed += d * t.cells[i][j]
			chance += d * (truth[i] / all) * predicted[j]
			byLabel[i] += d * predicted[j] / all
			byPredicted[j] += d * truth[i] / all
		}
	}
	return func(label, predicted int) float64 {
		ofChance := byLabel[label] + byPredicted[predicted] - chance/all
		return -(distance(label, predicted) - observed/chance*ofChance) / chance
	}
}
