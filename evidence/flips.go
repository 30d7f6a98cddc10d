package evidence

import (
	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// OfFlips is where a true share of flips lies, and over how many groups of
// dependent rows that was seen (0: rows are independent); false where there is no
// method for it. With groups it is the ratio of what they count, whose variance is
// that of the groups' sums (Cochran 1977, Sampling Techniques, 9A).
func OfFlips(v summary.View, of metric.FlipShare, alpha float64) (in Value, groups uint64, ok bool) {
	rows, all := of.Count(v.Flips())
	if !v.Clustered() {
		in, ok = OfShare(rows, all, alpha)
		return in, 0, ok
	}
	if v.Weighted() || all == 0 { // clusters are of weight, and flips are rows
		return Value{}, 0, false
	}
	share := float64(rows) / float64(all)
	var squares, sizes float64
	v.EachCluster(func(times uint64, cells []summary.ClusterCell) {
		x, n := of.Count(flipsOf(cells))
		if n == 0 {
			return
		}
		influence := (float64(x) - share*float64(n)) / float64(all)
		groups += times
		squares += float64(times) * influence * influence
		sizes += float64(times) * float64(n) * float64(n)
	})
	if groups < LeastGroups {
		return Value{}, groups, false
	}
	n := float64(groups)
	s := signs{variance: squares * n / (n - 1), df: n - 1, most: sizes / float64(all) / float64(all)}
	in, ok = s.around(share, alpha, metric.Metric{Bounded: true})
	in.Method = "cluster"
	return in, groups, ok
}

// flipsOf counts the flips of a cluster whose rows have no weights.
func flipsOf(cells []summary.ClusterCell) summary.Flips {
	var f summary.Flips
	for _, c := range cells {
		f.Add(c.Label, c.Predicted, uint64(c.Weight))
	}
	return f
}

// OfShare is where the true share lies that so many rows of some estimate, if
// rows are independent; false where there are none.
func OfShare(rows, of uint64, alpha float64) (Value, bool) {
	in, err := stats.Wilson(int(rows), int(of), 1-alpha)
	if err != nil {
		return Value{}, false
	}
	return Value{Method: "wilson", Low: in.Low, High: in.High}, true
}

// Part is some rows, and how many of them are marked.
type Part struct{ Marked, Rows uint64 }

// Gathering says how rarely chance would put so many of the marked rows into a part.
type Gathering struct{ P, Adjusted float64 }

// Gather asks of each part of all rows whether marked rows are more frequent
// inside than outside: Fisher's exact one-sided test, given how many rows are
// marked and how many are in the part. Adjusted is after all parts (Holm). A part
// without rows, or with all of them, has no outside: its P is 1, and it counts
// all the same. Rows must be independent.
func Gather(all Part, parts []Part) []Gathering {
	chances := make([]float64, len(parts))
	for i, p := range parts {
		chances[i] = 1
		if p.Rows == 0 || p.Rows >= all.Rows || p.Marked > p.Rows || p.Marked > all.Marked {
			continue
		}
		marked := all.Marked - p.Marked
		t, err := stats.Fisher(int(p.Marked), int(p.Rows-p.Marked), int(marked), int(all.Rows-p.Rows-marked))
		chances[i] = chance(t.Greater, err)
	}
	adjusted, err := stats.Holm(chances)
	out := make([]Gathering, len(parts))
	for i := range parts {
		out[i] = Gathering{chances[i], 1}
		if err == nil {
			out[i].Adjusted = adjusted[i]
		}
	}
	return out
}
