package stats

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Bootstrap draws tables as likely as the one seen and looks how a statistic of
// them varies. Rows are drawn by their cells, so a replicate takes as many steps
// as there are cells, however many rows. The same seed gives the same replicates.
// Efron and Tibshirani (1993), An Introduction to the Bootstrap.
type Bootstrap struct {
	Seed       uint64
	Replicates int // 2,000 make a 95 % interval whose ends hold
}

// Replicates is the values of a statistic in drawn tables, in order.
type Replicates struct {
	Value     float64 // of what was seen
	Sorted    []float64
	Undefined int // tables in which the statistic has no value
}

// Cells draws multinomial tables of N rows with the seen shares. counts are whole.
// The statistic must not keep or change what it is given.
func (b Bootstrap) Cells(counts []float64, f func(counts []float64) float64) (Replicates, error) {
	total, err := checkCells(counts)
	if err != nil {
		return Replicates{Value: math.NaN()}, err
	}
	for _, n := range counts {
		if n != math.Trunc(n) || total >= 1<<53 {
			return Replicates{Value: math.NaN()}, invalid("a count of %v", n)
		}
	}
	drawn := make([]float64, len(counts))
	return b.draw(f(counts), func(random *rand.Rand) float64 {
		multinomial(random, counts, total, drawn)
		return f(drawn)
	})
}

// draw makes the replicates.
func (b Bootstrap) draw(value float64, replicate func(*rand.Rand) float64) (Replicates, error) {
	r := Replicates{Value: value}
	switch {
	case b.Replicates < 1:
		return r, invalid("%d replicates", b.Replicates)
	case !finite(value):
		return r, undefined("the value is %v", value)
	}
	random := rand.New(rand.NewPCG(b.Seed, 0))
	for range b.Replicates {
		if x := replicate(random); finite(x) {
			r.Sorted = append(r.Sorted, x)
		} else {
			r.Undefined++
		}
	}
	slices.Sort(r.Sorted)
	return r, nil
}

// check says whether the replicates say anything.
func (r Replicates) check() error {
	if len(r.Sorted) == 0 || r.Sorted[0] == r.Sorted[len(r.Sorted)-1] {
		return undefined("no replicate differs from another")
	}
	return nil
}

// Interval has the middle share level of the replicates. Tables without a value
// count as beyond both ends; where they are too many for that it is undefined.
func (r Replicates) Interval(level float64) (Interval, error) {
	if err := r.check(); err != nil {
		return noInterval, err
	}
	if err := checkLevel(level); err != nil {
		return noInterval, err
	}
	n := len(r.Sorted)
	k := int((1-level)/2*float64(n+r.Undefined+1)*(1+1e-12)) - r.Undefined
	if k < 1 {
		return noInterval, undefined("%d replicates, of which %d have no value, have no interval of level %v", n+r.Undefined, r.Undefined, level)
	}
	return Interval{r.Sorted[k-1], r.Sorted[n-k], level}, nil
}

// Above is the P of the hypothesis that the truth is at most null: the share of
// replicates that are, where the table seen counts as one and tables without a
// value do too. It is never below 1/(Replicates+1).
func (r Replicates) Above(null float64) (float64, error) {
	beyond, _ := slices.BinarySearchFunc(r.Sorted, null, func(x, null float64) int {
		if x <= null {
			return -1
		}
		return 1
	})
	return r.share(beyond, null)
}

// Below is the P of the hypothesis that the truth is at least null.
func (r Replicates) Below(null float64) (float64, error) {
	first, _ := slices.BinarySearch(r.Sorted, null)
	return r.share(len(r.Sorted)-first, null)
}

func (r Replicates) share(n int, null float64) (float64, error) {
	if err := r.check(); err != nil {
		return math.NaN(), err
	}
	if math.IsNaN(null) {
		return math.NaN(), invalid("a hypothesis of %v", null)
	}
	return float64(1+n+r.Undefined) / float64(1+len(r.Sorted)+r.Undefined), nil
}

// multinomial draws a table of as many rows with the same shares: cell by cell,
// of the rows and shares that are left.
func multinomial(random *rand.Rand, counts []float64, total float64, drawn []float64) {
	rows, left := total, total
	for k, n := range counts {
		drawn[k] = 0
		if n == 0 || rows == 0 {
			continue
		}
		if n >= left {
			drawn[k] = rows
		} else {
			drawn[k] = drawBinomial(random, rows, n/left)
		}
		rows -= drawn[k]
		left -= n
	}
}

// drawBinomial draws how many of n happen with chance p each: by inversion where
// few do, else by Hormann's transformed rejection, whose time does not grow with
// n. Hormann (1993), Journal of Statistical Computation and Simulation 46.
func drawBinomial(random *rand.Rand, n, p float64) float64 {
	switch {
	case p > .5:
		return n - drawBinomial(random, n, 1-p)
	case n*p < 10:
		return invertBinomial(random, n, p)
	}
	q, root := 1-p, math.Sqrt(n*p*(1-p))
	b := 1.15 + 2.53*root
	a := -.0873 + .0248*b + .01*p
	c, vr, alpha := n*p+.5, .92-4.2/b, (2.83+5.1/b)*root
	mode := math.Floor((n + 1) * p)
	atMode := math.NaN()
	for {
		u, v := random.Float64()-.5, random.Float64()
		us := .5 - math.Abs(u)
		k := math.Floor((2*a/us+b)*u + c)
		if us >= .07 && v <= vr {
			return k
		}
		if k < 0 || k > n {
			continue
		}
		if math.IsNaN(atMode) {
			atMode = logBinomial(mode, n, p, q)
		}
		if math.Log(v*alpha/(a/(us*us)+b)) <= logBinomial(k, n, p, q)-atMode {
			return k
		}
	}
}

// invertBinomial adds up chances from 0 on until they pass a uniform draw.
func invertBinomial(random *rand.Rand, n, p float64) float64 {
	chance := math.Exp(n * math.Log1p(-p))
	odds := p / (1 - p)
	u := random.Float64()
	k := 0.0
	for u > chance && k < n {
		u -= chance
		chance *= (n - k) / (k + 1) * odds
		k++
		if chance == 0 {
			break
		}
	}
	return k
}
