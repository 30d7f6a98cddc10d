package drift

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/noworse/noworse/stats"
)

// Vectors of two tables are compared by the maximum mean discrepancy of a Gaussian kernel:
// the distance of the tables' means in the kernel's space, which is 0 for equal
// distributions alone. Gretton, Borgwardt, Rasch, Scholkopf and Smola (2012), Journal of
// Machine Learning Research 13. The kernel is the product of fixed features, cosines and
// sines of drawn frequencies, so that sums over rows will do: Rahimi and Recht (2007), Random
// Features for Large-Scale Kernel Machines, NeurIPS 20.

const (
	frequencies    = 128 // two features of each
	bandwidthRows  = 500 // whose distances from each other have the median that is the bandwidth
	frequencySeed  = 1   // another seed makes other features, which do not merge with these
	leastForVector = 10  // rows of a table
)

// VectorLimit is from which distance vectors have drifted, unless the user says otherwise:
// about that of normal vectors all of whose coordinates moved by a quarter of their
// standard deviation.
const VectorLimit = .2

// Kernel is what tells vectors apart. The reference fixes it.
type Kernel struct {
	dimensions int
	weights    *mat.Dense // a frequency in each row
}

// NewKernel makes a kernel for vectors like these, of the reference: its bandwidth is the
// median distance of some of them. The same vectors in the same order make the same kernel.
// Undefined where there are too few, or half of them are equal; invalid where they have
// different lengths, or a number is none.
func NewKernel(vectors [][]float64) (*Kernel, error) {
	if len(vectors) < leastForVector {
		return nil, fmt.Errorf("%w: %d vectors", stats.ErrUndefined, len(vectors))
	}
	k := &Kernel{dimensions: len(vectors[0])}
	var some [][]float64
	for i := range min(len(vectors), bandwidthRows) {
		v := vectors[i*len(vectors)/min(len(vectors), bandwidthRows)]
		if err := k.check(v); err != nil {
			return nil, err
		}
		some = append(some, v)
	}
	var distances []float64
	for i, a := range some {
		for _, b := range some[:i] {
			squares := 0.0
			for j := range a {
				squares += square(a[j] - b[j])
			}
			distances = append(distances, math.Sqrt(squares))
		}
	}
	slices.Sort(distances)
	bandwidth := distances[len(distances)/2]
	if !(bandwidth > 0) || math.IsInf(bandwidth, 1) {
		return nil, fmt.Errorf("%w: the median distance of the reference's vectors is %v", stats.ErrUndefined, bandwidth)
	}
	random := rand.New(rand.NewPCG(frequencySeed, 0))
	k.weights = mat.NewDense(frequencies, k.dimensions, nil)
	for f := range frequencies {
		for j := range k.dimensions {
			// Half a step from 0, where the quantile is not finite.
			k.weights.Set(f, j, stats.NormalQuantile((float64(random.Uint64()>>12)+.5)/(1<<52))/bandwidth)
		}
	}
	return k, nil
}

func (k *Kernel) check(v []float64) error {
	if len(v) != k.dimensions || k.dimensions == 0 {
		return fmt.Errorf("%w: a vector of %d numbers, of %d", stats.ErrInvalid, len(v), k.dimensions)
	}
	for _, x := range v {
		if x-x != 0 {
			return fmt.Errorf("%w: a vector holds %v", stats.ErrInvalid, x)
		}
	}
	return nil
}

// Vectors are sums of features over rows. They merge.
type Vectors struct {
	kernel   *Kernel
	n        int
	sum      *mat.VecDense
	products *mat.SymDense
}

// Vectors has no rows yet.
func (k *Kernel) Vectors() *Vectors {
	return &Vectors{kernel: k, sum: mat.NewVecDense(2*frequencies, nil), products: mat.NewSymDense(2*frequencies, nil)}
}

// Add takes in a row's vector.
func (v *Vectors) Add(x []float64) error {
	if err := v.kernel.check(x); err != nil {
		return err
	}
	var angles mat.VecDense
	angles.MulVec(v.kernel.weights, mat.NewVecDense(len(x), x))
	features := mat.NewVecDense(2*frequencies, nil)
	scale := math.Sqrt(1. / frequencies) // so that a row's features have length 1
	for f := range frequencies {
		sin, cos := math.Sincos(angles.AtVec(f))
		features.SetVec(2*f, scale*cos)
		features.SetVec(2*f+1, scale*sin)
	}
	v.n++
	v.sum.AddVec(v.sum, features)
	v.products.SymRankOne(v.products, 1, features)
	return nil
}

