package gate_test

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/result"
)

// TestASAH: intervals and chances of two markers are those of pROC, as
// shared/design/statistics.md has them. The markers are divided by powers of two,
// to look like probabilities; their order is the same.
func TestASAH(t *testing.T) {
	dir := t.TempDir()
	sql(t, fmt.Sprintf(`COPY (SELECT (outcome = 'Poor')::INTEGER AS poor, wfns / 8 AS wfns, s100b / 4 AS s100b, ndka / 512 AS ndka
		FROM '%s/asah.csv') TO '%s' (FORMAT parquet)`, shared(t, "data/asah"), filepath.Join(dir, "asah.parquet")))
	compare := func(candidate, baseline string) result.Check {
		r, err := check(t, dir, fmt.Sprintf(`
version: 1
task: binary
data: {eval: {path: asah.parquet, label: poor}}
candidate: {predictions: {score: %s}}
baseline: {predictions: {score: %s}}
metrics: {roc_auc: {max_drop: 0.05}}
`, candidate, baseline), gate.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return r.Checks[0]
	}
	c := compare("wfns", "s100b")
	near(t, "wfns", c.Candidate, .8236788617886179)
	near(t, "s100b", c.Baseline, .7313685636856369)
	near(t, "low end", &c.Interval[0], .0104061769564846)
	near(t, "high end", &c.Interval[1], .174214419249478)
	near(t, "worse", c.Evidence.PWorse, 1-.0271757822291882/2)
	if c.Evidence.Method != "delong" || c.Verdict != result.Pass || *c.Proven {
		t.Errorf("%+v: 41 positive rows cannot prove a margin of .05, which takes 59", c)
	}
	c = compare("s100b", "wfns")
	near(t, "worse", c.Evidence.PWorse, .0271757822291882/2)
	if c.Verdict != result.Fail {
		t.Errorf("s100b after wfns: %s, %s", c.Verdict, c.Reason)
	}
	near(t, "ndka worse than wfns", compare("ndka", "wfns").Evidence.PWorse, .00514557970691098/2)
}

// TestReferenceDeLong: the numbers were made for this test by numpy 2.4.6 on Python
// 3.11.7 from DeLong's definition: of each positive row the mean over negative rows
// of (s > t) + (s == t)/2, of each negative row the mean over positive ones;
// numpy.var(ddof=1) of the differences; math.erfc for p.
func TestReferenceDeLong(t *testing.T) {
	const spec = `
version: 1
task: binary
data: {eval: {path: %s/ref20k.csv, label: label}}
candidate: {predictions: {score: %s}}
baseline: {predictions: {score: %s}}
metrics: {roc_auc: 0.03}
slices:
  rules: {roc_auc: 0.03}
  named: {high: f00 > 1}
  by: [tier, channel, [region, platform]]
`
	type numbers struct{ change, low, high, worse float64 }
	for _, c := range []struct {
		candidate, baseline string
		want                map[string]numbers
	}{
		{"lr_p1", "hgb_p1", map[string]numbers{
			"metric":                           {-0.03931210536106833, -0.04322750098596699, -0.035396709736169665, 1.638153849713692e-86},
			"slice/tier=enterprise":            {-0.0339447968455342, -0.051698282078947715, -0.01619131161212068, 8.931508074034343e-05},
			"slice/tier=free":                  {-0.03748731726297461, -0.04273668075131913, -0.03223795377463008, 8.163342084134982e-45},
			"slice/channel=c06":                {-0.03433103448275865, -0.04685077050240321, -0.02181129846311409, 3.8393148231824235e-08},
			"slice/region=r06,platform=mobile": {-0.04665992979470279, -0.06520068556839081, -0.028119174021014777, 4.0597450659584693e-07},
			"slice/high":                       {-0.11928538383296183, -0.13539385970154874, -0.10317690796437494, 4.954450032241077e-48},
		}},
		{"lr_p1_r2", "lr_p1", map[string]numbers{ // many ties
			"metric":                           {-2.035736696537338e-05, -0.00010654935986792993, 6.583462593718317e-05, 0.321712066805515},
			"slice/tier=pro":                   {-4.7250306099755335e-05, -0.00029140342841503107, 0.0001969028162155204, 0.35223008814574785},
			"slice/region=r06,platform=mobile": {-5.318583129354515e-06, -0.0004839689625922542, 0.0004733317963335452, 0.4913123689028458},
			"slice/high":                       {-9.10760025211177e-05, -0.0003595371718938884, 0.000177385166851653, 0.2530502547728006},
		}},
	} {
		r, err := check(t, t.TempDir(), fmt.Sprintf(spec, shared(t, "reference"), c.candidate, c.baseline), gate.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range c.want {
			got := find(t, r, name+"/roc_auc/max_drop")
			near(t, name+" change", got.Change, want.change)
			near(t, name+" low", &got.Interval[0], want.low)
			near(t, name+" high", &got.Interval[1], want.high)
			if p := *got.Evidence.PWorse; math.Abs(p/want.worse-1) > 1e-9 {
				t.Errorf("%s: p %v, want %v", name, p, want.worse)
			}
		}
	}
}

// TestWhereAreasHaveNoEvidence: the point rule holds, and the result says so.
func TestWhereAreasHaveNoEvidence(t *testing.T) {
	dir := t.TempDir()
	sql(t, fmt.Sprintf(`COPY (SELECT i, (hash(i) %% 3 = 0)::INTEGER AS y, hash(i + 7) %% 1000 / 1000 AS a, hash(i + 9) %% 1000 / 1000 AS b, 1 + i %% 2 AS w
		FROM range(400) t(i)) TO '%s' (FORMAT parquet)`, filepath.Join(dir, "eval.parquet")))
	for _, c := range []struct {
		name, eval, more string
		options          gate.Options
		method           string
	}{
		{"rows", "", "", gate.Options{}, "delong"},
		{"weights", ", weight: w", "", gate.Options{}, "influence"},
		{"groups", ", group: i", "", gate.Options{}, "cluster"},
		{"many groups", ", group: i", "", gate.Options{MaxExact: 100}, "point"},
		{"bins", "", "", gate.Options{MaxExact: 100}, "delong"},
		{"bins with weights", ", weight: w", "", gate.Options{MaxExact: 100}, "point"},
		{"point rule", "", "decision: {fail: point}\n", gate.Options{}, "point"},
	} {
		r, err := check(t, dir, fmt.Sprintf(`
version: 1
task: binary
data: {eval: {path: eval.parquet, label: y%s}}
candidate: {predictions: {score: a}}
baseline: {predictions: {score: b}}
metrics: {roc_auc: {max_drop: 0.9, min: 0.01}}
%s`, c.eval, c.more), c.options)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for _, check := range r.Checks {
			if check.Evidence.Method != c.method || (check.Interval != nil) != (c.method != "point") {
				t.Errorf("%s: %s by %q with interval %v", c.name, check.ID, check.Evidence.Method, check.Interval)
			}
		}
	}
}
