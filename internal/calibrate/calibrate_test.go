package main

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// TestReleases: releases of equally good models fail at most alpha of the time by
// the rules that rest on chance, and far more often by the two values alone.
func TestReleases(t *testing.T) {
	s := simulation{seed: 7, runs: 80}
	list, err := s.releases([]int{300, 1000})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != len(teams)*2*len(failRules) {
		t.Fatalf("%d cases", len(list))
	}
	if err := (&Calibration{Alpha: alpha, Releases: list}).broken(); err != nil {
		t.Error(err)
	}
	for _, r := range list {
		if r.Rule == "point" && r.Failed < .2 {
			t.Errorf("%+v: chance alone fails more releases than that", r)
		}
	}
}

// TestBroken: false alarms are told, those by the point rule are no news.
func TestBroken(t *testing.T) {
	c := &Calibration{Alpha: alpha, Releases: []Releases{
		{"a", 300, "evidence", 1000, .08, .1}, {"a", 300, "beyond", 1000, .05, .1}, {"a", 300, "point", 1000, .9, .9},
	}}
	if err := c.broken(); err == nil || strings.Count(err.Error(), "\n") != 0 || !strings.Contains(c.page(), "NOT KEPT") {
		t.Errorf("%v\n%s", err, c.page())
	}
}

// TestDrops: a drop of twice the margin is caught as often as power foresaw.
func TestDrops(t *testing.T) {
	s := simulation{seed: 7, runs: 150}
	for _, d := range drops {
		if d.metric != "accuracy" && d.metric != "mcc" && d.metric != "recall" {
			continue
		}
		one, err := s.drop(d.prepare(), 300)
		if err != nil {
			t.Fatal(err)
		}
		if off := math.Abs(one.Foreseen - one.Caught); off > .05+3*math.Sqrt(.25/float64(s.runs)) || one.Basis != "discordance" {
			t.Errorf("%+v", one)
		}
	}
}

// TestCoverage: intervals hold the true value about as often as they say.
func TestCoverage(t *testing.T) {
	s := simulation{seed: 7, runs: 200}
	for _, c := range coverings(300) {
		if c.positive == .05 || c.rows < 300 || c.discordance < .1 {
			continue
		}
		list, err := s.cover(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range list {
			if one.Sets != s.runs || one.Covered < .95-4*math.Sqrt(.95*.05/float64(s.runs)) {
				t.Errorf("%+v", one)
			}
		}
	}
}

// TestTruth: what is said to be true of a population is so in a large sample, as
// the gate sees it.
func TestTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, w := range []world{
		{positive: .5, mu: spread, worse: .2, correlation: correlationFor(.05)},
		{positive: .1, mu: spread, worse: .2, correlation: correlationFor(.05)},
		{regression: true, worse: .1, correlation: .9},
	} {
		of := setting{metrics: strings.Join(binaryLimits, ", "), fail: "point"}
		if w.regression {
			of = setting{regression: true, metrics: strings.Join(regressionLimits, ", "), fail: "point"}
		}
		sp, err := of.parse()
		if err != nil {
			t.Fatal(err)
		}
		rows := w.draw(random, 200_000)
		r, err := check(sp, rows)
		if err != nil {
			t.Fatal(err)
		}
		baseline, candidate := w.truth(0), w.truth(w.worse)
		for _, c := range r.Checks {
			if math.Abs(*c.Candidate-candidate[c.Metric]) > .015 || c.Baseline != nil && math.Abs(*c.Baseline-baseline[c.Metric]) > .015 {
				t.Errorf("%s of %+v: %v, in truth %v", c.Metric, w, *c.Candidate, candidate[c.Metric])
			}
		}
	}
	// Accuracy falls by as much as answers are turned, and only there.
	d := drops[0].prepare()
	even, worse := d.draw(rand.New(rand.NewPCG(1, 2)), 40_000, true), d.draw(rand.New(rand.NewPCG(1, 2)), 40_000, false)
	fell, elsewhere := 0.0, 0.0
	for i := range even.new {
		right := func(s *set) float64 {
			if (s.new[i] >= .5) == (s.label[i] == 1) {
				return 1
			}
			return 0
		}
		if i < 40_000 {
			fell += (right(even) - right(worse)) / 40_000
		} else {
			elsewhere += math.Abs(right(even) - right(worse))
		}
	}
	if math.Abs(fell-.06) > .005 || elsewhere != 0 {
		t.Errorf("accuracy fell by %v there and on %v rows elsewhere", fell, elsewhere)
	}
	// The discordance is what it is said to be: rows that only one model has right.
	differ := 0.0
	for i := range even.new {
		if (even.new[i] >= .5) != (even.old[i] >= .5) {
			differ += 1 / float64(len(even.new))
		}
	}
	if math.Abs(differ-discordanceOfDrops) > .002 {
		t.Errorf("discordance %v", differ)
	}
}

// TestSameNumbers: the same seed gives the same numbers on one core and on more.
func TestSameNumbers(t *testing.T) {
	once := func() []Releases {
		list, err := simulation{seed: 3, runs: 12}.releases([]int{300})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	many := once()
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	if one := once(); !reflect.DeepEqual(one, many) {
		t.Errorf("%v\n%v", one, many)
	}
}

// TestPage: the page that is kept is that of the numbers that are kept, and no
// promise is broken in them.
func TestPage(t *testing.T) {
	read := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	var c Calibration
	if err := json.Unmarshal(read("calibration.json"), &c); err != nil {
		t.Fatal(err)
	}
	if page := c.page(); page != string(read("calibration.md")) {
		t.Error("docs/calibration.md is not the page of docs/calibration.json: run make calibrate")
	}
	if err := c.broken(); err != nil || c.Runs < 1000 {
		t.Errorf("%d runs: %v", c.Runs, err)
	}
}
