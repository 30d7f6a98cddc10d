package report

import (
	"fmt"
	"strings"

	"github.com/noworse/noworse/result"
)

func ptr[T any](v T) *T { return &v }

// rates is what the fixtures' metrics are.
func rates(metric string) bool {
	switch metric {
	case "accuracy", "recall", "roc_auc", "positive_rate", "high_confidence_error_rate":
		return true
	}
	return false
}

// base is a run without checks.
func base(name string) *result.Result {
	return &result.Result{
		Name: name, Seconds: 1.23, Task: "binary",
		Spec:      result.File{Path: "noworse.yaml"},
		Data:      result.Data{Eval: result.Eval{Rows: 48842, Version: "v2"}},
		Candidate: &result.Model{Form: "predictions", Path: "preds/v42.csv"},
		Baseline:  &result.Model{Form: "predictions", Path: "preds/v41.csv"},
	}
}

// check is a compared metric; a negative margin is a drop, a positive one a rise.
func check(metric, slice string, rows uint64, baseline, candidate, margin float64) result.Check {
	id, severity := "metrics/"+metric, "block"
	if slice != "" {
		id = "slice/" + slice + "/" + metric
	}
	c := result.Check{
		Kind: "metric", Metric: metric, Slice: slice, Severity: severity, Rows: &rows,
		Baseline: &baseline, Candidate: &candidate, Change: ptr(candidate - baseline),
		Evidence: &result.Evidence{Method: "point", Paired: true}, Verdict: result.Pass,
	}
	c.Rule.Limit = ptr(baseline + margin)
	if margin < 0 {
		c.ID, c.Rule.MaxDrop = id+"/max_drop", &result.Margin{Value: -margin}
		if candidate < baseline+margin {
			c.Verdict = result.Fail
		}
		return c
	}
	c.ID, c.Rule.MaxRise = id+"/max_rise", &result.Margin{Value: margin}
	if candidate > baseline+margin {
		c.Verdict = result.Fail
	}
	return c
}

func (b *builder) add(checks ...result.Check) *builder {
	b.r.Checks = append(b.r.Checks, checks...)
	return b
}

type builder struct{ r *result.Result }

func (b *builder) done() *result.Result {
	b.r.Finish()
	b.r.Summary = Sentence(b.r, rates)
	return b.r
}

func because(c result.Check, reason string) result.Check {
	c.Reason = reason
	return c
}

func warning(c result.Check) result.Check {
	c.Severity = "warn"
	return c
}

func skipped(c result.Check, reason string) result.Check {
	c.Verdict, c.Reason = result.Skipped, reason
	c.Baseline, c.Candidate, c.Change = nil, nil, nil
	return c
}

func withExamples(c result.Check, examples ...result.Example) result.Check {
	c.Details.Flips = &result.Flips{Negative: 58, Positive: 20, Examples: examples}
	return c
}

func example(id, before string, p float64, after string, q float64) result.Example {
	return result.Example{
		ID: id, Label: before, Baseline: result.Answer{Label: before, Score: &p}, Candidate: result.Answer{Label: after, Score: &q},
	}
}

func failing() *result.Result {
	b := &builder{base("loan-approval")}
	b.r.Flips = &result.Flips{Negative: 1667, Positive: 1819}
	b.add(
		check("accuracy", "", 48842, 0.861, 0.864, -0.02),
		check("log_loss", "", 48842, 0.3214, 0.3301, 0.016),
		withExamples(because(check("accuracy", "tier=enterprise", 994, 0.762, 0.723, -0.03), "58 rows became wrong and 20 right"),
			example("A-1029", "1", 0.92, "0", 0.31), example("A-203", "0", 0.4996, "1", 0.5003), example("A-77", "1", 0.71, "0", 0.48)),
		check("recall", "tier=enterprise", 994, 0.91, 0.905, -0.03),
		warning(because(check("recall", "new_users", 61, 0.885, 0.836, -0.03), "5 rows became wrong and 2 right")),
		check("accuracy", "new_users", 61, 0.885, 0.9, -0.03),
	)
	for i := range 41 {
		b.add(warning(skipped(check("accuracy", fmt.Sprintf("region=r%02d", i), uint64(12+i%37), 0.5, 0.5, -0.03), "under 50 rows")))
	}
	return b.done()
}

func passing() *result.Result {
	b := &builder{base("loan-approval")}
	b.r.Flips = &result.Flips{Negative: 6667, Positive: 5919}
	return b.add(
		check("accuracy", "", 48842, 0.861, 0.8637, -0.02),
		check("roc_auc", "", 48842, 0.9123, 0.9123, -0.01),
		check("accuracy", "tier=pro", 4012, 0.8, 0.8042, -0.03),
	).done()
}

