package summary

import (
	"fmt"
	"math"
)

// Loss is a quantity of one row whose mean, or sum, is a statistic.
type Loss struct {
	Kind  LossKind
	Param float64 // of the kinds that say so
}

// LossKind names a loss.
type LossKind uint8

// The losses. Those of the target do not depend on a model.
const (
	LogLoss           LossKind = iota + 1 // -ln of the probability of the true class, clipped as scikit-learn does
	Brier                                 // squared distance of the probabilities from the truth
	ConfidentError                        // 1 where the answer is wrong and the highest probability is above Param
	AbsoluteError                         // |prediction - target|
	SquaredError                          // (prediction - target)^2
	Target                                // the target itself
	TargetSquared                         // its square, without rounding
	Residual                              // prediction - target
	ResidualSquared                       // its square, without rounding
	PercentError                          // |prediction - target| / |target|, as scikit-learn guards it
	SymmetricError                        // 2 |prediction - target| / (|prediction| + |target|), 0 where both are 0
	SquaredLogError                       // (ln(1 + prediction) - ln(1 + target))^2; NaN where either is -1 or less
	PoissonDeviance                       // 2 (target ln(target / prediction) - target + prediction); NaN out of its domain
	InTop                                 // 1 where the true class is among the Param most probable
	Pinball                               // Param (target - prediction) where that is positive, else (1 - Param) (prediction - target)
	Prediction                            // the predicted number
	PredictionSquared                     // its square, without rounding
	Value                                 // what the answer is worth: Outputs.Values of number Param
	CrossProduct                          // prediction * target, without rounding
)

// ofTarget says whether the loss is the same for every model.
func (l Loss) ofTarget() bool { return l.Kind == Target || l.Kind == TargetSquared }

// exact says whether addends are kept without rounding: for variances, which
// are small differences of large sums.
func (l Loss) exact() bool {
	switch l.Kind {
	case Residual, ResidualSquared, Prediction, PredictionSquared, CrossProduct:
		return true
	}
	return l.ofTarget()
}

// product says whether an exact loss is a product even where rows have no weights.
func (l Loss) product() bool {
	switch l.Kind {
	case TargetSquared, ResidualSquared, PredictionSquared, CrossProduct:
		return true
	}
	return false
}

// Counts says whether the loss of a row is 0 or 1.
func (l Loss) Counts() bool { return l.Kind == ConfidentError || l.Kind == InTop }

// epsilon is the distance from 0 and 1 to which scikit-learn (since 1.2) clips
// probabilities in log_loss: numpy.finfo(float64).eps.
const epsilon = 0x1p-52

// terms are what is added up of each row of a batch: a loss, say. Where one double
// does not hold it exactly, rest holds what is left; else it is nil.
type terms struct {
	main, rest []float64
	units      [2]int // that fitted the last batch: see addends
}

func (t *terms) resize(n int, rest bool) {
	if cap(t.main) < n {
		t.main = make([]float64, n)
	}
	t.main = t.main[:n]
	if !rest {
		t.rest = nil
		return
	}
	if cap(t.rest) < n {
		t.rest = make([]float64, n)
	}
	t.rest = t.rest[:n]
}

// fill works out the addends of a batch for one model, times the weights.
func (l Loss) fill(t *terms, b *Batch, model int) {
	t.resize(b.Rows, l.exact() && (l.product() || b.Weight != nil))
	if l.exact() {
		l.fillExact(t, b, model)
		return
	}
	l.fillModel(t.main, b, &b.Models[model])
	for i, w := range b.Weight {
		t.main[i] *= w
	}
}

func (l Loss) fillModel(dst []float64, b *Batch, m *Outputs) {
	switch l.Kind {
	case LogLoss:
		for i, p := range m.True {
			dst[i] = -math.Log(min(max(p, epsilon), 1-epsilon))
		}
	case Brier:
		copy(dst, m.Brier)
	case ConfidentError:
		for i, top := range m.Top {
			dst[i] = 0
			if top > l.Param && m.Class[i] != b.Label[i] {
				dst[i] = 1
			}
		}
	case Value:
		copy(dst, m.Values[int(l.Param)])
	case InTop:
		for i, y := range b.Label {
			dst[i] = 0
			if m.rank(i, y) < int(l.Param) {
				dst[i] = 1
			}
		}
	case AbsoluteError:
		for i, y := range b.Target {
			dst[i] = math.Abs(y - m.Score[i])
		}
	case SquaredError:
		for i, y := range b.Target {
			e := y - m.Score[i]
			dst[i] = e * e
		}
	default:
		l.fillRelative(dst, b.Target, m.Score)
	}
}

// fillRelative is the losses that measure a prediction by the target's size.
func (l Loss) fillRelative(dst, target, predicted []float64) {
	for i, y := range target {
		p := predicted[i]
		switch l.Kind {
		case PercentError:
			dst[i] = math.Abs(y-p) / max(math.Abs(y), epsilon)
		case SymmetricError:
			dst[i] = 0
			if y != 0 || p != 0 {
				dst[i] = 2 * math.Abs(y-p) / (math.Abs(y) + math.Abs(p))
			}
		case SquaredLogError:
			dst[i] = math.NaN()
			if y > -1 && p > -1 {
				d := math.Log1p(y) - math.Log1p(p)
				dst[i] = d * d
			}
		case PoissonDeviance:
			dst[i] = poissonDeviance(y, p)
		case Pinball:
			if dst[i] = l.Param * (y - p); y < p {
				dst[i] = (1 - l.Param) * (p - y)
			}
		default:
			panic(fmt.Sprintf("summary: no loss of kind %d", l.Kind))
		}
	}
}

// poissonDeviance wants y >= 0 and p > 0.
func poissonDeviance(y, p float64) float64 {
	switch {
	case y < 0 || p <= 0:
		return math.NaN()
	case y == 0:
		return 2 * p
	}
	return 2 * (y*math.Log(y/p) - y + p)
}

// rank is the number of classes that are more probable than one of them. Of
// equal probabilities the later class comes first, as scikit-learn sorts them.
func (m *Outputs) rank(row int, class uint16) int {
	mine, before := m.Scores[class][row], 0
	for k, scores := range m.Scores {
		if p := scores[row]; p > mine || p == mine && k > int(class) {
			before++
		}
	}
	return before
}

// fillExact keeps both halves of each product.
func (l Loss) fillExact(t *terms, b *Batch, model int) {
	for i := range b.Target {
		x, y := l.factors(b, model, i)
		if t.rest == nil {
			t.main[i] = x
			continue
		}
		p, e := x, 0.0
		if b.Weight != nil {
			p, e = product(b.Weight[i], x)
		}
		if y != 1 {
			q, f := product(p, y)
			p, e = q, f+e*y
		}
		t.main[i], t.rest[i] = p, e
	}
}

// factors are the two numbers whose product an exact loss is.
func (l Loss) factors(b *Batch, model, row int) (x, y float64) {
	target := b.Target[row]
	switch l.Kind {
	case Target:
		return target, 1
	case TargetSquared:
		return target, target
	}
	answer := b.Models[model].Score[row]
	switch l.Kind {
	case Residual:
		return answer - target, 1
	case ResidualSquared:
		return answer - target, answer - target
	case Prediction:
		return answer, 1
	case PredictionSquared:
		return answer, answer
	default:
		return answer, target
	}
}

// product is x*y as a rounded value and its exact rounding error.
func product(x, y float64) (p, e float64) {
	p = x * y
	return p, math.FMA(x, y, -p)
}
