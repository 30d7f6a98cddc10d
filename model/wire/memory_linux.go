package wire

import (
	"bufio"
	"errors"
	"fmt"
	"os"
)

// peakMemory is the most that this process has held. getrusage would count what
// it was before it became this program.
func peakMemory() (uint64, error) {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var kilobytes uint64
		if _, err := fmt.Sscanf(lines.Text(), "VmHWM: %d kB", &kilobytes); err == nil {
			return kilobytes << 10, nil
		}
	}
	return 0, errors.New("this system does not say how much memory a process has held")
}
