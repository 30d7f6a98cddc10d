package oracle

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
)

// recipe makes one case from a source of randomness that is its own.
type recipe struct {
	name string
	make func(*rand.Rand) Case
}

// Cases is a fixed list of data sets that metrics find hard: ties, classes
// without rows, a handful of rows, probabilities of 0 and 1, targets whose
// spread is small beside their mean. Each stands there as it is and once more
// with weights of very different size, some of them 0.
//
// A case's rows depend on its name alone, so that a new case changes no other.
func Cases() []Case {
	var cases []Case
	for _, r := range slices.Concat(binaryRecipes, multiclassRecipes, regressionRecipes) {
		plain := r.make(source(r.name))
		plain.Name = r.name
		plain.Beta, plain.Bins, plain.K, plain.Quantile = 0.5, 10, 2, 0.1
		weighted := plain
		weighted.Name = r.name + "/weighted"
		weighted.Beta, weighted.Bins, weighted.K, weighted.Quantile = 2, 15, 3, 0.7
		weighted.Weight = weights(source(weighted.Name), plain.rows())
		cases = append(cases, plain, weighted)
	}
	return append(cases, weightlessClass())
}

// source is the randomness that belongs to a name.
func source(name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(h.Sum64(), 1))
}

func (c Case) rows() int { return max(len(c.Label), len(c.Target)) }

// weights are spread over twelve orders of magnitude, and a fifth of them are
// 0. The first is not, so that some weight is there.
func weights(r *rand.Rand, n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		if i == 0 || r.Float64() >= 0.2 {
			w[i] = math.Pow(10, 12*r.Float64()-6)
		}
	}
	return w
}

// weightlessClass has positive rows, but their weights are 0.
func weightlessClass() Case {
	c := binary(source("binary/weightless class"), 40, 0.5, uniform)
	c.Name = "binary/weightless class/weighted"
	c.Beta, c.Bins = 3, 5
	c.Weight = make([]float64, 40)
	for i, y := range c.Label {
		c.Weight[i] = float64(1 - y)
	}
	return c
}

// From here on: binary cases.

var binaryRecipes = []recipe{
	{"binary/random", func(r *rand.Rand) Case { return binary(r, 500, 0.7, uniform) }},
	{"binary/rare", func(r *rand.Rand) Case { return binary(r, 800, 0.02, uniform) }},
	{"binary/threshold", func(r *rand.Rand) Case { return binary(r, 200, 0.5, uniform).cut(0.37) }},
	{"binary/ties", func(r *rand.Rand) Case { return binary(r, 400, 0.5, tenths) }},
	{"binary/one score", func(r *rand.Rand) Case { return binary(r, 60, 0.5, func(*rand.Rand) float64 { return 0.9 }) }},
	{"binary/single positive", func(r *rand.Rand) Case { return binary(r, 50, 0, uniform).relabel(0, 1) }},
	{"binary/single negative", func(r *rand.Rand) Case { return binary(r, 50, 1, tenths).relabel(0, 0) }},
	{"binary/only positives", func(r *rand.Rand) Case { return binary(r, 30, 1, uniform) }},
	{"binary/only negatives", func(r *rand.Rand) Case { return binary(r, 30, 0, uniform) }},
	{"binary/nothing predicted positive", func(r *rand.Rand) Case { return binary(r, 60, 0.4, uniform).cut(2) }},
	{"binary/everything predicted positive", func(r *rand.Rand) Case { return binary(r, 60, 0.4, uniform).cut(0) }},
	{"binary/all right", func(r *rand.Rand) Case { return binary(r, 80, 0.5, uniform).agree(1) }},
	{"binary/all wrong", func(r *rand.Rand) Case { return binary(r, 80, 0.5, uniform).agree(0) }},
	{"binary/extreme scores", func(r *rand.Rand) Case { return binary(r, 300, 0.5, extreme) }},
	{"binary/one positive row", func(r *rand.Rand) Case { return binary(r, 1, 1, uniform) }},
	{"binary/one negative row", func(r *rand.Rand) Case { return binary(r, 1, 0, uniform) }},
	{"binary/two rows", func(r *rand.Rand) Case { return binary(r, 2, 0, uniform).relabel(1, 1) }},
	{"binary/three rows", func(r *rand.Rand) Case { return binary(r, 3, 0, tenths).relabel(0, 1) }},
	{"binary/three rows, two positive", func(r *rand.Rand) Case { return binary(r, 3, 1, uniform).relabel(0, 0) }},
}

func uniform(r *rand.Rand) float64 { return r.Float64() }

// tenths are 0, 0.1 … 1: few values, and one of them is exactly Above.
func tenths(r *rand.Rand) float64 { return float64(r.IntN(11)) / 10 }

