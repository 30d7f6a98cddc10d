package report

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/noworse/noworse/result"
	"pgregory.net/rapid"
)

// sequence is what Color may write.
var sequence = regexp.MustCompile("\x1b\\[[0-9;]*m")

// wellFormed reports the first line that is too long or not plain text.
func wellFormed(out string, o Options) error {
	limit := max(leastWidth, o.Width)
	if o.Width == 0 {
		limit = defaultWidth
	}
	if o.Color {
		out = sequence.ReplaceAllString(out, "")
	}
	if strings.Count(out, "\n") == 0 || !strings.HasSuffix(out, "\n") {
		return fmt.Errorf("does not end with a line: %q", out)
	}
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		if n := width(line); n > limit {
			return fmt.Errorf("%d columns, not %d: %q", n, limit, line)
		}
		if strings.IndexFunc(line, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) >= 0 {
			return fmt.Errorf("control character in %q", line)
		}
		if strings.HasSuffix(line, " ") {
			return fmt.Errorf("trailing space in %q", line)
		}
	}
	if strings.Contains(out, minus+"0.0 ") || strings.Contains(out, "NaN") || strings.Contains(out, "Inf") {
		return fmt.Errorf("a number that is none in:\n%s", out)
	}
	return nil
}

func TestFixturesFitEveryWidth(t *testing.T) {
	for _, f := range fixtures {
		r := f.make()
		for w := leastWidth; w <= 150; w += 1 + w/60*6 {
			for _, o := range []Options{{Width: w}, {Width: w, ASCII: true, All: true, Color: true}} {
				if err := wellFormed(text(t, r, o), o); err != nil {
					t.Errorf("%s %+v: %v", f.name, o, err)
				}
			}
		}
	}
}

var (
	anyNumber  = rapid.OneOf(rapid.Float64(), rapid.Float64Range(0, 1), rapid.Float64Range(-1e-5, 1e-5), rapid.Float64Range(-1e7, 1e7))
	anyMetric  = rapid.OneOf(rapid.SampledFrom([]string{"", "accuracy", "recall", "log_loss", "rmse", "high_confidence_error_rate"}), rapid.String())
	anySlice   = rapid.OneOf(rapid.SampledFrom([]string{"", "tier=pro", "region=r01"}), rapid.String())
	anyVerdict = rapid.SampledFrom([]result.Verdict{result.Pass, result.Fail, result.Inconclusive, result.Skipped, result.Error, "new"})
	anyMargin  = rapid.Ptr(rapid.Custom(func(t *rapid.T) result.Margin {
		return result.Margin{Value: anyNumber.Draw(t, "value"), Relative: rapid.Bool().Draw(t, "relative")}
	}), true)
	maybe = rapid.Ptr(anyNumber, true)
)

func drawAnswer(t *rapid.T) result.Answer {
	return result.Answer{Label: rapid.String().Draw(t, "label"), Score: maybe.Draw(t, "score")}
}

func drawFlips(t *rapid.T) *result.Flips {
	if rapid.Bool().Draw(t, "no flips") {
		return nil
	}
	f := &result.Flips{Negative: rapid.Uint64().Draw(t, "negative"), Positive: rapid.Uint64().Draw(t, "positive")}
	for range rapid.IntRange(0, 5).Draw(t, "examples") {
		f.Examples = append(f.Examples, result.Example{ID: rapid.String().Draw(t, "id"), Baseline: drawAnswer(t), Candidate: drawAnswer(t)})
	}
	return f
}

func drawCheck(t *rapid.T) result.Check {
	return result.Check{
		ID: rapid.String().Draw(t, "id"), Kind: "metric", Metric: anyMetric.Draw(t, "metric"), Slice: anySlice.Draw(t, "slice"),
		Severity: rapid.SampledFrom([]string{"block", "warn", ""}).Draw(t, "severity"),
		Rows:     rapid.Ptr(rapid.Uint64(), true).Draw(t, "rows"),
		Baseline: maybe.Draw(t, "baseline"), Candidate: maybe.Draw(t, "candidate"), Change: maybe.Draw(t, "change"),
		Rule: result.Rule{
			MaxDrop: anyMargin.Draw(t, "drop"), MaxRise: anyMargin.Draw(t, "rise"), MaxChange: anyMargin.Draw(t, "max_change"),
			Min: maybe.Draw(t, "min"), Max: maybe.Draw(t, "max"),
		},
		Verdict: anyVerdict.Draw(t, "verdict"), Reason: rapid.String().Draw(t, "reason"),
		Details: result.Details{Flips: drawFlips(t)},
	}
}

func drawResult(t *rapid.T) *result.Result {
	r := base(rapid.String().Draw(t, "name"))
	r.Spec.Path, r.Candidate.Path = rapid.String().Draw(t, "spec"), rapid.String().Draw(t, "candidate")
	r.Seconds = anyNumber.Draw(t, "seconds")
	r.Flips = drawFlips(t)
	r.Data.Eval = result.Eval{Rows: rapid.Uint64().Draw(t, "rows"), Unlabelled: rapid.Uint64().Draw(t, "unlabelled"), Version: rapid.String().Draw(t, "version")}
	if rapid.Bool().Draw(t, "no baseline") {
		r.Baseline = nil
	}
	r.Checks = rapid.SliceOfN(rapid.Custom(drawCheck), 0, 25).Draw(t, "checks")
	r.Finish()
	return r
}

func TestAnyResultIsWellFormed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawResult(t)
		o := Options{Width: rapid.IntRange(40, 200).Draw(t, "width"), Color: rapid.Bool().Draw(t, "color"),
			ASCII: rapid.Bool().Draw(t, "ascii"), All: rapid.Bool().Draw(t, "all"), Rate: rates}
		var a, b bytes.Buffer
		if err := errorsOf(Text(&a, r, o), Text(&b, r, o)); err != nil {
			t.Fatal(err)
		}
		if a.String() != b.String() {
			t.Fatal("two renderings differ")
		}
		if err := wellFormed(a.String(), o); err != nil {
			t.Fatal(err)
		}
	})
}

func errorsOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// drawShare draws a rate as data give it: so many rows of so many.
func drawShare(t *rapid.T, name string) float64 {
	return float64(rapid.IntRange(0, 1e9).Draw(t, name)) / 1e9
}

// What differs must not look equal: a failing change and its limit, a change
// and nothing.
func TestDifferentNumbersLookDifferent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := check(rapid.SampledFrom([]string{"accuracy", "log_loss"}).Draw(t, "metric"), "", 100,
			drawShare(t, "baseline"), drawShare(t, "candidate"), -drawShare(t, "margin"))
		if c.Rule.MaxDrop == nil {
			return
		}
		f, m := figuresOf(&c, rates), -c.Rule.MaxDrop.Value
		if moved(&c) && f.change.signed(*c.Change) == f.change.signed(0) {
			t.Fatalf("the change %v shows as %s", *c.Change, f.change.signed(*c.Change))
		}
		if math.Abs(*c.Change-m) > 1e-11 && f.change.signed(*c.Change) == f.change.signed(m) {
			t.Fatalf("the change %v and the limit %v both show as %s", *c.Change, m, f.change.signed(m))
		}
		if *c.Baseline != *c.Candidate && f.value.number(*c.Baseline) == f.value.number(*c.Candidate) {
			t.Fatalf("%v and %v both show as %s", *c.Baseline, *c.Candidate, f.value.number(*c.Baseline))
		}
	})
}
