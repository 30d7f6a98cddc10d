package stats

import "math"

// root is where f, monotone between low and high, crosses zero, to the last
// few bits. Where the ends have one sign there is no crossing, and it is the end
// whose value is nearer zero. Chandrupatla (1997), Advances in Engineering
// Software 28: inverse quadratic interpolation where it is safe, else bisection.
func root(f func(float64) float64, low, high float64) float64 {
	a, b := low, high
	fa, fb := f(a), f(b)
	if fa == 0 || fb == 0 || (fa > 0) == (fb > 0) {
		if math.Abs(fa) <= math.Abs(fb) {
			return a
		}
		return b
	}
	t := .5
	for range 200 {
		x := a + t*(b-a)
		fx := f(x)
		// c is the point left behind; a and b keep the crossing between them.
		c, fc := a, fa
		if (fx > 0) != (fa > 0) {
			c, fc = b, fb
			b, fb = a, fa
		}
		a, fa = x, fx
		best := a
		if math.Abs(fb) < math.Abs(fa) {
			best = b
		}
		limit := (2*epsilon*math.Abs(best) + 1e-300) / math.Abs(b-a)
		if limit > .5 || fa == 0 {
			return best
		}
		t = within(step(a, b, c, fa, fb, fc), limit, 1-limit)
	}
	return a
}

// step is how far towards b the next point lies.
func step(a, b, c, fa, fb, fc float64) float64 {
	xi, phi := (a-b)/(c-b), (fa-fb)/(fc-fb)
	if !(phi*phi < xi && (1-phi)*(1-phi) < 1-xi) {
		return .5
	}
	return fa/(fb-fa)*fc/(fb-fc) + (c-a)/(b-a)*fa/(fc-fa)*fb/(fc-fb)
}

// epsilon is half the distance from 1 to the next number.
const epsilon = 1.0 / (1 << 53)