// extreme probabilities are at 0 and 1, or closer to them than a logarithm or
// a subtraction from 1 stands.
func extreme(r *rand.Rand) float64 {
	values := []float64{0, 1, 1e-17, 1 - 1e-16, 1e-300, 0x1p-52, 1 - 0x1p-52, 0.5, 0.9, 0.1}
	return values[r.IntN(len(values))]
}

// binary draws labels that are 1 with the given chance and scores that know
// something of them: the larger of two draws for a positive row.
func binary(r *rand.Rand, rows int, positive float64, score func(*rand.Rand) float64) Case {
	c := Case{Task: Binary, Classes: 2, Above: 0.9}
	for range rows {
		s, label := score(r), 0
		if r.Float64() < positive {
			s, label = max(s, score(r)), 1
		}
		c.Label = append(c.Label, label)
		c.Score = append(c.Score, s)
	}
	return c.cut(0.5)
}

// cut predicts class 1 from a score on.
func (c Case) cut(threshold float64) Case {
	c.Predicted = make([]int, len(c.Score))
	for i, s := range c.Score {
		if s >= threshold {
			c.Predicted[i] = 1
		}
	}
	return c
}

func (c Case) relabel(row, label int) Case {
	c.Label[row] = label
	return c
}

// agree makes all predictions right (1) or all wrong (0), scores and all.
func (c Case) agree(right int) Case {
	for i, y := range c.Label {
		c.Score[i] = 0.5 * c.Score[i]
		if y == right {
			c.Score[i] = 1 - c.Score[i]
		}
	}
	return c.cut(0.5)
}

// From here on: multiclass cases.

var multiclassRecipes = []recipe{
	{"multiclass/3 classes", func(r *rand.Rand) Case { return multiclass(r, 400, 3, spread) }},
	{"multiclass/20 classes", func(r *rand.Rand) Case { return multiclass(r, 600, 20, spread) }},
	{"multiclass/30 classes", func(r *rand.Rand) Case { return multiclass(r, 400, 30, spread) }},
	{"multiclass/1000 classes", func(r *rand.Rand) Case { return multiclass(r, 20, 1000, spread) }},
	{"multiclass/every class", func(r *rand.Rand) Case { return multiclass(r, 300, 3, quarters) }},
	{"multiclass/ties", func(r *rand.Rand) Case { return multiclass(r, 300, 4, quarters) }},
	{"multiclass/certain", func(r *rand.Rand) Case { return multiclass(r, 200, 3, certain) }},
	{"multiclass/nearly certain", func(r *rand.Rand) Case { return multiclass(r, 200, 3, nearlyCertain) }},
	{"multiclass/never predicted", func(r *rand.Rand) Case { return multiclass(r, 300, 20, spread).neverPredicted(6, 19) }},
	{"multiclass/never true", func(r *rand.Rand) Case { return multiclass(r, 300, 20, spread).neverTrue(0, 11) }},
	{"multiclass/never either", func(r *rand.Rand) Case { return multiclass(r, 300, 5, spread).neverTrue(2).neverPredicted(2) }},
	{"multiclass/one true class", func(r *rand.Rand) Case { return multiclass(r, 50, 3, spread).neverTrue(0, 2) }},
	{"multiclass/all right", func(r *rand.Rand) Case { return multiclass(r, 90, 3, spread).predict(0) }},
	{"multiclass/all wrong", func(r *rand.Rand) Case { return multiclass(r, 90, 3, spread).predict(1) }},
	{"multiclass/one row", func(r *rand.Rand) Case { return multiclass(r, 1, 3, spread) }},
	{"multiclass/two rows", func(r *rand.Rand) Case { return multiclass(r, 2, 3, spread) }},
	{"multiclass/three rows", func(r *rand.Rand) Case { return multiclass(r, 3, 20, spread) }},
}

// spread draws probabilities that favour the true class a little.
func spread(r *rand.Rand, classes, label int) []float64 {
	p := make([]float64, classes)
	for k := range p {
		p[k] = r.ExpFloat64()
	}
	p[label] *= 4
	return normalized(p)
}

// quarters are four classes' probabilities out of few values, so that the
// highest is often shared.
func quarters(r *rand.Rand, classes, _ int) []float64 {
	p := make([]float64, classes)
	for range 4 {
		p[r.IntN(classes)] += 0.25
	}
	return p
}

// certain gives all to one class, most often the true one.
func certain(r *rand.Rand, classes, label int) []float64 {
	p := make([]float64, classes)
	if r.Float64() < 0.3 {
		label = r.IntN(classes)
	}
	p[label] = 1
	return p
}

