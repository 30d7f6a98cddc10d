//go:build !linux && !darwin

package wire

import "errors"

func peakMemory() (uint64, error) {
	return 0, errors.New("how much memory a process has held is not known on this system")
}
