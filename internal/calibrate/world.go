package main

import (
	"math"
	"math/rand/v2"

	"github.com/noworse/noworse/stats"
)

// world is a population of rows and two models whose true quality is known.
//
// Of a binary task, a row's logit by a model is normal about +mu for a positive
// row and about -mu for a negative one, with standard deviation spread; the two
// models' logits correlate. A score is the logistic function of slope times the
// logit, so that it is the true probability where both classes are as frequent;
// from .5 on a row is taken for positive. So recall and specificity are
// Phi(mu/spread), and the area under the ROC curve is Phi(sqrt 2 mu/spread).
//
// Of a regression, the target is normal, and so are the errors of either model.
type world struct {
	positive    float64 // share of the positive class
	mu, worse   float64 // of the baseline, and how much smaller the candidate's is
	correlation float64 // of the two models' logits or errors
	regression  bool
}

const (
	spread = 1.6
	slope  = 2 / spread // 2 mu/spread^2 where mu is spread: scores are true probabilities
)

// discordance is the share of rows that only one of two equally good models has
// right.
func discordance(mu, correlation float64) float64 {
	shared, own := spread*math.Sqrt(correlation), spread*math.Sqrt(1-correlation)
	return expect(func(u float64) float64 {
		right := 1 - stats.NormalUpper((mu+shared*u)/own)
		return 2 * right * (1 - right)
	})
}

// expect is the mean of f over a standard normal, by the trapezoid rule: for
// what is smooth it is exact to many digits.
func expect(f func(float64) float64) float64 {
	const step = 1. / 64
	sum := 0.0
	for i := -8 * 64; i <= 8*64; i++ {
		x := float64(i) * step
		sum += f(x) * math.Exp(-x*x/2)
	}
	return sum * step / math.Sqrt(2*math.Pi)
}