func passingWorse() *result.Result {
	b := &builder{base("loan-approval")}
	b.add(check("accuracy", "", 48842, 0.861, 0.8595, -0.02), check("log_loss", "", 48842, 0.3214, 0.3301, 0.016))
	for i := range 6 {
		b.add(warning(check("accuracy", fmt.Sprintf("region=r%02d", i), 800, 0.8, 0.805-float64(i)*0.004, -0.03)))
	}
	return b.done()
}

func noBaseline() *result.Result {
	b := &builder{base("loan-approval")}
	b.r.Baseline = nil
	const reason = "there is no baseline to compare with"
	b.add(skipped(check("accuracy", "", 48842, 0, 0, -0.02), reason), skipped(check("roc_auc", "", 48842, 0, 0, -0.02), reason))
	for i := range 5 {
		b.add(skipped(check("accuracy", fmt.Sprintf("tier=t%d", i), 900, 0, 0, -0.02), reason))
	}
	return b.done()
}

func broken() *result.Result {
	b := &builder{base("loan-approval")}
	failed := check("roc_auc", "tier=gold", 120, 0.9, 0.9, -0.02)
	failed.Verdict, failed.Baseline, failed.Candidate, failed.Change = result.Error, nil, nil, nil
	failed.Reason = "all 120 rows have the same label, so there is no ranking to measure: leave roc_auc out of this slice's rules"
	alone := warning(failed)
	alone.Slice, alone.ID = "tier=lead", "slice/tier=lead/roc_auc/max_drop"
	return b.add(check("accuracy", "", 48842, 0.861, 0.8637, -0.02), failed, alone).done()
}

func unsure() *result.Result {
	b := &builder{base("loan-approval")}
	c := check("roc_auc", "", 48842, 0.91234, 0.90236, -0.01)
	c.Verdict, c.Evidence.Bound = result.Inconclusive, ptr(0.0002)
	c.Reason = "the estimate may be off by 0.02 points, and the limit is within that: raise --memory to rank every row"
	return b.add(check("accuracy", "", 48842, 0.861, 0.8637, -0.02), c).done()
}

func manySlices() *result.Result {
	b := &builder{base("churn")}
	b.r.Data.Eval.Rows = 332900
	b.add(check("accuracy", "", 332900, 0.861, 0.8637, -0.02))
	for i := range 200 {
		c := check("accuracy", fmt.Sprintf("region=r%03d", i), uint64(60+i*37), 0.8, 0.81-float64(i*67%200)*0.0003, -0.03)
		if c.Verdict == result.Fail {
			c.Reason = fmt.Sprintf("%d rows became wrong and %d right", 20+i, 3+i/9)
		}
		if i%5 != 0 {
			c = warning(c)
		}
		b.add(c)
	}
	return b.done()
}

func onlyWarnings() *result.Result {
	r := manySlices()
	for i := range r.Checks {
		if r.Checks[i].Slice != "" {
			r.Checks[i].Severity = "warn"
		}
	}
	return (&builder{r}).done()
}

func regression() *result.Result {
	b := &builder{base("house-prices")}
	b.r.Task, b.r.Spec.Path = "regression", "specs/house prices.yaml"
	relative := because(check("rmse", "region=north", 1200, 48211.35, 50307.9, 1446.34), "12 rows of price over 1,000,000 make 80% of the rise")
	relative.Rule.MaxRise = &result.Margin{Value: 0.03, Relative: true}
	low := check("r2", "region=south", 800, 0.7421, 0.7433, -0.02)
	low.ID, low.Rule, low.Verdict, low.Reason = "slice/region=south/r2/min", result.Rule{Min: ptr(0.75), Limit: ptr(0.75)}, result.Fail, ""
	return b.add(
		check("rmse", "", 48842, 46120.2, 46120.2, 1400),
		check("mae", "", 48842, 0.00012345, 0.00012352, 0.00001),
		check("r2", "", 48842, -0.0312, -0.0298, -0.02),
		relative, low,
	).done()
}

