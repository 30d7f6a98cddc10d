package verdict

import (
	"fmt"
	"math"
	"testing"
)

// drop is a case of a metric that fell by so much, with a margin of 0.02.
func drop(by, worse, beyond, within float64) Case {
	return Case{
		Limit: Limit{Kind: MaxDrop, Value: 0.02}, Family: "whole", Rows: 100, Baseline: &Estimate{Value: 0.8}, Candidate: Estimate{Value: 0.8 - by},
		Change: &Change{Worse: worse, Beyond: beyond, Within: within, Provable: true},
	}
}

func in(family string, c Case) Case {
	c.Family = family
	return c
}

func with(c Case, change func(*Case)) Case {
	change(&c)
	return c
}

var nan = math.NaN()

// TestDecide holds the rule to design/statistics.md: pass if d <= m; fail if
// d > m and the adjusted p_worse <= alpha; else inconclusive.
func TestDecide(t *testing.T) {
	value := func(kind Kind, limit, value float64, in *Interval) Case {
		return Case{Limit: Limit{Kind: kind, Value: limit}, Rows: 100, Candidate: Estimate{Value: value}, Range: in}
	}
	for name, c := range map[string]struct {
		fail FailBy
		Case
		want   Verdict
		reason Reason
		proven bool
		worse  bool
	}{
		"worse beyond, not chance":       {"", drop(.03, .04, .2, nan), Fail, None, false, true},
		"at alpha":                       {"", drop(.03, .05, .2, nan), Fail, None, false, true},
		"worse beyond, may be chance":    {"", drop(.03, .051, .2, nan), Inconclusive, MayBeChance, false, false},
		"no chance to speak of":          {"", drop(.03, nan, nan, nan), Inconclusive, MayBeChance, false, false},
		"not a chance":                   {"", drop(.03, 1.5, nan, nan), Inconclusive, MayBeChance, false, false},
		"a chance below 0":               {"", drop(.03, -1, nan, nan), Inconclusive, MayBeChance, false, true},
		"within, proven":                 {"", drop(.01, .3, nan, .05), Pass, None, true, false},
		"within, not proven":             {"", drop(.01, .3, nan, .06), Pass, None, false, false},
		"within, nothing known":          {"", drop(.01, nan, nan, nan), Pass, None, false, false},
		"within, worse and proven":       {"", drop(.01, .001, nan, .001), Pass, None, true, true},
		"within, too few rows to prove":  {"", with(drop(.01, .3, nan, .001), func(c *Case) { c.Change.Provable = false }), Pass, None, false, false},
		"better":                         {"", drop(-.01, .9, nan, .001), Pass, None, true, false},
		"better, and a chance that lies": {"", drop(-.01, .001, nan, .001), Pass, None, true, false},
		"beyond by more":                 {ByBeyond, drop(.03, .001, .04, nan), Fail, None, false, true},
		"beyond by too little":           {ByBeyond, drop(.03, .001, .06, nan), Inconclusive, MayBeChance, false, true},
		"the point rule":                 {ByPoint, drop(.03, .9, .9, nan), Fail, None, false, false},
		"the point rule proves nothing":  {ByPoint, drop(.01, .9, nan, 0), Pass, None, false, false},
		"no evidence":                    {"", with(drop(.03, 0, 0, 0), func(c *Case) { c.Change = nil }), Fail, None, false, false},
		"no value":                       {"", with(drop(.03, 0, 0, 0), func(c *Case) { c.Candidate.Value = nan }), Error, NotANumber, false, false},
		"within a bound":                 {"", with(drop(.02, 0, 0, 0), func(c *Case) { c.Candidate.Bound = .01 }), Inconclusive, WithinBound, false, true},
		"minimum missed":                 {"", value(Min, .8, .7, &Interval{.65, .75}), Fail, None, false, false},
		"minimum missed, may be chance":  {"", value(Min, .8, .79, &Interval{.75, .85}), Inconclusive, MayBeChance, false, false},
		"minimum kept":                   {"", value(Min, .8, .9, &Interval{.85, .95}), Pass, None, true, false},
		"minimum kept, not proven":       {"", value(Min, .8, .81, &Interval{.75, .85}), Pass, None, false, false},
		"maximum missed":                 {"", value(Max, .8, .9, &Interval{.85, .95}), Fail, None, false, false},
		"maximum missed, may be chance":  {"", value(Max, .8, .81, &Interval{.75, .85}), Inconclusive, MayBeChance, false, false},
		"maximum kept":                   {"", value(Max, .8, .7, &Interval{.65, .75}), Pass, None, true, false},
		"maximum kept, not proven":       {"", value(Max, .8, .79, &Interval{.75, .85}), Pass, None, false, false},
		"minimum without an interval":    {"", value(Min, .8, .79, nil), Fail, None, false, false},
		"an interval of nothing":         {"", value(Min, .8, .79, &Interval{nan, nan}), Inconclusive, MayBeChance, false, false},
		"kept on too few rows":           {"", with(drop(-.01, .9, nan, .001), func(c *Case) { c.Rows = 4 }), Inconclusive, TooFew, false, false},
		"kept on just enough rows":       {"", with(drop(-.01, .9, nan, .001), func(c *Case) { c.Rows = 5 }), Pass, None, true, false},
		"a minimum kept on too few rows": {"", with(value(Min, .8, 1, &Interval{.85, 1}), func(c *Case) { c.Rows = 1 }), Inconclusive, TooFew, false, false},
		"missed on too few rows":         {"", with(drop(.03, .01, .2, nan), func(c *Case) { c.Rows = 1 }), Fail, None, false, true},
		"too few rows, the point rule":   {ByPoint, with(drop(.01, .9, nan, 0), func(c *Case) { c.Rows = 1 }), Pass, None, false, false},
		"nothing, and kept":              {"", value(Min, .8, .81, &Interval{nan, nan}), Pass, None, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := Decide([]Case{c.Case}, Policy{Alpha: 0.05, Fail: c.fail})[0]
			if d.Verdict != c.want || d.Reason != c.reason || d.Proven != c.proven || d.Worse != c.worse {
				t.Errorf("%s (%s), proven %v, worse %v; want %s (%s), %v, %v", d.Verdict, d.Reason, d.Proven, d.Worse, c.want, c.reason, c.proven, c.worse)
			}
		})
	}
}

