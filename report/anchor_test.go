package report

import (
	"strings"
	"testing"

	"github.com/noworse/noworse/result"
)

// sinceThen makes a compared metric a limit since the anchor.
func sinceThen(c result.Check) result.Check {
	c.ID = strings.NewReplacer("max_drop", "max_total_drop", "max_rise", "max_total_rise").Replace(c.ID)
	c.Rule.MaxTotalDrop, c.Rule.MaxTotalRise, c.Rule.MaxDrop, c.Rule.MaxRise = c.Rule.MaxDrop, c.Rule.MaxRise, nil, nil
	c.Evidence.Family = "anchor"
	return c
}

// oneStep gives a limit of one step what changed since the anchor.
func oneStep(c result.Check, anchor float64) result.Check {
	c.Anchor = &result.Cumulative{Baseline: &anchor, Change: ptr(*c.Candidate - anchor)}
	return c
}

// stored is a run against a store whose anchor is an older baseline.
func stored(name string) *builder {
	b := &builder{base(name)}
	b.r.Store = "baselines/loan"
	b.r.Baseline = &result.Model{Form: "store", Path: "preds/v41.csv", Accepted: "2026-05-06T07:08:09Z", Number: 5}
	b.r.Anchor = &result.Model{Form: "store", Path: "preds/v38.csv", Accepted: "2026-01-02T03:04:05Z", Number: 2}
	return b
}

// nearing is a run that passes and has used up most of what is tolerated in all.
func nearing() *result.Result {
	return stored("loan-approval").add(
		oneStep(byEvidence(check("accuracy", "", 48842, 0.872, 0.861, -0.02), -0.012, -0.01, 1e-9, 1e-9, 1), 0.892),
		sinceThen(byEvidence(check("accuracy", "", 48842, 0.892, 0.861, -0.04), -0.0325, -0.0295, 1e-9, 1e-9, 2)),
		oneStep(check("log_loss", "tier=pro", 4012, 0.32, 0.33, 0.016), 0.331),
		sinceThen(check("log_loss", "tier=pro", 4012, 0.331, 0.33, 0.032)),
	).done()
}

// creeping is a run in which a small step is one too many.
func creeping() *result.Result {
	total := sinceThen(because(byEvidence(check("accuracy", "", 48842, 0.892, 0.849, -0.04), -0.0446, -0.0414, 1e-9, 1e-9, 2),
		"worse overall than the anchor: 3100 rows became wrong since and 1000 right; chance would do this less than once in a million; this step is within its limit, all steps together are not"))
	rise := sinceThen(warning(because(check("log_loss", "tier=pro", 4012, 0.331, 0.375, 0.032), "worse for tier=pro than the anchor")))
	moved := sinceThen(because(check("positive_rate", "", 48842, 0.31, 0.37, -0.05), "changed overall since the anchor"))
	moved.Rule.MaxTotalChange, moved.Rule.MaxTotalDrop = moved.Rule.MaxTotalDrop, nil
	moved.Verdict = result.Fail
	return stored("loan-approval").add(
		oneStep(byEvidence(check("accuracy", "", 48842, 0.861, 0.849, -0.02), -0.014, -0.01, 1e-9, 1e-9, 1), 0.892), total,
		oneStep(check("log_loss", "tier=pro", 4012, 0.36, 0.375, 0.016), 0.331), rise, moved,
	).done()
}

// TestSinceAnchor has a line on the anchor only where there is something to say.
func TestSinceAnchor(t *testing.T) {
	const line = "baseline 2 v38.csv (accepted 2026-01-02): accuracy overall (−3.1 points, limit −4.0)"
	if got := sinceAnchor(nearing(), rates); got != line {
		t.Errorf("%q, want %q", got, line)
	}
	quiet := nearing()
	*quiet.Checks[1].Change, *quiet.Checks[1].Candidate = -0.019, 0.873
	for name, r := range map[string]*result.Result{"a fail says it": creeping(), "little is used up": quiet, "no anchor": passing()} {
		if got := sinceAnchor(r, rates); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}