// Merge takes in other rows, of the same kernel.
func (v *Vectors) Merge(o *Vectors) error {
	if v.kernel != o.kernel {
		return fmt.Errorf("%w: the vectors were told apart by different kernels", stats.ErrInvalid)
	}
	v.n += o.n
	v.sum.AddVec(v.sum, o.sum)
	v.products.AddSym(v.products, o.products)
	return nil
}

// mean is that of the features, with their covariance.
func (v *Vectors) mean() (*mat.VecDense, *mat.SymDense) {
	n := float64(v.n)
	mean, covariance := mat.NewVecDense(2*frequencies, nil), mat.NewSymDense(2*frequencies, nil)
	mean.ScaleVec(1/n, v.sum)
	covariance.SymRankOne(v.products, -n, mean)
	covariance.ScaleSym(1/(n-1), covariance)
	return mean, covariance
}

// Discrepancy is how far vectors of two tables are apart.
type Discrepancy struct {
	// Square estimates the square of the maximum mean discrepancy without bias; by chance it
	// may be below 0.
	Square   float64
	Interval stats.Interval
	// Distance is its root over how far the reference's rows are from their mean in the
	// kernel's space.
	Distance float64
	P        float64 // of equal distributions
}

// Drifted says whether the vectors have moved: by more than chance, and by more than
// matters.
func (d *Discrepancy) Drifted(limit, alpha float64) bool { return d.P <= alpha && d.Distance > limit }

// CompareVectors compares vectors of one kernel. With Omega the covariance of the difference of both
// means, the square of its length is about tr(Omega^2)/tr(Omega) times chi-square with
// tr(Omega)^2/tr(Omega^2) degrees of freedom, if the distributions are equal: Zhang, Guo, Zhou
// and Cheng (2020), Journal of the American Statistical Association 115; traces of squares are
// without bias, after Bai and Saranadasa (1996), Statistica Sinica 6.
func CompareVectors(reference, current *Vectors, level float64) (*Discrepancy, error) {
	if reference.kernel != current.kernel {
		return nil, fmt.Errorf("%w: the vectors were told apart by different kernels", stats.ErrInvalid)
	}
	if min(reference.n, current.n) < leastForVector {
		return nil, fmt.Errorf("%w: %d vectors of the reference and %d current ones", stats.ErrUndefined, reference.n, current.n)
	}
	n, m := float64(reference.n), float64(current.n)
	meanR, r := reference.mean()
	meanC, c := current.mean()
	var apart, along mat.VecDense
	apart.SubVec(meanC, meanR)
	length := mat.Dot(&apart, &apart)
	trace := mat.Trace(r)/n + mat.Trace(c)/m
	squares := traceOfSquare(r, n)/(n*n) + traceOfSquare(c, m)/(m*m) + 2*traceOfProduct(r, c)/(n*m)
	if !(trace > 0 && squares > 0 && mat.Trace(r) > 0) {
		return nil, fmt.Errorf("%w: the vectors do not vary", stats.ErrUndefined)
	}
	d := &Discrepancy{Square: length - trace, P: stats.ChiSquareUpper(length*trace/squares, trace*trace/squares)}
	d.Distance = math.Sqrt(max(d.Square, 0) / mat.Trace(r))
	along.MulVec(r, &apart)
	variance := 4*mat.Dot(&apart, &along)/n + 2*squares
	along.MulVec(c, &apart)
	variance += 4 * mat.Dot(&apart, &along) / m
	d.Interval = orNoInterval(stats.Estimate{Value: d.Square, SE: math.Sqrt(variance), DF: math.Inf(1)}.Interval(level))
	return d, nil
}

func traceOfProduct(a, b *mat.SymDense) float64 {
	sum := 0.0
	for i := range 2 * frequencies {
		for j := range 2 * frequencies {
			sum += a.At(i, j) * b.At(i, j)
		}
	}
	return sum
}

// traceOfSquare is that of the true covariance, estimated from that of n rows.
func traceOfSquare(s *mat.SymDense, n float64) float64 {
	return (n - 1) * (n - 1) / ((n - 2) * (n + 1)) * (traceOfProduct(s, s) - square(mat.Trace(s))/(n-1))
}