// TestFamilies: alpha is split over the families that have a chance, and each
// adjusts by Holm: of n chances in order, the i-th counts n-i+1 times.
func TestFamilies(t *testing.T) {
	cases := []Case{
		in("whole", drop(.03, .02, nan, nan)),
		in("named", drop(.03, .005, nan, nan)),
		in("named", drop(.03, .012, nan, nan)),
		in("named", drop(.01, .9, nan, .5)),
		in("by", with(drop(.03, .001, nan, nan), func(c *Case) { c.Change = nil })), // no evidence: no part in it
		in("by", with(drop(.03, .001, nan, nan), func(c *Case) { c.Baseline = nil })),
	}
	var got []string
	for _, d := range Decide(cases, Policy{Alpha: 0.05}) {
		got = append(got, fmt.Sprintf("%s %.3f of %d at %.3f", d.Verdict, d.Adjusted, d.Tests, d.Alpha))
	}
	want := []string{"fail 0.020 of 1 at 0.025", "fail 0.015 of 3 at 0.025", "fail 0.024 of 3 at 0.025", "pass 0.900 of 3 at 0.025", "fail NaN of 0 at 0.000", "error NaN of 0 at 0.000"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	// A chance that could not be had helps none of the others.
	cases[3].Change.Worse = nan
	if d := Decide(cases, Policy{Alpha: 0.05})[1]; fmt.Sprintf("%.3f", d.Adjusted) != "0.015" {
		t.Errorf("beside one that is unknown: adjusted %v", d.Adjusted)
	}
	// Beyond is adjusted where a fail rests on it.
	cases[1].Change.Beyond, cases[2].Change.Beyond, cases[3].Change.Beyond = .001, .5, nan
	if d := Decide(cases, Policy{Alpha: 0.05, Fail: ByBeyond}); d[1].Adjusted != .003 || d[1].Verdict != Fail || d[2].Verdict != Inconclusive {
		t.Errorf("beyond: %+v %+v", d[1], d[2])
	}
}

// TestOrderDoesNotMatter: the same checks in another order have the same verdicts.
func TestOrderDoesNotMatter(t *testing.T) {
	var cases []Case
	for i := range 40 {
		cases = append(cases, in([]string{"whole", "named", "by"}[i%3], drop(.03, math.Pow(.7, float64(i*7%40)), nan, nan)))
	}
	want := Decide(cases, Policy{Alpha: 0.05})
	for i, j := 0, len(cases)-1; i < j; i, j = i+1, j-1 {
		cases[i], cases[j] = cases[j], cases[i]
	}
	for i, d := range Decide(cases, Policy{Alpha: 0.05}) {
		if w := want[len(want)-1-i]; fmt.Sprint(d) != fmt.Sprint(w) {
			t.Errorf("%d: %+v, want %+v", i, d, w)
		}
	}
}
