// Package machine tells what measurements of models depend on besides the model.
package machine

import (
	"runtime"
	"strings"
	"sync"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/mem"

	"github.com/noworse/noworse/baseline"
)

// This is the machine that this program runs on; nil if it does not say how much memory
// it has.
var This = sync.OnceValue(func() *baseline.Machine {
	m := &baseline.Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.GOMAXPROCS(0), Built: runtime.Version()}
	memory, err := mem.VirtualMemory()
	if err != nil {
		return nil
	}
	m.Memory = memory.Total
	if list, err := cpu.Info(); err == nil && len(list) > 0 {
		m.Processor = strings.TrimSpace(list[0].ModelName)
	}
	return m
})
