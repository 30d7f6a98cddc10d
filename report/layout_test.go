package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/noworse/noworse/result"
)

// combinations is a report where most metrics are short, one is long, and most
// slices have long names.
func combinations() *result.Result {
	b := &builder{base("loan-approval")}
	confident := check("high_confidence_error_rate", "", 12000, 0.0149, 0.0146, 0.005)
	confident.Name = "confident_errors"
	b.add(check("accuracy", "", 12000, 0.793, 0.805, -0.02), check("roc_auc", "", 12000, 0.839, 0.856, -0.01),
		atLeast(check("roc_auc", "", 12000, 0.839, 0.856, -0.01), 0.8), check("log_loss", "", 12000, 0.4404, 0.4218, 0.02), confident)
	for i, region := range []string{"north", "south", "east", "west", "coast", "lakes", "highlands"} {
		for j, channel := range []string{"web", "mobile", "branch", "partner"} {
			b.add(warning(check("accuracy", "region="+region+",channel="+channel, uint64(120+71*i), 0.78, 0.78+float64(i+j-3)/100, -0.03)))
		}
	}
	return b.done()
}

// atLeast turns a check into one of the value itself.
func atLeast(c result.Check, least float64) result.Check {
	c.ID = strings.Replace(c.ID, "/max_drop", "/min", 1)
	c.Rule, c.Verdict = result.Rule{Min: &least, Limit: &least}, result.Pass
	if *c.Candidate < least {
		c.Verdict = result.Fail
	}
	return c
}

// The bound of a check stands somewhere at any width.
func TestBoundsAreShown(t *testing.T) {
	c := atLeast(check("roc_auc", "tier=enterprise", 994, 0.82, 0.79, -0.01), 0.8)
	r := (&builder{base("x")}).add(c, check("accuracy", "", 994, 0.8, 0.8, -0.01)).done()
	for _, at := range []int{40, 50, 60, 70, 80, 120} {
		got := text(t, r, Options{Width: at, All: true})
		for _, want := range []string{"79.0%", "80.0%", "min "} {
			if table, _, _ := strings.Cut(got, "BLOCKED"); !strings.Contains(table, want) {
				t.Errorf("no %q at %d columns:\n%s", want, at, got)
			}
		}
	}
}

// One long name does not take the columns that all others fit in.
func TestRareNamesAreCutFirst(t *testing.T) {
	var rows []row
	for i := range 40 {
		rows = append(rows, row{metric: "accuracy", name: fmt.Sprintf("region=r%02d,channel=mobile", i), baseline: "80.0%", candidate: "81.0%", change: "+1.0", unit: " points"})
	}
	rows = append(rows, row{metric: strings.Repeat("long", 10), name: "all rows", baseline: "80.0%", candidate: "81.0%", change: "+1.0"})
	c := fit(rows, 73, 3)
	if got := width(rows[0].name); c.place < got || !c.values() || c.metric < 8 {
		t.Errorf("%+v, and most names are %d wide", c, got)
	}
	if c.total(3) > 73 {
		t.Errorf("%+v is %d wide", c, c.total(3))
	}
}

func TestModelNames(t *testing.T) {
	type m = result.Model
	for _, c := range []struct {
		candidate, baseline *m
		want                string
	}{
		{&m{Path: "a/new.csv", Score: "p"}, &m{Path: "a/old.csv", Score: "p"}, "candidate new.csv vs baseline old.csv"},
		{&m{Path: "new/p.csv"}, &m{Path: "old/p.csv"}, "candidate new/p.csv vs baseline old/p.csv"},
		{&m{Score: "score_b"}, &m{Score: "score_a", Label: "label_a"}, "candidate score_b vs baseline score_a"},
		{&m{Label: "b"}, &m{Label: "a/x"}, "candidate b vs baseline a/x"},
		{&m{Path: "p.csv", Score: "b"}, &m{Path: "p.csv", Score: "a"}, "candidate b vs baseline a"},
		{&m{Path: "p.csv"}, &m{Path: "p.csv"}, "candidate p.csv vs baseline p.csv"},
		{&m{Path: "x/new.csv"}, &m{Score: "old"}, "candidate new.csv vs baseline old"},
		{&m{Score: "s"}, nil, "candidate s, no baseline"},
		{&m{}, &m{}, "candidate vs baseline"},
	} {
		r := &result.Result{Candidate: c.candidate, Baseline: c.baseline}
		candidate, baseline := modelNames(r)
		if got := pair(candidate, baseline, r.Baseline != nil); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
