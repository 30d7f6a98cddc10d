package evidence

import "github.com/noworse/noworse/stats"

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
