package report

import (
	"strings"

	"github.com/noworse/noworse/result"
)

// step is something to do: what for, and the command.
type step struct{ label, command string }

// next says what to do now.
func (p *printer) next(r *result.Result, g groups) {
	if r.Spec.Path == "" || p.Accepting && len(g.failed)+len(g.errors) == 0 {
		return // there is no spec that could be checked again, or nothing left to do
	}
	if advice := withoutBaseline(r, g); advice != "" {
		p.wrapped("", "Next: "+advice)
		return
	}
	for _, s := range steps(r, g) {
		switch text := s.label + ":  " + s.command; {
		case width(text) <= p.Width:
			p.line(text)
			return
		case width(s.command) <= p.Width:
			p.line(s.label + ":")
			p.line(s.command)
			return
		}
	}
}

// withoutBaseline is what to do when nothing could be compared, or "".
func withoutBaseline(r *result.Result, g groups) string {
	if r.Store != "" {
		return ""
	}
	if r.Baseline != nil || len(g.passed) > 0 || len(g.skipped) == 0 || len(g.skipped) < len(r.Checks) {
		return ""
	}
	return "add a baseline to " + clean(r.Spec.Path) + ": the predictions of the model in use now"
}

// steps are commands from the most to the least telling; the first that fits
// is shown, since a command that is cut or wrapped cannot be copied.
func steps(r *result.Result, g groups) []step {
	command := checkCommand(r)
	var out []step
	for _, list := range [][]*result.Check{g.failed, g.errors, only(g.unsure, blocks), g.warned} {
		if len(list) == 0 {
			continue
		}
		worst := list[0]
		if pattern, ok := quoted(patternOf(worst)); ok {
			try := command + " --only " + pattern
			if isTotal(worst) {
				out = append(out, step{"See what changed since the anchor", "noworse baseline diff" + specArgument(r) + " --anchor"})
			} else if hasFlips(worst) {
				out = append(out, step{"See the rows", try + " --flips flips.csv"})
			}
			out = append(out, step{"Look closer", try + " --all"}, step{"Look closer", try})
		}
		break
	}
	switch {
	case len(out) > 0 || r.Store == "" || r.Only != "":
	case r.Baseline == nil:
		out = append(out, step{"Begin with this candidate as the baseline", acceptCommand(r)})
	case r.Verdict == result.Pass && !sameAnswers(r):
		out = append(out, step{"Make it the baseline", acceptCommand(r)})
	}
	if len(out) == 0 {
		out = append(out, step{"Keep every number", command + " --json result.json"})
	}
	return append(out, step{"See every check", command + " --all"}, step{"See every check", "noworse check SPEC --all"})
}

// sameAnswers says whether the candidate and the baseline answer alike.
func sameAnswers(r *result.Result) bool {
	return r.Candidate != nil && r.Baseline != nil && r.Candidate.Fingerprint == r.Baseline.Fingerprint && r.Candidate.Fingerprint != ""
}

// checkCommand runs the same spec again.
func checkCommand(r *result.Result) string { return "noworse check" + specArgument(r) }

// acceptCommand makes the candidate the baseline.
func acceptCommand(r *result.Result) string { return "noworse baseline accept" + specArgument(r) }

// specArgument is the spec as an argument, after a space; "" for the default.
func specArgument(r *result.Result) string {
	path := r.Spec.Path
	if path == "noworse.yaml" {
		return ""
	}
	if q, ok := quoted(path); ok {
		return " " + q
	}
	return " SPEC"
}

func hasExamples(c *result.Check) bool {
	return c.Details.Flips != nil && len(c.Details.Flips.Examples) > 0
}

func hasFlips(c *result.Check) bool {
	f := c.Details.Flips
	return f != nil && f.Negative+f.Positive > 0
}

// patternOf selects a check, and for a slice all checks of that slice.
func patternOf(c *result.Check) string {
	parts := strings.Split(c.ID, "/")
	if c.ID == "contract" { // and its columns
		return "contract*"
	}
	if c.Slice == "" || len(parts) < 3 {
		return c.ID
	}
	return strings.Join(parts[:len(parts)-2], "/") + "/*"
}

// quoted writes an argument for a shell; false where it cannot be shown whole.
func quoted(s string) (string, bool) {
	if s == "" || clean(s) != s {
		return "", false
	}
	if strings.Trim(s, bareInShell) == "" {
		return s, true
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'", true
}

const bareInShell = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+"

// caveat says what the verdict is about, and no more.
func (p *printer) caveat(r *result.Result) {
	if withoutModels(r) {
		return
	}
	e := r.Data.Eval
	text := "Correct on this evaluation set only: " + counted(e.Rows, "row")
	if e.Unlabelled > 0 {
		text += " (" + count(e.Unlabelled) + " without a label left out)"
	}
	if e.Version != "" {
		text += ", " + clean(e.Version)
	}
	if e.Changes != nil && e.Changes.Identical {
		text += ", unchanged since the baseline"
	}
	for _, l := range wrap(text+".", p.Width, p.dots()) {
		p.line(p.paint(faint, l))
	}
}
