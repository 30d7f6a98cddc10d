package drift_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noworse/noworse/drift"
	"github.com/noworse/noworse/profile"
)

func table(t *testing.T, header string, rows int, row func(i int) string) string {
	t.Helper()
	var text strings.Builder
	text.WriteString(header + "\n")
	for i := range rows {
		text.WriteString(row(i) + "\n")
	}
	path := filepath.Join(t.TempDir(), "rows.csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func compare(t *testing.T, before, after string, rule drift.Rule) map[string]drift.Comparison {
	t.Helper()
	reference := build(t, open(t, before), profile.Options{})
	return comparisons(reference, build(t, open(t, after), profile.Options{Like: reference}), rule)
}

func comparisons(reference, current *profile.Profile, rule drift.Rule) map[string]drift.Comparison {
	rule.Level = .95
	list := map[string]drift.Comparison{}
	for _, c := range reference.Columns {
		list[c.Name] = drift.Compare(c, current.Find(c.Name), reference.Rows, current.Rows, rule)
	}
	return list
}

func TestColumnsThatCannotBeCompared(t *testing.T) {
	before := table(t, "gone,changed,ids,empty,constant,late,half", 300, func(i int) string { return fmt.Sprintf("1,%d,u%d,,7,,%d", i, i, i%2) })
	after := table(t, "changed,ids,empty,constant,late,half", 300, func(i int) string {
		half := ""
		if i%2 == 0 {
			half = "1"
		}
		return fmt.Sprintf("x%d,v%d,,7,%d,%s", i, i, i, half)
	})
	got := compare(t, before, after, drift.Rule{})
	for name, want := range map[string]string{
		"gone":    "there is no such column any more",
		"changed": "it is text, and was a number in the reference",
	} {
		if got[name].Broken != want {
			t.Errorf("%s: %q", name, got[name].Broken)
		}
	}
	if got["ids"].Measure == nil {
		t.Logf("ids: %s", got["ids"].Skipped)
	}
	if got["empty"].Skipped != "no row has a value" && got["empty"].Broken == "" {
		t.Errorf("empty: %+v", got["empty"])
	}
	if m := got["constant"].Measure; m == nil || m.Effect != 0 || m.P != 1 {
		t.Errorf("constant: %+v", m)
	}
	half := got["half"]
	if half.Missing == nil || half.Missing.Effect != .5 || half.Missing.P > 1e-20 || !half.Missing.Interval.Contains(.5) {
		t.Errorf("half: %+v", half.Missing)
	}
}

func TestNewAndVanishedCategories(t *testing.T) {
	before := table(t, "tier", 1000, func(i int) string { return []string{"free", "pro", "old"}[i%3] })
	after := table(t, "tier", 1000, func(i int) string { return []string{"free", "pro", "new"}[i%3] })
	c := compare(t, before, after, drift.Rule{})["tier"]
	if fmt.Sprint(c.New, c.Vanished) != "[{new 333}] [{old 333}]" {
		t.Errorf("new %v, vanished %v", c.New, c.Vanished)
	}
	if m := c.Measure; math.Abs(m.Effect-.333) > 1e-12 || m.P > 1e-100 || !m.Interval.Contains(1./3) {
		t.Errorf("%+v", m)
	}
}

// A shift of a quarter of a standard deviation is about where each distance of numbers
// has its limit.
func TestLimitsAreComparable(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	before := table(t, "x", 60_000, func(int) string { return fmt.Sprint(r.NormFloat64()) })
	after := table(t, "x", 60_000, func(int) string { return fmt.Sprint(r.NormFloat64() + .25) })
	for _, d := range drift.Distances(false) {
		m := compare(t, before, after, drift.Rule{Distance: d})["x"].Measure
		if ratio := m.Effect / m.Limit; ratio < .55 || ratio > 1.25 {
			t.Errorf("%s: %v, which is %v times its limit", d, m.Effect, ratio)
		}
		if m.P > 1e-3 {
			t.Errorf("%s: P %v", d, m.P)
		}
		if d != drift.AndersonDarling && !m.Interval.Contains(m.Effect) {
			t.Errorf("%s: %v is not within %v", d, m.Effect, m.Interval)
		}
	}
}

// Without any change few columns drift, whatever they are held to.
func TestNothingDriftsWithoutChange(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	header := "a,b,c,d" // d is text, and c has many equal numbers
	row := func(int) string {
		return fmt.Sprintf("%v,%v,%d,t%d", r.NormFloat64(), math.Exp(2*r.NormFloat64()), r.IntN(5), int(math.Abs(r.NormFloat64())*10))
	}
	failed, runs := map[drift.Distance]int{}, 40
	for range runs {
		before, after := table(t, header, 400, row), table(t, header, 150, row)
		reference := build(t, open(t, before), profile.Options{})
		current := build(t, open(t, after), profile.Options{Like: reference})
		for _, d := range drift.Distances(false) {
			for _, c := range comparisons(reference, current, drift.Rule{Distance: d}) {
				if c.Measure != nil && c.Measure.P <= .05 {
					failed[d]++
				}
			}
		}
	}
	// Of 160 P each, 8 are expected at .05 and more than 18 once in 1,000 (binomial).
	for d, n := range failed {
		if n > 18 {
			t.Errorf("%s: %d of %d P are at most .05", d, n, 4*runs)
		}
	}
}
