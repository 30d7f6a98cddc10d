package summary

import (
	"fmt"
	"math"
	"slices"
)

// Loss is a quantity of one row whose mean, or sum, is a statistic.
type Loss struct {
	Kind  LossKind
	Above float64 // ConfidentError: the confidence beyond which an error counts
}

// LossKind names a loss.
type LossKind uint8

// The losses. Those of the target do not depend on a model.
const (
	LogLoss        LossKind = iota + 1 // -ln of the probability of the true class, clipped as scikit-learn does
	Brier                              // squared distance of the probabilities from the truth
	ConfidentError                     // 1 where the answer is wrong and the highest probability is above Above
	AbsoluteError                      // |prediction - target|
	SquaredError                       // (prediction - target)^2
	Target                             // the target itself
	TargetSquared                      // its square, without rounding
)

func (l Loss) ofTarget() bool { return l.Kind == Target || l.Kind == TargetSquared }

// epsilon is the distance from 0 and 1 to which scikit-learn (since 1.2) clips
// probabilities in log_loss: numpy.finfo(float64).eps.
const epsilon = 0x1p-52

// terms are a loss's addends for each row of a batch. Where one double does
// not hold an addend exactly, rest holds what is left; else it is nil.
type terms struct{ main, rest []float64 }

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
	t.resize(b.Rows, l.ofTarget())
	if l.ofTarget() {
		l.fillTarget(t, b)
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
			if top > l.Above && m.Class[i] != b.Label[i] {
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
		panic(fmt.Sprintf("summary: no loss of kind %d", l.Kind))
	}
}

// fillTarget keeps both halves of each product: a variance is the small
// difference of large sums.
func (l Loss) fillTarget(t *terms, b *Batch) {
	for i, y := range b.Target {
		p, e := y, 0.0
		if b.Weight != nil {
			p, e = product(b.Weight[i], y)
		}
		if l.Kind == TargetSquared {
			q, f := product(p, y)
			p, e = q, f+e*y
		}
		t.main[i], t.rest[i] = p, e
	}
}

// product is x*y as a rounded value and its exact rounding error.
func product(x, y float64) (p, e float64) {
	p = x * y
	return p, math.FMA(x, y, -p)
}

func union(a, b []Loss) []Loss {
	all := slices.Clone(a)
	for _, l := range b {
		if !slices.Contains(all, l) {
			all = append(all, l)
		}
	}
	return all
}
