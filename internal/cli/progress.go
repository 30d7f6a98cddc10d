package cli

import (
	"cmp"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// patience is how long a run may take before it shows a bar.
const patience = time.Second

// progress is a bar on a terminal, and nothing in a pipe.
type progress struct {
	env     Env
	what    string
	bytes   bool // what is counted is bytes, not rows
	show    bool
	started time.Time

	mu   sync.Mutex
	bar  *progressbar.ProgressBar
	done uint64
}

// newProgress is the progress of one run; what is what it is of, where there
// are several.
func newProgress(env Env, what string) *progress {
	_, ok := env.Terminal(env.Stderr)
	return &progress{env: env, what: cmp.Or(what, "reading rows"), show: ok, started: time.Now()}
}

// set tells how many rows have been read. Many threads call it, in any order. Far
// fewer than before are those of another pass over the rows.
func (p *progress) set(done, total uint64) {
	if !p.show || time.Since(p.started) < patience || total == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil && done < p.done/2 {
		p.bar.Clear()
		p.bar, p.done = nil, 0
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(int64(total), progressbar.OptionSetWriter(p.env.Stderr),
			progressbar.OptionSetDescription(p.what), progressbar.OptionSetWidth(30),
			progressbar.OptionShowCount(), progressbar.OptionShowBytes(p.bytes), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	if done > p.done {
		p.done = done
		p.bar.Set64(int64(min(done, total)))
	}
}

// fetch tells how many bytes of a file have arrived. Each file has a bar of its
// own.
func (p *progress) fetch(name string, done, total int64) {
	if what := "fetching " + name[strings.LastIndex(name, "/")+1:]; what != p.what {
		p.clear()
		p.what, p.bytes, p.bar, p.done = what, true, nil, 0
	}
	p.set(uint64(done), uint64(max(total, 0)))
}

// clear takes the bar away.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		p.bar.Clear()
	}
}
