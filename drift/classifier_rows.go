package drift

import (
	"cmp"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/cespare/xxhash/v2"

	"github.com/noworse/noworse/profile"
)

// apartRows are the rows of both tables, those to learn from first, in an order that
// follows from what they hold.
type apartRows struct {
	current []bool // which table
	from    []int  // the row's place in its table's sample
	train   int    // how many are learnt from
}

// halves are those to learn from and those that are held out.
func (r *apartRows) halves() [2][]bool { return [2][]bool{r.current[:r.train], r.current[r.train:]} }

func classOf(is bool) int {
	if is {
		return 1
	}
	return 0
}

func countClasses(class []bool) (n [2]int) {
	for _, is := range class {
		n[classOf(is)]++
	}
	return n
}

// splitRows halves the rows by a hash of what they hold. Equal rows come on one side, so
// that what is one row, told several times, is not learnt and then recognised. Where more
// rows are equal than copies would be, the table is coarse, and they are shared out.
func splitRows(both []columnPair, reference, current int) *apartRows {
	type row struct {
		key     uint64
		current bool
		from    int
	}
	rows := make([]row, 0, reference+current)
	for i, key := range rowKeys(both, func(p columnPair) *profile.SampleColumn { return p.reference }, reference) {
		rows = append(rows, row{key, false, i})
	}
	for i, key := range rowKeys(both, func(p columnPair) *profile.SampleColumn { return p.current }, current) {
		rows = append(rows, row{key, true, i})
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.key, b.key) })
	copies := max(10, len(rows)/1000)
	var halves [2][]row
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].key == rows[0].key {
			n++
		}
		side := rows[0].key >> 63
		for i, r := range rows[:n] {
			if n > copies {
				side = (r.key>>62 + uint64(i)) & 1
			}
			halves[side] = append(halves[side], r)
		}
		rows = rows[n:]
	}
	r := &apartRows{train: len(halves[0])}
	for _, half := range halves {
		for _, x := range half {
			r.current = append(r.current, x.current)
			r.from = append(r.from, x.from)
		}
	}
	return r
}

// rowKeys hash what rows hold.
func rowKeys(both []columnPair, side func(columnPair) *profile.SampleColumn, rows int) []uint64 {
	const odd, more = 0x9e3779b97f4a7c15, 0xff51afd7ed558ccd
	keys := make([]uint64, rows)
	for _, p := range both {
		c := side(p)
		for i := range keys {
			key := (keys[i] ^ valueKey(c, i)) * odd
			keys[i] = (key ^ key>>32) * more
		}
	}
	for i, key := range keys {
		keys[i] = key ^ key>>29
		keys[i] *= odd
	}
	return keys
}

func valueKey(c *profile.SampleColumn, i int) uint64 {
	switch {
	case c.Null[i]:
		return 1
	case c.Kind != profile.Number && c.Kind != profile.Time:
		return xxhash.Sum64String(c.Texts[i])
	case c.Numbers[i] != c.Numbers[i]:
		return 2
	}
	return math.Float64bits(c.Numbers[i] + 0) // -0 is 0
}

// inParallel calls do for 0 to n-1, on all processors.
func inParallel(n int, do func(i int)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := w; i < n; i += workers {
				do(i)
			}
		})
	}
	wait.Wait()
}