// nearlyCertain leaves the other classes less than a logarithm stands.
func nearlyCertain(r *rand.Rand, classes, label int) []float64 {
	p := certain(r, classes, label)
	for k := range p {
		if p[k] == 0 {
			p[k] = math.Pow(10, -20*r.Float64())
		}
	}
	return normalized(p)
}

func normalized(p []float64) []float64 {
	var sum float64
	for _, x := range p {
		sum += x
	}
	for k := range p {
		p[k] /= sum
	}
	return p
}

func multiclass(r *rand.Rand, rows, classes int, scores func(r *rand.Rand, classes, label int) []float64) Case {
	c := Case{Task: Multiclass, Classes: classes, Above: 0.6}
	for range rows {
		// The smaller of two draws: low classes are common, high ones rare.
		label := min(r.IntN(classes), r.IntN(classes))
		c.Label = append(c.Label, label)
		c.Scores = append(c.Scores, scores(r, classes, label))
	}
	return c.predictHighest()
}

// predictHighest predicts the first class with the highest probability.
func (c Case) predictHighest() Case {
	c.Predicted = make([]int, len(c.Scores))
	for i, p := range c.Scores {
		c.Predicted[i] = slices.Index(p, slices.Max(p))
	}
	return c
}

// neverPredicted takes the probability of some classes away.
func (c Case) neverPredicted(classes ...int) Case {
	for _, p := range c.Scores {
		for _, k := range classes {
			p[k] = 0
		}
		normalized(p)
	}
	return c.predictHighest()
}

// neverTrue moves the labels of some classes to class 1.
func (c Case) neverTrue(classes ...int) Case {
	for i, y := range c.Label {
		if slices.Contains(classes, y) {
			c.Label[i] = 1
		}
	}
	return c
}

// predict predicts, in every row, the class that is a number of places after
// the true one, whatever the scores say.
func (c Case) predict(after int) Case {
	for i, y := range c.Label {
		c.Predicted[i] = (y + after) % c.Classes
	}
	return c
}

// From here on: regression cases.

var regressionRecipes = []recipe{
	{"regression/random", func(r *rand.Rand) Case { return regression(r, 500, 10, 3) }},
	{"regression/large mean, small spread", func(r *rand.Rand) Case { return regression(r, 500, 1e9, 1) }},
	{"regression/negative", func(r *rand.Rand) Case { return regression(r, 300, -50, 20) }},
	{"regression/tiny", func(r *rand.Rand) Case { return regression(r, 200, 0, 1e-12) }},
	{"regression/huge", func(r *rand.Rand) Case { return regression(r, 200, 0, 1e100) }},
	{"regression/heavy tail", heavyTail},
	{"regression/ties", tiedErrors},
	{"regression/all right", func(r *rand.Rand) Case { return regression(r, 40, 5, 2).exact() }},
	{"regression/worse than the mean", func(r *rand.Rand) Case { return regression(r, 100, 0, 1).opposite() }},
	{"regression/one target", func(r *rand.Rand) Case { return regression(r, 40, 7, 2).oneTarget() }},
	{"regression/one row", func(r *rand.Rand) Case { return regression(r, 1, 3, 1) }},
	{"regression/two rows", func(r *rand.Rand) Case { return regression(r, 2, 3, 1) }},
	{"regression/three rows", func(r *rand.Rand) Case { return regression(r, 3, -3, 1) }},
}

// regression draws normal targets, and predictions that are off by about half
// their spread.
func regression(r *rand.Rand, rows int, mean, spread float64) Case {
	c := Case{Task: Regression}
	for range rows {
		y := mean + spread*r.NormFloat64()
		c.Target = append(c.Target, y)
		c.Number = append(c.Number, y+spread/2*r.NormFloat64())
	}
	return c
}

// heavyTail has targets over ten orders of magnitude, of both signs.
func heavyTail(r *rand.Rand) Case {
	c := Case{Task: Regression}
	for range 300 {
		y := math.Pow(10, 10*r.Float64()-5)
		if r.IntN(2) == 0 {
			y = -y
		}
		c.Target = append(c.Target, y)
		c.Number = append(c.Number, y*(0.5+r.Float64()))
	}
	return c
}

// tiedErrors has few different errors, so that the middle falls on a tie or
// between two of them.
func tiedErrors(r *rand.Rand) Case {
	c := Case{Task: Regression}
	for range 100 {
		y := float64(r.IntN(5))
		c.Target = append(c.Target, y)
		c.Number = append(c.Number, y+float64(r.IntN(4)))
	}
	return c
}

func (c Case) exact() Case {
	c.Number = slices.Clone(c.Target)
	return c
}

func (c Case) oneTarget() Case {
	c.Target = slices.Repeat([]float64{0.1}, len(c.Target))
	return c
}

func (c Case) opposite() Case {
	for i, y := range c.Target {
		c.Number[i] = -y
	}
	return c
}
