package report

import (
	"testing"

	"github.com/noworse/noworse/result"
)

func inconclusive(c result.Check) result.Check {
	c.Verdict = result.Inconclusive
	return c
}

func crashed(c result.Check) result.Check {
	c.Verdict, c.Change, c.Candidate, c.Baseline = result.Error, nil, nil, nil
	return c
}

func TestSentence(t *testing.T) {
	better := check("accuracy", "", 1000, 0.8, 0.803, -0.02)
	same := check("accuracy", "", 1000, 0.8, 0.8, -0.02)
	worseWhole := check("accuracy", "", 1000, 0.8, 0.79, -0.02)
	failedWhole := check("accuracy", "", 1000, 0.8, 0.769, -0.02)
	enterprise := check("accuracy", "tier=enterprise", 90, 0.8, 0.761, -0.03)
	pro := check("accuracy", "tier=pro", 90, 0.8, 0.75, -0.03)
	loss := check("log_loss", "", 1000, 0.3, 0.35, 0.01)
	share := check("positive_rate", "", 1000, 0.3, 0.38, -0.05)
	share.Rule, share.Verdict = result.Rule{MaxChange: &result.Margin{Value: 0.05}}, result.Fail
	small := check("accuracy", "tier=free", 90, 0.8, 0.79, -0.03)

	for _, c := range []struct {
		name   string
		checks []result.Check
		want   string
	}{
		{"blocked by a slice", []result.Check{better, enterprise},
			"BLOCKED by 1: accuracy better overall (+0.3 points), worse for tier=enterprise (−3.9 points, limit −3.0)."},
		{"the same overall", []result.Check{same, enterprise},
			"BLOCKED by 1: accuracy unchanged overall, worse for tier=enterprise (−3.9 points, limit −3.0)."},
		{"worse overall but within its limit", []result.Check{worseWhole, enterprise},
			"BLOCKED by 1: accuracy worse overall, within its limit (−1.0 points, limit −2.0), and worse for tier=enterprise (−3.9 points, limit −3.0)."},
		{"blocked overall", []result.Check{failedWhole},
			"BLOCKED by 1: accuracy worse overall (−3.1 points, limit −2.0)."},
		{"blocked overall and by slices", []result.Check{failedWhole, enterprise, pro},
			"BLOCKED by 3: accuracy worse overall (−3.1 points, limit −2.0) and for 2 slices, most for tier=pro (−5.0 points, limit −3.0)."},
		{"two metrics", []result.Check{better, loss, enterprise},
			"BLOCKED by 2: log_loss worse overall (+0.0500, limit +0.0100); accuracy better overall (+0.3 points), worse for tier=enterprise (−3.9 points, limit −3.0)."},
		{"changed", []result.Check{share},
			"BLOCKED by 1: positive_rate changed too much overall (+8.0 points, limit ±5.0)."},
		{"a slice alone, and an error", []result.Check{enterprise, crashed(loss)},
			"BLOCKED by 1: accuracy worse for tier=enterprise (−3.9 points, limit −3.0); 1 check could not run."},
		{"error", []result.Check{better, crashed(enterprise)},
			"ERROR: accuracy for tier=enterprise could not be checked; 1 check passed."},
		{"errors", []result.Check{crashed(loss), crashed(enterprise)},
			"ERROR: 2 checks could not run, the first is log_loss overall."},
		{"inconclusive", []result.Check{better, inconclusive(enterprise)},
			"INCONCLUSIVE: accuracy for tier=enterprise (−3.9 points, limit −3.0) is too close to its limit to tell; 1 check passed."},
		{"inconclusive, several", []result.Check{inconclusive(loss), inconclusive(enterprise)},
			"INCONCLUSIVE: 2 checks are too close to their limits to tell, the first is log_loss overall (+0.0500, limit +0.0100)."},
		{"all skipped", []result.Check{skipped(better, "x")}, "NOTHING DECIDED: 1 check skipped, none passed."},
		{"only warnings, nothing passed", []result.Check{warning(enterprise)}, "NOTHING DECIDED: no check passed; 1 warning."},
		{"pass", []result.Check{better}, "PASS: accuracy better overall (+0.3 points); 1 check within its limit."},
		{"pass, nothing moved", []result.Check{same, check("recall", "", 9, 0.5, 0.5, -0.1)},
			"PASS: accuracy unchanged overall; all 2 checks within their limits."},
		{"pass, some skipped", []result.Check{better, same, skipped(enterprise, "x")},
			"PASS: accuracy better overall (+0.3 points); 2 checks within their limits; 1 check skipped."},
		{"pass, worse for one", []result.Check{better, small},
			"PASS: accuracy better overall (+0.3 points); accuracy worse for tier=free, within its limit (−1.0 points, limit −3.0)."},
		{"pass, worse overall", []result.Check{worseWhole},
			"PASS: accuracy worse overall, within its limit (−1.0 points, limit −2.0)."},
		{"warnings", []result.Check{better, warning(enterprise), warning(pro), warning(inconclusive(loss))},
			"PASS with 2 warnings: accuracy better overall (+0.3 points), worse for 2 slices, most for tier=pro (−5.0 points, limit −3.0); 1 check passed; 1 check undecided."},
		{"a warning that is an error", []result.Check{better, warning(crashed(enterprise))},
			"PASS with 1 warning: accuracy for tier=enterprise could not be checked; 1 check passed."},
		{"warnings that are errors", []result.Check{better, warning(crashed(enterprise)), warning(crashed(pro))},
			"PASS with 2 warnings: accuracy for tier=enterprise and 1 more could not be checked; 1 check passed."},
		{"warnings of both kinds", []result.Check{better, warning(enterprise), warning(crashed(pro))},
			"PASS with 2 warnings: accuracy better overall (+0.3 points), worse for tier=enterprise (−3.9 points, limit −3.0); " +
				"accuracy for tier=pro could not be checked; 1 check passed."},
		{"no checks", nil, "NOTHING DECIDED: there were no checks."},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := base("x")
			r.Checks = c.checks
			if got := Sentence(r, rates); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestSentenceWithoutBaseline(t *testing.T) {
	floor := check("accuracy", "", 1000, 0.8, 0.803, -0.02)
	floor.Rule, floor.Baseline, floor.Change = result.Rule{Min: ptr(0.75)}, nil, nil
	r := base("x")
	r.Baseline = nil
	r.Checks = []result.Check{floor, skipped(floor, "no baseline")}
	if got, want := Sentence(r, rates), "PASS without a baseline: 1 check within its limit; 1 check skipped."; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	floor.Candidate, floor.Verdict = ptr(0.7499), result.Fail
	r.Checks = []result.Check{floor}
	if got, want := Sentence(r, rates), "BLOCKED by 1: accuracy too low overall (74.99%, at least 75.00%)."; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// The sentence must agree with the exit code, whatever the checks.
func TestSentenceAgreesWithTheExitCode(t *testing.T) {
	leads := map[int][]string{0: {leadPass}, 1: {leadBlocked}, 2: {leadError}, 3: {leadUnsure, leadNothing}}
	verdicts := []result.Verdict{result.Pass, result.Fail, result.Inconclusive, result.Skipped, result.Error, "new"}
	for _, a := range verdicts {
		for _, b := range verdicts {
			for _, severity := range []string{"block", "warn"} {
				r := base("x")
				one, two := check("accuracy", "", 9, 0.5, 0.5, -0.1), check("accuracy", "a=b", 9, 0.5, 0.5, -0.1)
				one.Verdict, two.Verdict, two.Severity = a, b, severity
				r.Checks = []result.Check{one, two}
				r.Finish()
				got := Sentence(r, nil)
				if !startsWithOne(got, leads[r.Exit]) {
					t.Errorf("%s and %s (%s): exit %d, but %q", a, b, severity, r.Exit, got)
				}
			}
		}
	}
}

func startsWithOne(s string, leads []string) bool {
	for _, l := range leads {
		if len(s) >= len(l) && s[:len(l)] == l {
			return true
		}
	}
	return false
}

// TestSlicesThatLookWorse: of many slices some look worse by chance; the sentence
// speaks of those for which that is no explanation.
func TestSlicesThatLookWorse(t *testing.T) {
	slice := func(name string, adjusted float64) result.Check {
		return byEvidence(check("accuracy", name, 4000, 0.885, 0.875, -0.03), -0.019, -0.001, 0.0001, adjusted, 500)
	}
	whole := byEvidence(check("accuracy", "", 48842, 0.861, 0.864, -0.02), 0.001, 0.005, 0.99, 0.99, 1)
	for _, c := range []struct {
		adjusted float64
		want     string
	}{
		{0.05, "PASS: accuracy better overall (+0.3 points); all 2 checks within their limits."},
		{0.02, "PASS: accuracy better overall (+0.3 points); accuracy worse for tier=a, within its limit (−1.0 points, limit −3.0)."},
	} {
		if got := (&builder{base("loans")}).add(whole, slice("tier=a", c.adjusted)).done().Summary; got != c.want {
			t.Errorf("adjusted %v: %s\nwant %s", c.adjusted, got, c.want)
		}
	}
}
