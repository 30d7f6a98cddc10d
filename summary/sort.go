package summary

import (
	"cmp"
	"slices"
	"sync"
)

// parallel calls work for 0 to n-1 on so many goroutines; each has a worker of
// its own.
func parallel(threads, n int, worker func() func(int)) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	next := 0
	for range max(1, min(threads, n)) {
		wg.Go(func() {
			work := worker()
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= n {
					return
				}
				work(i)
			}
		})
	}
	wg.Wait()
}

const (
	digitBits = 11
	digits    = (64 + digitBits - 1) / digitBits
)

// sortEntries sorts by key: a radix sort from the last digit, leaving out the
// digits that all keys share. It returns the spare memory for the next call.
func sortEntries(a, spare []entry) []entry {
	if len(a) < 2 {
		return spare
	}
	var counts [digits][1 << digitBits]uint32
	for i := range a {
		for d := range digits {
			counts[d][a[i].key>>(d*digitBits)&(1<<digitBits-1)]++
		}
	}
	from := a
	for d := range digits {
		shift := d * digitBits
		c := &counts[d]
		if int(c[a[0].key>>shift&(1<<digitBits-1)]) == len(a) {
			continue
		}
		if cap(spare) < len(a) {
			spare = make([]entry, len(a))
		}
		to := spare[:len(a)]
		if &from[0] == &to[0] {
			to = a
		}
		sum := uint32(0)
		for i := range c {
			c[i], sum = sum, sum+c[i]
		}
		for _, e := range from {
			digit := e.key >> shift & (1<<digitBits - 1)
			to[c[digit]] = e
			c[digit]++
		}
		from = to
	}
	if &from[0] != &a[0] {
		copy(a, from)
	}
	return spare
}

// byWeight sorts entries of equal keys by the weights of their rows.
func byWeight(sorted []entry, weights []float64) {
	for first := 0; first < len(sorted); {
		end := tieEnd(sorted, first)
		if end > first+1 {
			slices.SortFunc(sorted[first:end], func(a, b entry) int { return cmp.Compare(weights[a.row], weights[b.row]) })
		}
		first = end
	}
}

// tieEnd is the end of the entries whose key is that of the first.
func tieEnd(sorted []entry, first int) int {
	end := first + 1
	for end < len(sorted) && sorted[end].key == sorted[first].key {
		end++
	}
	return end
}
