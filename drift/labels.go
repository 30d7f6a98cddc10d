package drift

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/noworse/noworse/stats"
)

// Label shift is that the labels' shares change, and rows of one label stay as they were:
// more patients are ill, and the ill look as before. Then the shares of predictions say
// what the shares of labels are, though no current row has one: with A the chance of each
// prediction by label, known from the reference, and m the current predictions' shares,
// the labels' are q = A^-1 m. Lipton, Wang and Smola (2018), Detecting and Correcting for
// Label Shift with Black Box Predictors, ICML.

const (
	// LabelLimit is from which total variation distance labels have shifted, unless the
	// user says otherwise: about that of a normal column shifted by a quarter of its
	// standard deviation, 2 Phi(.125) - 1.
	LabelLimit = .1
	// mostCondition is the condition number of A from which q is refused: by so much
	// errors of the predictions' shares may grow.
	mostCondition = 30
	// leastNegative is the chance, over the number of labels, below which a share under 0
	// is no noise.
	leastNegative = .01
)

// Labels is what the predictions say about the labels' shares.
type Labels struct {
	Shares []LabelShare // of each label, in order
	// Distance is half the sum of |current - reference|: the share of rows that would have
	// to change their label.
	Distance float64
	// P is of the hypothesis that the labels have not shifted: chi-square on the predictions'
	// counts, which are shares of one population if and only if the labels are.
	P float64
	// Smallest is the smallest singular value of A, and Condition the largest over it.
	Smallest, Condition float64
}

// LabelShare is one label's.
type LabelShare struct {
	Reference float64
	Current   float64        // estimated, at least 0
	Interval  stats.Interval // of the current one
	// Weight is by how much more or less often the label occurs: Current over Reference.
	Weight float64
}

// Drifted says whether the labels have shifted: by more than chance, and by more than
// matters.
func (l *Labels) Drifted(limit, alpha float64) bool { return l.P <= alpha && l.Distance > limit }

// RefusedError is that the labels' shares cannot be told from these predictions.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return e.Reason }

func refused(format string, args ...any) error {
	return &RefusedError{fmt.Sprintf(format, args...)}
}

// LabelShift estimates the labels' shares. confusion[i][j] counts the reference's rows with
// prediction i and label j, the same labels in the same order; current counts the current
// rows by prediction. Rows must be independent, and the reference's not those that the
// model was fit to. Intervals are by the delta method. An error is *RefusedError, or
// stats.ErrInvalid where no tables are so.
func LabelShift(confusion [][]uint64, current []uint64, level float64) (*Labels, error) {
	k := len(current)
	if len(confusion) != k || k < 2 {
		return nil, fmt.Errorf("%w: %d predictions in the reference and %d current ones", stats.ErrInvalid, len(confusion), k)
	}
	r, err := newRates(confusion, current)
	if err != nil {
		return nil, err
	}
	l := &Labels{}
	if l.Smallest, l.Condition, err = r.conditioned(); err != nil {
		return nil, err
	}
	var inverse, shares mat.Dense
	if err := inverse.Inverse(r.a); err != nil {
		return nil, refused("the model's confusion matrix has no inverse")
	}
	shares.Mul(&inverse, r.current)
	variances := r.variances(&inverse, &shares)
	if err := l.take(r, &shares, variances, level); err != nil {
		return nil, err
	}
	test, err := stats.ChiSquare(r.predicted, r.now)
	if err != nil {
		return nil, refused("all rows of both tables have one prediction")
	}
	l.P = test.P
	return l, nil
}

// rates are the shares that an estimate is made of.
type rates struct {
	k              int
	a              *mat.Dense // of predictions, by label in columns
	labels         []float64  // rows of the reference by label
	predicted, now []float64  // rows of the reference and current ones by prediction
	current        *mat.Dense // shares of predictions, a column
	rows, nowRows  float64
}

