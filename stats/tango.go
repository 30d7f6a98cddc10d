package stats

import "math"

// TangoZ is the score statistic of the hypothesis that the true change is delta:
//
//	(b - c - N delta) / sqrt(N (2q + delta(1-delta)))
//
// where b rows are gained, c are lost, and q is the likeliest share of lost rows
// under the hypothesis. It is near standard normal; it falls as delta rises.
// Where the hypothesis leaves no variance (|delta| = 1, or nothing changed and
// delta = 0) it is 0 if the data are what the hypothesis says, else infinite.
// Tango (1998), Statistics in Medicine 17.
func (p Paired) TangoZ(delta float64) (float64, error) {
	if err := p.check(); err != nil {
		return math.NaN(), err
	}
	if !(delta >= -1 && delta <= 1) {
		return math.NaN(), invalid("a change of %v is not in -1 to 1", delta)
	}
	return tangoZ(float64(p.Gained), float64(p.Lost), float64(p.N), delta), nil
}

func tangoZ(b, c, n, delta float64) float64 {
	if delta < 0 { // so that gains and losses can change places to the last digit
		return -tangoZ(c, b, n, -delta)
	}
	distance := b - c - n*delta
	variance := n * (2*tangoShare(b, c, n, delta) + delta*(1-delta))
	if variance <= 0 || distance == 0 {
		return times(distance, math.Inf(1))
	}
	return distance / math.Sqrt(variance)
}

// tangoShare is the likeliest share of lost rows where the change is delta >= 0,
// the larger root of 2n q^2 + B q + C.
func tangoShare(b, c, n, delta float64) float64 {
	B := -b - c + (2*n-b+c)*delta
	C := -c * delta * (1 - delta)
	D := math.Sqrt(max(B*B-8*n*C, 0))
	q := (D - B) / (4 * n)
	if B > 0 {
		q = -2 * C / (B + D)
	}
	return within(q, 0, 1)
}

// Tango is the interval of the true change: the changes that the score test does
// not reject at (1-level)/2 on either side. It is sound for any counts, also
// where nothing changed. Tango (1998).
func (p Paired) Tango(level float64) (Interval, error) {
	if err := p.check(); err != nil {
		return noInterval, err
	}
	if err := checkLevel(level); err != nil {
		return noInterval, err
	}
	b, c, n := float64(p.Gained), float64(p.Lost), float64(p.N)
	z := zOf((1 - level) / 2)
	change := (b - c) / n
	low := root(func(d float64) float64 { return tangoZ(b, c, n, d) - z }, -1, change)
	high := root(func(d float64) float64 { return tangoZ(b, c, n, d) + z }, change, 1)
	return Interval{low, high, level}, nil
}

// TangoAbove is the one-sided P of the hypothesis that the true change is at most
// delta: small where it is more. TangoBelow is that of "at least delta".
func (p Paired) TangoAbove(delta float64) (Test, error) {
	z, err := p.TangoZ(delta)
	return Test{z, NormalUpper(z)}, err
}

// TangoBelow is the one-sided P of the hypothesis that the true change is at
// least delta: small where it is less.
func (p Paired) TangoBelow(delta float64) (Test, error) {
	z, err := p.TangoZ(delta)
	return Test{z, NormalLower(z)}, err
}
