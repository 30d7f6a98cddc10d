package stats

import "math"

// Tests of two samples' counts of the same bins, in the order of what is in them: values
// in one bin are taken for equal, and no difference within one is seen.

// mostGroups is how many groups of neighbouring bins are told apart: what is equal in
// a two-hundredth of the values makes no difference to the test.
const mostGroups = 200

// CramerVonMisesCounted is the test by nm/N times the mean squared difference of two
// distribution functions at the ends of bins, over both samples' values: of numbers in
// bins, or of ones of which many are equal, where CramerVonMises is wrong. Under the
// hypothesis it is a sum of chi-squares, each of one degree, weighted with the eigenvalues
// of the covariance of the differences; P is that of the chi-square that has its first
// three moments. Imhof (1961), Biometrika 48.
func CramerVonMisesCounted(x, y []float64) (Test, error) {
	n, m, err := totals(x, y)
	if err != nil {
		return noTest, err
	}
	if n < 2 || m < 2 {
		return noTest, undefined("samples of %v and %v values", n, m)
	}
	total := n + m
	var weight, below []float64 // of groups: their share of all values, and that of those up to their ends
	t, i, j, share := 0.0, 0.0, 0.0, 0.0
	for k := range x {
		i, j, share = i+x[k], j+y[k], share+(x[k]+y[k])/total
		if share < 1./mostGroups && k < len(x)-1 || share == 0 {
			continue
		}
		d := i/n - j/m
		t += share * d * d
		weight, below = append(weight, share), append(below, (i+j)/total)
		share = 0
	}
	t *= n * m / total
	if len(weight) < 2 {
		return noTest, undefined("one value only")
	}
	return Test{t, weighted(t, weight, below, total/(total-1))}, nil
}

// weighted is the upper tail of the sum over groups of weight B(below)^2, where B is a
// Brownian bridge times the root of a scale.
func weighted(t float64, weight, below []float64, scale float64) float64 {
	k := len(weight)
	a := newMatrix(k)
	for i := range k {
		for j := range k {
			a.cells[i*k+j] = scale * math.Sqrt(weight[i]*weight[j]) * (min(below[i], below[j]) - below[i]*below[j])
		}
	}
	// Traces of powers: of the matrix, and by rows of its square.
	var c1, c2, c3 float64
	for i := range k {
		c1 += a.at(i, i)
		row := a.cells[i*k : (i+1)*k]
		for j := range k {
			c2 += row[j] * row[j]
			other, product := a.cells[j*k:(j+1)*k], 0.0
			for l, v := range row {
				product += v * other[l]
			}
			c3 += row[j] * product
		}
	}
	df := c2 * c2 * c2 / (c3 * c3)
	return ChiSquareUpper(max(0, (t-c1)*math.Sqrt(df/c2)+df), df)
}

// cramerVonMises is the test of Anderson's U.
func cramerVonMises(u, n, m float64) Test {
	total, k := n+m, n*m
	t := u/(k*total) - (4*k-1)/(6*total)
	mean := (1 + 1/total) / 6
	variance := (total + 1) * (4*k*total - 3*(n*n+m*m) - 2*k) / (45 * total * total * 4 * k)
	return Test{t, cramerVonMisesUpper(1./6 + (t-mean)/math.Sqrt(45*variance))}
}

// AndersonDarlingCounted is AndersonDarling of values that are in bins.
func AndersonDarlingCounted(x, y []float64) (Test, error) {
	n, m, err := totals(x, y)
	if err != nil {
		return noTest, err
	}
	total, bins, sum, i, j := n+m, 0, 0.0, 0.0, 0.0
	for k := range x {
		if x[k]+y[k] == 0 {
			continue
		}
		bins++
		sum += andersonTerm(n, m, i, j, x[k], y[k])
		i, j = i+x[k], j+y[k]
	}
	if total < 4 || bins < 2 {
		return noTest, undefined("samples of %v and %v values that do not vary enough", n, m)
	}
	return andersonDarling(sum, n, m), nil
}

// andersonTerm is that of values that are equal, of which the samples have so many, and
// so many that are smaller.
func andersonTerm(n, m, beforeA, beforeB, a, b float64) float64 {
	total, ties := n+m, a+b
	below := beforeA + beforeB + ties/2
	weight := below*(total-below) - total*ties/4
	midA := total*(beforeA+a/2) - below*n
	midB := total*(beforeB+b/2) - below*m
	return ties / total * (midA*midA/n + midB*midB/m) / weight
}

func andersonDarling(sum, n, m float64) Test {
	total := n + m
	z := (sum*(total-1)/total - 1) / math.Sqrt(andersonVariance(n, m))
	return Test{z, andersonP(z)}
}