func newRates(confusion [][]uint64, current []uint64) (*rates, error) {
	k := len(current)
	r := &rates{k: k, a: mat.NewDense(k, k, nil), current: mat.NewDense(k, 1, nil), labels: make([]float64, k), predicted: make([]float64, k), now: make([]float64, k)}
	for i, row := range confusion {
		if len(row) != k {
			return nil, fmt.Errorf("%w: %d labels of prediction %d, of %d", stats.ErrInvalid, len(row), i, k)
		}
		for j, n := range row {
			r.labels[j] += float64(n)
			r.predicted[i] += float64(n)
			r.a.Set(i, j, float64(n))
		}
		r.now[i] = float64(current[i])
		r.nowRows += r.now[i]
	}
	for j, n := range r.labels {
		if n < 2 {
			return nil, refused("label %d of %d has %v rows in the reference: what the model predicts for it is not known", j+1, k, n)
		}
		r.rows += n
		for i := range k {
			r.a.Set(i, j, r.a.At(i, j)/n)
		}
	}
	if r.nowRows == 0 {
		return nil, refused("there are no current rows")
	}
	for i, n := range r.now {
		r.current.Set(i, 0, n/r.nowRows)
	}
	return r, nil
}

// conditioned refuses a matrix that is singular, nearly so, or could be but for noise: by
// Weyl's inequality a singular value is off by at most the norm of the matrix of errors,
// which for independent errors is some 2/sqrt(k) of its Frobenius norm.
func (r *rates) conditioned() (smallest, condition float64, err error) {
	var svd mat.SVD
	if !svd.Factorize(r.a, mat.SVDNone) {
		return 0, 0, refused("the model's confusion matrix has no singular values")
	}
	values := svd.Values(nil)
	smallest, condition = values[r.k-1], values[0]/values[r.k-1]
	squares := 0.0
	for j, n := range r.labels {
		squares += 1 / n
		for i := range r.k {
			squares -= r.a.At(i, j) * r.a.At(i, j) / n
		}
	}
	noise := 2 * math.Sqrt(max(squares, 0)/float64(r.k))
	switch {
	case !(condition <= mostCondition):
		return 0, 0, refused("the model hardly tells some labels apart: the condition number of its confusion matrix is %.3g, and above %d errors grow too much", condition, mostCondition)
	case smallest <= noise:
		return 0, 0, refused("the reference has too few rows to say how the model takes one label for another: the smallest singular value of its confusion matrix is %.3g, and chance alone makes %.3g", smallest, noise)
	}
	return smallest, condition, nil
}

// variances are those of the shares: of the current predictions, a multinomial sample, and
// of each column of A, one too, that counts with the square of the label's share.
func (r *rates) variances(inverse, shares *mat.Dense) []float64 {
	list := make([]float64, r.k)
	add := func(column func(i int) float64, weight float64) {
		for l := range list {
			mean, squares := 0.0, 0.0
			for i := range r.k {
				mean += inverse.At(l, i) * column(i)
				squares += inverse.At(l, i) * inverse.At(l, i) * column(i)
			}
			list[l] += weight * max(squares-mean*mean, 0)
		}
	}
	add(func(i int) float64 { return r.current.At(i, 0) }, 1/r.nowRows)
	for j, n := range r.labels {
		share := shares.At(j, 0)
		add(func(i int) float64 { return r.a.At(i, j) }, share*share/n)
	}
	return list
}

// take keeps the shares; those a little below 0 are 0, and then the others less, so that
// all make 1.
func (l *Labels) take(r *rates, shares *mat.Dense, variances []float64, level float64) error {
	whole := 0.0
	for j, v := range variances {
		share, se := shares.At(j, 0), math.Sqrt(v)
		if share < 0 && stats.NormalLower(share/se) < leastNegative/float64(r.k) {
			return refused("label %d of %d would have a share of %.3g, with a standard error of %.3g: the labels' shares alone do not explain the predictions", j+1, r.k, share, se)
		}
		in, err := stats.Estimate{Value: share, SE: se, DF: math.Inf(1)}.Interval(level)
		in = orNoInterval(in, err)
		in.Low, in.High = clip(in.Low), clip(in.High)
		l.Shares = append(l.Shares, LabelShare{Reference: r.labels[j] / r.rows, Current: max(share, 0), Interval: in})
		whole += max(share, 0)
	}
	for j := range l.Shares {
		s := &l.Shares[j]
		s.Current /= whole
		s.Weight = s.Current / s.Reference
		l.Distance += math.Abs(s.Current-s.Reference) / 2
	}
	return nil
}

// clip keeps a share in 0 to 1, and NaN.
func clip(x float64) float64 { return min(max(x, 0), 1) }