func unicodeNames() *result.Result {
	b := &builder{base("信用審査モデル・東京支店・第二四半期")}
	b.r.Candidate.Path = "/very/long/path/to/the/predictions/of/the/candidate/model/v42.parquet"
	return b.add(
		check("accuracy", "", 48842, 0.861, 0.864, -0.02),
		withExamples(because(check("accuracy", "都道府県=東京都,年齢層=二十代から三十代前半まで,契約=法人向けプレミアム", 994, 0.762, 0.723, -0.03), "五十八行が誤りになり、二十行が正しくなった"),
			example("顧客-000000000000000000000000000000001029", "承認する可能性が非常に高い", 0.92, "否認", 0.31)),
		because(check("high_confidence_error_rate", "näıve=Zoë e\u0301te\u0301 à la carte très très longue valeur de colonne", 1994, 0.01, 0.02, 0.005), "20 rows are wrong and sure of it"),
	).done()
}

// byEvidence gives a compared metric what evidence there is on it.
func byEvidence(c result.Check, low, high, worse, adjusted float64, tests int) result.Check {
	c.Interval, c.Confidence = &[2]float64{low, high}, 0.95
	c.Evidence = &result.Evidence{Method: "tango", Paired: true, PWorse: &worse, PAdjusted: &adjusted, Tests: tests, Alpha: 0.025, Worse: worse <= 0.05}
	switch {
	case c.Verdict == result.Pass:
		c.Proven = ptr(max(-low, high) < 0.02)
	case adjusted > 0.025:
		c.Verdict, c.OnInconclusive = result.Inconclusive, "warn"
	}
	return c
}

func needs(c result.Check, rows uint64) result.Check {
	c.RowsNeeded = rows
	return c
}

// weighedUp is a run that was decided by evidence.
func weighedUp() *result.Result {
	b := &builder{base("loan-approval")}
	b.r.Flips = &result.Flips{Negative: 1667, Positive: 1819}
	minimum := check("roc_auc", "", 48842, 0.9123, 0.9101, -0.01)
	minimum.ID, minimum.Rule, minimum.Verdict = "metrics/roc_auc/min", result.Rule{Min: ptr(0.915), Limit: ptr(0.915)}, result.Inconclusive
	minimum.Interval, minimum.Confidence, minimum.Reason = &[2]float64{0.9049, 0.9153}, 0.95, "below the minimum of 0.915, but so close that chance can do that"
	b.add(
		byEvidence(check("accuracy", "", 48842, 0.861, 0.8598, -0.02), -0.0023, -0.0001, 0.02, 0.02, 1),
		minimum,
		withExamples(byEvidence(because(check("accuracy", "tier=enterprise", 994, 0.762, 0.723, -0.03), "worse for tier=enterprise: 58 rows became wrong and 20 right; chance would do this once in 80,000"),
			-0.056, -0.021, 0.0000012, 0.0000125, 12), example("A-1029", "1", 0.92, "0", 0.31)),
		needs(byEvidence(because(check("accuracy", "new_users", 61, 0.885, 0.836, -0.03), "looks worse for new_users, but chance alone may well do that: too few rows to tell, about 400 would"), -0.117, 0.009, 0.031, 0.37, 12), 412),
		needs(byEvidence(check("accuracy", "tier=free", 161, 0.885, 0.846, -0.03), -0.087, 0.009, 0.12, 1, 12), 512),
		needs(byEvidence(check("accuracy", "tier=pro", 89, 0.885, 0.836, -0.03), -0.117, 0.009, 0.22, 1, 12), 412),
		byEvidence(check("accuracy", "region=north", 4100, 0.885, 0.8842, -0.03), -0.009, 0.0071, 0.44, 1, 12),
		byEvidence(check("accuracy", "region=south", 100, 0.87, 0.88, -0.03), -0.041, 0.0601, 0.7, 1, 12),
	)
	return b.done()
}

// flipCheck is a share of flips that is held to a maximum, or to a minimum.
func flipCheck(metric, slice string, rows uint64, value float64, in [2]float64, rule result.Rule, verdict result.Verdict) result.Check {
	c := result.Check{ID: "flips/" + metric, Kind: "flips", Metric: metric, Slice: slice, Severity: "block", Rows: &rows, Candidate: &value,
		Interval: &in, Confidence: 0.95, Rule: rule, Evidence: &result.Evidence{Method: "wilson", Paired: true, Family: "flips"}, Verdict: verdict}
	if slice != "" {
		c.ID, c.Severity = "slice/"+slice+"/flips/"+metric, "warn"
	}
	return c
}

