package summary

import (
	"math"

	"pgregory.net/rapid"
)

// compareMiscalibration works one slice's sums out from the definition.
func compareMiscalibration(t *rapid.T, shape Shape, v View, list []row, what Calibration) {
	got, ok := v.Miscalibration(what, true)
	if ok == shape.Weighted {
		t.Fatalf("miscalibration of rows with weights %v: %v", shape.Weighted, ok)
	}
	if !ok {
		return
	}
	errorOf := func(r row, model int) (bin int, e float64) {
		confidence, hit := r.score[model], r.label == 1
		if what.Top {
			confidence, hit = max(r.score[model], 1-r.score[model]), [2]uint16{r.candidate, r.baseline}[model] == r.label
		}
		if e = confidence; hit {
			e--
		}
		return int(min(confidence*float64(what.Bins), float64(what.Bins-1))), e
	}
	sums := [2]map[int]float64{{}, {}}
	for _, r := range list {
		for m := range sums {
			bin, e := errorOf(r, m)
			sums[m][bin] += e
		}
	}
	var want Miscalibration
	for _, r := range list {
		i, u := errorOf(r, 0)
		j, w := errorOf(r, 1)
		want.Squares[0] += u * u
		want.Squares[1] += w * w
		want.Together += math.Abs(u - w)
		want.Shifts += (u - w) * (u - w)
		switch {
		case math.Abs(sums[0][i]) < 1e-9 || math.Abs(sums[1][j]) < 1e-9:
			return // the sign is rounding's
		case (sums[0][i] < 0) == (sums[1][j] < 0):
			want.Apart += (u - w) * (u - w)
		default:
			want.Apart += (u + w) * (u + w)
		}
	}
	for i, x := range [][2]float64{{got.Squares[0], want.Squares[0]}, {got.Squares[1], want.Squares[1]}, {got.Apart, want.Apart}, {got.Together, want.Together}, {got.Shifts, want.Shifts}} {
		if math.Abs(x[0]-x[1]) > 1e-9 {
			t.Fatalf("miscalibration in %v, sum %d: %v, want %v", what, i, x[0], x[1])
		}
	}
}
