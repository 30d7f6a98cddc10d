package runqueue

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// Here keeps the calling goroutine on its thread until stop, and tells how long that
// thread has waited so far. waited is nil where the system does not say.
func Here() (waited func() time.Duration, stop func()) {
	runtime.LockOSThread()
	f, err := os.Open(fmt.Sprintf("/proc/self/task/%d/schedstat", syscall.Gettid()))
	if err == nil {
		if _, known := read(f); !known {
			f.Close()
			err = os.ErrInvalid
		}
	}
	if err != nil {
		runtime.UnlockOSThread()
		return nil, func() {}
	}
	waited = func() time.Duration {
		w, _ := read(f)
		return w
	}
	return waited, func() {
		f.Close()
		runtime.UnlockOSThread()
	}
}

// read is the second number of the file: nanoseconds in the queue. The first is the time
// that the thread ran, which is 0 where the kernel counts neither.
func read(f *os.File) (time.Duration, bool) {
	var text [96]byte
	n, _ := f.ReadAt(text[:], 0)
	fields := bytes.Fields(text[:n])
	if len(fields) < 2 || string(fields[0]) == "0" {
		return 0, false
	}
	ns, err := strconv.ParseInt(string(fields[1]), 10, 64)
	return time.Duration(ns), err == nil
}