// flipping is a run whose flips are judged, and gather.
func flipping() *result.Result {
	b := &builder{base("loan-approval")}
	b.r.Flips = &result.Flips{Negative: 1667, Positive: 1819,
		Concentration: &result.Concentration{Tests: 16, Found: 3, Slices: []result.Gathering{
			{Slice: "tier=enterprise", Rows: 994, Negative: 111, P: 1e-9, PAdjusted: 1.6e-8},
			{Slice: "tier=a|b", Rows: 99, Negative: 12, P: 0.001, PAdjusted: 0.014}}},
		ConfidentErrors: &result.ConfidentErrors{Above: 0.9, Count: 31, Examples: []result.Example{
			example("A-1029", "1", 0.92, "0", 0.031), example("A-77", "0", 0.71, "0", 0.954)}}}
	whole := because(flipCheck("negative_flip_rate", "", 48842, 0.0341, [2]float64{0.0326, 0.0358}, result.Rule{Max: ptr(0.03), Limit: ptr(0.03)}, result.Fail), "1667 of 48842 rows became wrong")
	whole.Details.Flips = b.r.Flips
	trust := because(flipCheck("backward_trust", "tier=enterprise", 994, 0.853, [2]float64{0.829, 0.876}, result.Rule{Min: ptr(0.87), Limit: ptr(0.87)}, result.Inconclusive),
		"of 757 rows that the baseline has right, 111 became wrong, but so close to the limit that chance can do that")
	kept := flipCheck("error_compatibility", "", 48842, 0.75, [2]float64{0.74, 0.76}, result.Rule{Min: ptr(0.5), Limit: ptr(0.5)}, result.Pass)
	kept.Proven = ptr(true)
	return b.add(check("accuracy", "", 48842, 0.861, 0.864, -0.02), whole, kept, trust).done()
}

// behaving is a run with behaviors of every kind.
func behaving() *result.Result {
	b := &builder{base("loan-approval")}
	b.r.Candidate, b.r.Baseline = &result.Model{Form: "python", Path: "models/new.pkl"}, &result.Model{Form: "onnx", Path: "models/old.onnx"}
	of := func(name string, rows uint64, verdict result.Verdict, reason string) result.Check {
		return result.Check{ID: "behavior/" + name, Kind: "behavior", Name: name, Severity: "block", Rows: &rows, Verdict: verdict, Reason: reason, Rule: result.Rule{At: "noworse.yaml:20"}}
	}
	moved := func(row, why string) result.BehaviorExample { return result.BehaviorExample{ID: row, Why: why} }
	invariant := of("sex does not matter", 500, result.Fail, "13 of 500 changed rows not as expected: A-1029, sex Male → Female: 1 became 0")
	invariant.Baseline, invariant.Candidate, invariant.Change, invariant.Rule.PassRate = ptr(1.0), ptr(0.974), ptr(-0.026), ptr(1.0)
	invariant.Interval, invariant.Confidence, invariant.Evidence = &[2]float64{0.956, 0.986}, 0.95, &result.Evidence{Method: "clopper-pearson", Family: "behavior"}
	invariant.Details.Behavior = &result.Behavior{Asked: 500, Passed: 487, Failing: []result.BehaviorExample{
		moved("A-1029", "sex Male → Female: 1 became 0"), moved("A-77", "sex Female → Male: 0.5121 became 0.4873"), moved("A|b", "sex Female → Male: 0 became 1"), moved("A-3", "sex Male → Female: 1 became 0")}}
	rising := of("more income never hurts", 500, result.Inconclusive, "9 of 500 changed rows not as expected, but chance alone may do that: ask more rows")
	rising.Candidate, rising.Rule.PassRate, rising.Interval, rising.Confidence = ptr(0.982), ptr(0.99), &[2]float64{0.966, 0.992}, 0.95
	rising.Details.Behavior = &result.Behavior{Asked: 500, Passed: 491}
	one := of("rejected_poor_credit", 1, result.Fail, "expected 0, got 1; the baseline says 0 (0.08)")
	one.Details.Behavior = &result.Behavior{Asked: 1, Failing: []result.BehaviorExample{moved("rejected_poor_credit", "expected 0, got 1")}}
	files := of("behavior/*.jsonl", 40, result.Pass, "all 38 cases as expected; 2 known failures are still there")
	files.Candidate, files.Rule.PassRate = ptr(1.0), ptr(1.0)
	files.Details.Behavior = &result.Behavior{Asked: 38, Passed: 38, Known: []string{"case-7", "case-9"}}
	return b.add(check("accuracy", "", 48842, 0.861, 0.864, -0.02), invariant, one, rising, files, of("case 3", 1, result.Pass, "as expected"),
		of("typos", 500, result.Skipped, "the change leaves all 500 rows as they are"), of("crash", 1, result.Error, "the candidate: the worker ended: signal killed")).done()
}

