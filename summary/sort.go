package summary

import (
	"cmp"
	"math/bits"
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

// Entries are sorted by two digits of so many bits, the highest that differ: few
// are equal in both.
const digitBits = 11

// sortEntries sorts by key. It returns the spare memory for the next call.
func sortEntries(a, spare []entry) []entry {
	if len(a) < fewEntries {
		slices.SortFunc(a, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
		return spare
	}
	least, most := a[0].key, a[0].key
	for i := range a {
		least, most = min(least, a[i].key), max(most, a[i].key)
	}
	if cap(spare) < len(a) {
		spare = make([]entry, len(a))
	}
	low := max(0, bits.Len64(most-least)-2*digitBits)
	byDigits(a, spare[:len(a)], least, low)
	for first := 0; first < len(a); {
		end, sorted := first+1, true
		for ; end < len(a) && (a[end].key-least)>>low == (a[first].key-least)>>low; end++ {
			sorted = sorted && a[end-1].key <= a[end].key
		}
		if !sorted {
			spare = sortEntries(a[first:end], spare)
		}
		first = end
	}
	return spare
}

// fewEntries are sorted as quickly by comparing them.
const fewEntries = 256

// byDigits sorts by the two digits of keys from bit low, counted from the least key:
// by the lower one into spare, and by the higher one back.
func byDigits(a, spare []entry, least uint64, low int) {
	const mask = 1<<digitBits - 1
	var counts [2][mask + 1]uint32
	for i := range a {
		digits := (a[i].key - least) >> (low & 63)
		counts[0][digits&mask]++
		counts[1][digits>>digitBits&mask]++
	}
	for d := range counts {
		sum := uint32(0)
		for i, n := range counts[d] {
			counts[d][i], sum = sum, sum+n
		}
	}
	for _, e := range a {
		next := &counts[0][(e.key-least)>>(low&63)&mask]
		spare[*next] = e
		*next++
	}
	for _, e := range spare {
		next := &counts[1][(e.key-least)>>(low&63)>>digitBits&mask]
		a[*next] = e
		*next++
	}
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
