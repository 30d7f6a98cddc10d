package runqueue

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestHere: a thread that more threads than processors compete with waits for about as
// long as it does not run; one that sleeps does not wait.
func TestHere(t *testing.T) {
	waited, stop := Here()
	if waited == nil {
		t.Skip("this kernel does not count how long threads wait")
	}
	defer stop()
	before := waited()
	time.Sleep(50 * time.Millisecond)
	if slept := waited() - before; slept < 0 || slept > 50*time.Millisecond {
		t.Errorf("a thread that sleeps has waited %v", slept)
	}

	// Each competitor has a thread of its own, so the scheduler of Go does not part them.
	old := runtime.GOMAXPROCS(4 * runtime.NumCPU())
	defer runtime.GOMAXPROCS(old)
	var done atomic.Bool
	var others sync.WaitGroup
	for range 3 * runtime.NumCPU() {
		others.Go(func() {
			runtime.LockOSThread()
			for !done.Load() {
			}
		})
	}
	began, before := time.Now(), waited()
	for time.Since(began) < 500*time.Millisecond {
	}
	took, queued := time.Since(began), waited()-before
	done.Store(true)
	others.Wait()
	if queued < 50*time.Millisecond || queued > took {
		t.Errorf("of %v beside %d other threads it waited %v", took, 3*runtime.NumCPU(), queued)
	}
}
