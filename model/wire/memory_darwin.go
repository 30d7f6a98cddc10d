package wire

import "syscall"

// peakMemory is the most that this process has held.
func peakMemory() (uint64, error) {
	var usage syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return uint64(usage.Maxrss), err
}