// timed is a run with latencies and memory.
func timed() *result.Result {
	b := &builder{base("loan-approval")}
	of := func(kind, name string, verdict result.Verdict, baseline, candidate, low, high float64, reason string) result.Check {
		c := result.Check{ID: kind + "/" + name, Kind: kind, Name: name, Severity: "block", Verdict: verdict, Reason: reason, Baseline: &baseline, Candidate: &candidate, Change: ptr(candidate - baseline),
			Interval: &[2]float64{baseline * low, baseline * high}, Confidence: 0.96, Rule: result.Rule{At: "noworse.yaml:20", MaxRise: &result.Margin{Value: 0.1, Relative: true}},
			Evidence: &result.Evidence{Method: "hodges-lehmann", Paired: true, Family: kind}}
		c.Details.Bench = &result.Bench{Batch: 100, Pairs: 10, Ratio: candidate/baseline - 1, RatioInterval: [2]float64{low, high}}
		return c
	}
	noisy := of("latency", "p99, 100 rows at a time, ms", result.Inconclusive, 9.2, 10.6, 0.02, 0.31, "+15.2% (+2.0% to +31.0%) over 40 pairs of runs, which holds the limit of 10%: this machine is too noisy to tell; close what else runs, or raise pairs")
	noisy.OnInconclusive = "warn"
	skip := of("memory", "peak, 1,000 rows at a time, MB", result.Skipped, 1, 1, 0, 0, "")
	skip.Details.Bench, skip.Interval, skip.Evidence = nil, nil, nil
	apart := result.Check{ID: "parity/values", Kind: "parity", Name: "scores", Severity: "block", Rows: ptr(uint64(48842)), Verdict: result.Fail, Rule: result.Rule{At: "noworse.yaml:30"},
		Reason: "12 of 48,842 values beyond 1e-06 + 1e-05 of the baseline's; at most 0.0929 apart (0.284 as a share), which is 4,514,168 steps of single precision; the worst: A-000959, 0.4675454 became 0.5604136"}
	return b.add(check("accuracy", "", 48842, 0.861, 0.864, -0.02), apart,
		of("latency", "p95, 100 rows at a time, ms", result.Fail, 5.12, 6.66, 0.26, 0.35, "+30.1% (+26.0% to +35.0%) over 10 pairs of runs, and the limit is 10%"), noisy,
		of("latency", "p50, 100 rows at a time, ms", result.Pass, 4.1, 4.2, 0.01, 0.04, "+2.4% (+1.0% to +4.0%) over 10 pairs of runs"),
		skipped(skip, "the baseline cannot run here: add a model form beside baseline.store")).done()
}

// hostile is names that try to act on the terminal.
func hostile() *result.Result {
	evil := "a\x1b[31mred\x1b[0m\nFAIL\r\t\u202egnp.exe\u009b2J\x00\xff\u2028end"
	b := &builder{base(evil)}
	b.r.Data.Eval.Version, b.r.Spec.Path, b.r.Baseline.Path = evil, evil, evil
	row := example(evil, evil, 0.9, evil, 0.1)
	b.r.Flips = &result.Flips{Negative: 2, Concentration: &result.Concentration{Tests: 1, Found: 1, Slices: []result.Gathering{{Slice: evil, Rows: 9, Negative: 2}}},
		ConfidentErrors: &result.ConfidentErrors{Above: 0.9, Count: 1, Examples: []result.Example{row}}}
	c := withExamples(because(check("accuracy", evil, 994, 0.762, 0.723, -0.03), evil+strings.Repeat(" x", 60)), example(evil, evil, 0.9, evil, 0.1))
	c.Metric = evil
	return b.add(c, skipped(check("accuracy", evil, 3, 0, 0, -0.1), evil)).done()
}

func empty() *result.Result { return (&builder{base("empty")}).done() }

// fixtures are the results that golden files and properties are about.
var fixtures = []struct {
	name string
	make func() *result.Result
}{
	{"fail", failing}, {"pass", passing}, {"pass-worse", passingWorse}, {"no-baseline", noBaseline},
	{"error", broken}, {"inconclusive", unsure}, {"slices-200", manySlices}, {"warnings", onlyWarnings},
	{"evidence", weighedUp}, {"creep", creeping}, {"creep-near", nearing}, {"flips", flipping}, {"behavior", behaving}, {"bench", timed}, {"regression", regression}, {"unicode", unicodeNames}, {"hostile", hostile}, {"empty", empty},
}
