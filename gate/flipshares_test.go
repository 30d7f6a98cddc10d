package gate_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/result"
)

// numbersOf runs a query of one row of numbers.
func numbersOf(t *testing.T, query string) []float64 {
	t.Helper()
	path := t.TempDir() + "/row.csv"
	sql(t, fmt.Sprintf("COPY (%s) TO '%s' (HEADER false)", query, path))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	row, err := csv.NewReader(strings.NewReader(string(text))).Read()
	if err != nil {
		t.Fatal(err)
	}
	var out []float64
	for _, field := range row {
		x, err := strconv.ParseFloat(field, 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, x)
	}
	return out
}

// TestACSIncomeFlips: the counts are those of shared/design/statistics.md. The
// shares are held to an SQL query in DuckDB 1.5.6; the intervals are those of
// scipy 1.17.1, binomtest(x, 332900).proportion_ci(method="wilson"); where flips
// gather is by scipy's fisher_exact(alternative="greater") over the 29 slices with
// 50 rows, counted by pandas 3.1.1, and Holm's method by its definition.
func TestACSIncomeFlips(t *testing.T) {
	data := shared(t, "data/acsincome")
	r, err := check(t, t.TempDir(), fmt.Sprintf(`
version: 1
task: binary
data:
  eval: {path: %[1]s/eval.parquet, id: index, label: PINCP}
candidate: {predictions: {path: %[1]s/oversampling60.parquet, label: predictions}}
baseline: {predictions: {path: %[1]s/lgbm57.parquet, label: predictions}}
slices:
  by: [SEX, RAC1P, [RAC1P, SEX]]
flips: {max_negative_rate: 0.03, min_backward_trust: 0.97, min_error_compatibility: 0.88, slices: {max_negative_rate: 0.025}}
`, data), gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := numbersOf(t, fmt.Sprintf(`SELECT count(*) FILTER (b AND NOT c), count(*) FILTER (c AND NOT b), avg(c::INT) FILTER (b), avg((NOT b)::INT) FILTER (NOT c)
		FROM (SELECT o.predictions = PINCP AS c, l.predictions = PINCP AS b FROM '%[1]s/eval.parquet'
			JOIN '%[1]s/oversampling60.parquet' o USING (index) JOIN '%[1]s/lgbm57.parquet' l USING (index))`, data))
	f := r.Flips
	if f.Negative != 6667 || f.Positive != 5919 || want[0] != 6667 || want[1] != 5919 {
		t.Errorf("%d negative and %d positive, by SQL %v", f.Negative, f.Positive, want[:2])
	}
	near(t, "BTC", f.BackwardTrust, want[2])
	near(t, "BEC", f.ErrorCompatibility, want[3])
	near(t, "negative rate", f.NegativeRate, 6667./332900)
	near(t, "positive rate", f.PositiveRate, 5919./332900)
	for i, want := range [4]float64{.019556654197298698, .020508493144867225, .01733673303943601, .01823462416367845} {
		near(t, fmt.Sprintf("end %d of the intervals", i), &[]*[2]float64{f.NegativeInterval, f.PositiveInterval}[i/2][i%2], want)
	}

	gathered := []result.Gathering{
		{Slice: "SEX=1.0", Rows: 173263, Negative: 3985, P: 8.852225469618373e-38, PAdjusted: 2.567145386189328e-36},
		{Slice: "RAC1P=0,SEX=1.0", Rows: 136783, Negative: 3211, P: 2.838386496715387e-32, PAdjusted: 7.947482190803083e-31},
		{Slice: "RAC1P=0", Rows: 259625, Negative: 5322, P: 0.00011817115294434839, PAdjusted: 0.0031906211294974065},
		{Slice: "RAC1P=7,SEX=1.0", Rows: 7032, Negative: 179, P: 0.0008778589592728382, PAdjusted: 0.022824332941093792},
	}
	c := f.Concentration
	if c == nil || c.Tests != 29 || c.Found != 4 || len(c.Slices) != 4 {
		t.Fatalf("concentration %+v", c)
	}
	for i, want := range gathered {
		got := c.Slices[i]
		if strings.ReplaceAll(want.Slice, ".0", "") != got.Slice || got.Rows != want.Rows || got.Negative != want.Negative {
			t.Errorf("%+v, want %+v", got, want)
		}
		if relative(got.P, want.P) > 1e-10 || relative(got.PAdjusted, want.PAdjusted) > 1e-10 {
			t.Errorf("%s: p %v, adjusted %v, want %v and %v", got.Slice, got.P, got.PAdjusted, want.P, want.PAdjusted)
		}
	}
	for id, want := range map[string]result.Verdict{
		"flips/max_negative_rate": "pass", "flips/min_backward_trust": "pass", "flips/min_error_compatibility": "pass",
		"slice/RAC1P=7,SEX=1/flips/max_negative_rate": "inconclusive", "slice/SEX=1/flips/max_negative_rate": "pass",
	} {
		if c := find(t, r, id); c.Verdict != want {
			t.Errorf("%s is %s, want %s: %+v", id, c.Verdict, want, c)
		}
	}
}

func relative(got, want float64) float64 { return max(got-want, want-got) / want }

// flipping is rows of several kinds: by id, label, and both scores.
func flipping(rows int) string {
	return lines("id,y,old,new,group", rows, func(i int) string {
		return fmt.Sprintf("k%d,%d,0.%02d,0.%02d,g%d", i*7919%rows, i%2, 1+i*37%99, 1+i*61%99, i%3)
	})
}

const sure = twoModels + "slices: {by: [group]}\nflips: {slices: {}}\n"

// TestConfidentErrors: the rows and their number are those of an SQL query, the
// examples are among them, and the file has them all.
func TestConfidentErrors(t *testing.T) {
	dir := write(t, map[string]string{"eval.csv": flipping(5000)})
	for text, above := range map[string]float64{sure: 0.9, sure + "metrics: {high_confidence_error_rate: {above: 0.7, max_rise: 0.9}}\n": 0.7} {
		r, err := check(t, dir, text, gate.Options{})
		if err != nil {
			t.Fatal(err)
		}
		wrong := func(score string) string {
			return fmt.Sprintf("((%[1]s >= 0.5) <> (y = 1) AND greatest(%[1]s, 1 - %[1]s) > %[2]v)", score, above)
		}
		isNew := wrong("new") + " AND NOT " + wrong("old")
		want := numbersOf(t, fmt.Sprintf("SELECT count(*), count(*) FILTER ((old >= 0.5) <> (y = 1)) FROM (SELECT * REPLACE (old::DOUBLE AS old, new::DOUBLE AS new) FROM '%s/eval.csv') WHERE %s", dir, isNew))
		c := r.Flips.ConfidentErrors
		if c.Above != above || float64(c.Count) != want[0] || want[1] == 0 || len(c.Examples) != 20 {
			t.Fatalf("above %v: %d new confident errors, %d examples; want %v", c.Above, c.Count, len(c.Examples), want)
		}
		file := flipsOf(t, dir, text, "csv", gate.Options{})
		records := file.records(t)
		marked := map[string]bool{}
		for _, row := range records[1:] {
			if row[1] == "true" {
				marked[row[2]] = true
			}
			if row[0] == "none" && row[1] != "true" {
				t.Errorf("a row that neither flipped nor is confidently wrong: %v", row)
			}
		}
		if uint64(len(marked)) != c.Count || float64(file.Other) != want[1] || file.Negative+file.Positive+file.Other != uint64(len(records)-1) {
			t.Errorf("%d marked rows of %d, %+v", len(marked), len(records)-1, file.FlipRows)
		}
		for _, e := range c.Examples {
			if !marked[e.ID] || e.Candidate.Score == nil || e.Baseline.Score == nil || e.Candidate.Label == e.Label {
				t.Errorf("example %+v", e)
			}
		}
	}
}

// TestConfidentErrorsOfManyClasses: what counts is the highest probability; an
// example shows that of the answer.
func TestConfidentErrorsOfManyClasses(t *testing.T) {
	dir := write(t, map[string]string{"eval.csv": "id,y,na,nb,nc,oa,ob,oc\n" +
		"1,a,0.02,0.95,0.03,0.1,0.8,0.1\n" + // both wrong, only the new one sure
		"2,b,0.02,0.95,0.03,0.8,0.1,0.1\n" + // right
		"3,c,0.95,0.03,0.02,0.95,0.03,0.02\n" + // sure before
		"4,c,0.92,0.05,0.03,0.1,0.1,0.8\n"}) // a negative flip
	r, err := check(t, dir, `
version: 1
task: multiclass
data: {eval: {path: eval.csv, id: id, label: y}}
candidate: {predictions: {scores: {a: na, b: nb, c: nc}}}
baseline: {predictions: {scores: {a: oa, b: ob, c: oc}}}
flips: {}
`, gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(r.Flips.ConfidentErrors)
	want := `{"above":0.9,"count":2,"examples":[` +
		`{"id":"1","label":"a","baseline":{"label":"b","score":0.8},"candidate":{"label":"b","score":0.95}},` +
		`{"id":"4","label":"c","baseline":{"label":"c","score":0.8},"candidate":{"label":"a","score":0.92}}]}`
	if string(got) != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// TestFlipsGatherInMany: ten slices are named, those with the most flips beyond
// their share first, and all are counted. Slices under min_rows rows, and one of
// all rows, are not looked at.
func TestFlipsGatherInMany(t *testing.T) {
	dir := write(t, map[string]string{"eval.csv": lines("y,old,new,n", 1000, func(i int) string {
		if i < 60 {
			return fmt.Sprintf("1,0.9,0.1,%d", i)
		}
		return fmt.Sprintf("%d,0.9,0.9,%d", i%2, i)
	})})
	text := strings.Replace(twoModels, ", id: id", "", 1) + "slices:\n  rules: {accuracy: 0.9}\n  named:\n    all: n >= 0\n    few: n < 49\n    none: n > 500\n"
	for i := range 12 {
		text += fmt.Sprintf("    s%d: n < %d\n", i, 50+i)
	}
	r, err := check(t, dir, text, gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := r.Flips.Concentration
	if c.Tests != 13 || c.Found != 12 || len(c.Slices) != 10 {
		t.Fatalf("%+v", c)
	}
	var names []string
	for _, s := range c.Slices {
		names = append(names, s.Slice)
	}
	if got := strings.Join(names, " "); got != "s10 s11 s9 s8 s7 s6 s5 s4 s3 s2" { // s11 has a row more than s10, and no flip more
		t.Error(got)
	}
	if e := r.Flips.ConfidentErrors; e.Count != 0 || len(e.Examples) > 0 { // 0.9 is not above 0.9
		t.Errorf("%+v", e)
	}
}

// TestConfidentErrorsWithoutIDs are counted, and none is shown.
func TestConfidentErrorsWithoutIDs(t *testing.T) {
	dir := write(t, map[string]string{"eval.csv": lines("y,old,new", 100, func(i int) string { return fmt.Sprintf("%d,0.%d5,0.99", i%2, 1+i%8) })})
	r, err := check(t, dir, strings.Replace(twoModels, ", id: id", "", 1)+"flips: {}\n", gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if e := r.Flips.ConfidentErrors; e.Count != 50 || len(e.Examples) > 0 {
		t.Errorf("%+v", e)
	}
}

// TestFlipsOfManyThreads: the same rows in another order and on other threads have
// the same flips, checks and examples.
func TestFlipsOfManyThreads(t *testing.T) {
	text := strings.Split(strings.TrimSuffix(flipping(20_000), "\n"), "\n")
	slices.Reverse(text[1:])
	dirs := []string{write(t, map[string]string{"eval.csv": flipping(20_000)}), write(t, map[string]string{"eval.csv": strings.Join(text, "\n") + "\n"})}
	var first string
	for _, threads := range []int{1, 3} {
		for _, dir := range dirs {
			r, err := check(t, dir, sure, gate.Options{Open: opener(threads), Threads: threads})
			if err != nil {
				t.Fatal(err)
			}
			encoded, _ := json.Marshal([]any{r.Flips, r.Checks})
			got := strings.ReplaceAll(string(encoded), dir, "")
			if first == "" {
				first = got
			}
			if got != first {
				t.Errorf("%d threads: other flips or checks", threads)
			}
		}
	}
}

// TestFlipsPointTheOtherWay: swapping the models swaps negative and positive, and
// the flips of slices that part the rows add up to those of all.
func TestFlipsPointTheOtherWay(t *testing.T) {
	dir := write(t, map[string]string{"eval.csv": flipping(3001)})
	swapped := strings.NewReplacer("score: new", "score: old", "score: old", "score: new").Replace(sure)
	a, errA := check(t, dir, sure, gate.Options{})
	b, errB := check(t, dir, swapped, gate.Options{})
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if a.Flips.Negative != b.Flips.Positive || a.Flips.Positive != b.Flips.Negative || *a.Flips.NegativeInterval != *b.Flips.PositiveInterval || a.Flips.Negative == a.Flips.Positive {
		t.Errorf("%+v and %+v", a.Flips, b.Flips)
	}
	var negative, rows uint64
	for _, g := range []string{"g0", "g1", "g2"} {
		c := find(t, a, "slice/group="+g+"/flips/max_negative_rate")
		negative, rows = negative+c.Details.Flips.Negative, rows+*c.Rows
	}
	if negative != a.Flips.Negative || rows != 3001 {
		t.Errorf("%d negative flips of %d rows in slices, %d in all", negative, rows, a.Flips.Negative)
	}
}