// correlationFor is the correlation that gives a discordance between models that
// are right on Phi(1) of the rows.
func correlationFor(wanted float64) float64 {
	low, high := 0.0, 1.0
	for range 60 {
		if middle := (low + high) / 2; discordance(spread, middle) > wanted {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// draw makes rows. hurt, where it is not nil, says which rows the candidate gets
// wrong where both models would have them right with chance harm.
func (w world) draw(random *rand.Rand, n int) *set {
	s := &set{binary: !w.regression, old: make([]float64, n), new: make([]float64, n)}
	shared, own := math.Sqrt(w.correlation), math.Sqrt(1-w.correlation)
	if w.regression {
		s.target = make([]float64, n)
		for i := range n {
			s.target[i] = random.NormFloat64()
			u := shared * random.NormFloat64()
			s.old[i] = s.target[i] + u + own*random.NormFloat64()
			s.new[i] = s.target[i] + (1+w.worse)*(u+own*random.NormFloat64())
		}
		return s
	}
	s.label = make([]int64, n)
	for i := range n {
		side := -1.0
		if random.Float64() < w.positive {
			s.label[i], side = 1, 1
		}
		u := shared * random.NormFloat64()
		s.old[i] = score(side*w.mu + spread*(u+own*random.NormFloat64()))
		s.new[i] = score(side*(w.mu-w.worse) + spread*(u+own*random.NormFloat64()))
	}
	return s
}

func score(logit float64) float64 { return 1 / (1 + math.Exp(-slope*logit)) }

// hurt makes the candidate wrong on rows of a slice that both models have right,
// each with such a chance that accuracy falls by drop there. (A score of s for
// one class is one of 1 - s for the other.)
func (s *set) hurt(random *rand.Rand, slice int, drop, bothRight float64) {
	for i, y := range s.label {
		if s.slices[slice][i/64]>>(i%64)&1 == 0 || (s.old[i] >= .5) != (y == 1) || (s.new[i] >= .5) != (y == 1) {
			continue
		}
		if random.Float64() < drop/bothRight {
			s.new[i] = 1 - s.new[i]
			if s.new[i] == .5 { // the other class has it
				s.new[i] = math.Nextafter(.5, 0)
			}
		}
	}
}

// truth is the values of a model in the whole population.
func (w world) truth(worse float64) map[string]float64 {
	if w.regression {
		sd := 1 + worse
		r := 1 / math.Sqrt(1+sd*sd) // the target has a standard deviation of 1
		return map[string]float64{
			"rmse": sd, "mse": sd * sd, "mae": sd * math.Sqrt(2/math.Pi), "median_absolute_error": -stats.NormalQuantile(.25) * sd,
			"pearson": r, "spearman": 6 / math.Pi * math.Asin(r/2),
		}
	}
	mu := w.mu - worse
	right := 1 - stats.NormalUpper(mu/spread)
	tp, fn := w.positive*right, w.positive*(1-right)
	fp, tn := (1-w.positive)*(1-right), (1-w.positive)*right
	mean, largest := w.miscalibration(mu)
	logit := func(u float64) float64 { return slope * (mu + spread*u) } // in favour of the true class, whichever it is
	return map[string]float64{
		"accuracy":  right,
		"recall":    right,
		"precision": tp / (tp + fp),
		"f1":        2 * tp / (2*tp + fp + fn),
		"mcc":       (tp*tn - fp*fn) / math.Sqrt((tp+fp)*(tp+fn)*(tn+fp)*(tn+fn)),
		"roc_auc":   1 - stats.NormalUpper(math.Sqrt2*mu/spread),
		"average_precision": expect(func(u float64) float64 { // of the rows above a positive one
			positive, negative := w.positive*stats.NormalUpper(u), (1-w.positive)*stats.NormalUpper(u+2*mu/spread)
			return positive / (positive + negative)
		}),
		"ece": mean, "max_calibration_error": largest,
		"log_loss": expect(func(u float64) float64 { return math.Log1p(math.Exp(-logit(u))) }),
		"brier":    expect(func(u float64) float64 { p := 1 / (1 + math.Exp(logit(u))); return p * p }),
	}
}

// miscalibration is the mean and the largest error of ten bins of the scores, in fine
// steps of the logit.
func (w world) miscalibration(mu float64) (mean, largest float64) {
	const steps, most = 400_000, 12.
	density := func(u float64) float64 { return math.Exp(-u*u/2) / math.Sqrt(2*math.Pi) }
	var rows, errors [10]float64
	for i := range steps {
		u := most * (2*(float64(i)+.5)/steps - 1) // logits over the spread
		positive, negative := w.positive*density(u-mu/spread), (1-w.positive)*density(u+mu/spread)
		s := score(spread * u)
		bin := min(int(10*s), 9)
		rows[bin] += positive + negative
		errors[bin] += s*(positive+negative) - positive
	}
	for bin, all := range rows {
		mean += math.Abs(errors[bin]) * 2 * most / steps
		largest = max(largest, math.Abs(errors[bin])/all)
	}
	return mean, largest
}

// scatter makes slices of so many rows of a set, each drawn apart.
func (s *set) scatter(random *rand.Rand, sizes []int) {
	n := len(s.old)
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	for _, size := range sizes {
		mask := make([]uint64, (n+63)/64)
		for i := range min(size, n) { // the first steps of a shuffle
			j := i + random.IntN(n-i)
			order[i], order[j] = order[j], order[i]
			mask[order[i]/64] |= 1 << (order[i] % 64)
		}
		s.slices = append(s.slices, mask)
	}
}

// split makes slices of so many rows that share none.
func (s *set) split(slices int) {
	n := len(s.old)
	for k := range slices {
		mask := make([]uint64, (n+63)/64)
		for i := k * n / slices; i < (k+1)*n/slices; i++ {
			mask[i/64] |= 1 << (i % 64)
		}
		s.slices = append(s.slices, mask)
	}
}
