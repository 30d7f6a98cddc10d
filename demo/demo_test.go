package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// golden are the digests of the files. One that changes on another machine
// alone is a bug; one that changes with the demo is to be updated here.
var golden = map[string]string{
	"noworse.yaml":   "e4733d26d0bd264206b01f7524c5394155d3a636cf7bcc765ff12a93f83256ce",
	"README.md":      "5acdec05f0e23a7d39f4bb23981bd9ada14cc3c5d5d89c44d5b627c4888a8232",
	"data/eval.csv":  "0cd8c1cb9c8ca3bffcc58be0f20bda320855fcd2853872724d7bdb08b3e5ce09",
	"models/v41.csv": "422df57147f904ca71ea3e4ba3103cd54ea5baec9d89031528e66771676ebef6",
	"models/v42.csv": "afcf0557eddc58d2e87b5ea74aca5d71f4d659f92b4338136ec502f6b69f1eb8",
}

func files(t *testing.T) map[string][]byte {
	t.Helper()
	list, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string][]byte{}
	for _, f := range list {
		byName[f.Name] = f.Content
	}
	return byName
}

func TestFilesAreTheSameEverywhere(t *testing.T) {
	first := files(t)
	if !reflect.DeepEqual(first, files(t)) {
		t.Error("two calls of Files differ")
	}
	for name, content := range first {
		sum := sha256.Sum256(content)
		if got := hex.EncodeToString(sum[:]); got != golden[name] {
			t.Errorf("%s has digest %s", name, got)
		}
	}
	if len(first) != len(golden) {
		t.Errorf("%d files, want %d", len(first), len(golden))
	}
}

// row is a line of the evaluation set, joined with both models' scores.
type row struct {
	column   map[string]string
	right    [2]bool // v41, v42
	score    [2]float64
	positive bool
}

func (r row) number(column string) float64 {
	x, err := strconv.ParseFloat(r.column[column], 64)
	if err != nil {
		return math.NaN()
	}
	return x
}

// table reads a file the way a user's tool would: from its bytes alone.
func table(t *testing.T, content []byte) []map[string]string {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, line := range lines[1:] {
		m := map[string]string{}
		for i, name := range lines[0] {
			m[name] = line[i]
		}
		out = append(out, m)
	}
	return out
}

// scores reads a prediction file by id; an id that comes twice is an error.
func scores(t *testing.T, content []byte) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	for _, line := range table(t, content) {
		s, err := strconv.ParseFloat(line["score"], 64)
		id := line["application_id"]
		if _, twice := out[id]; twice || err != nil || s < 0 || s > 1 {
			t.Fatalf("bad line %v (%v)", line, err)
		}
		out[id] = s
	}
	return out
}

func joined(t *testing.T) []row {
	t.Helper()
	f := files(t)
	models := [2]map[string]float64{scores(t, f["models/v41.csv"]), scores(t, f["models/v42.csv"])}
	seen := map[string]bool{}
	var out []row
	for _, columns := range table(t, f["data/eval.csv"]) {
		id := columns["application_id"]
		if seen[id] {
			t.Fatalf("%s comes twice", id)
		}
		seen[id] = true
		r := row{column: columns, positive: columns["repaid"] == "1"}
		for m, scores := range models {
			s, there := scores[id]
			if !there {
				t.Fatalf("model %d has no score for %s", m, id)
			}
			r.score[m] = s
			r.right[m] = (s >= 0.5) == r.positive
		}
		out = append(out, r)
	}
	if len(models[0]) != len(out) || len(models[1]) != len(out) {
		t.Fatalf("%d applications, %d and %d scores", len(out), len(models[0]), len(models[1]))
	}
	return out
}

// mean is the mean of a function for each model.
func mean(rows []row, of func(r row, model int) float64) (v41, v42 float64) {
	var sum [2]float64
	for _, r := range rows {
		for m := range sum {
			sum[m] += of(r, m)
		}
	}
	return sum[0] / float64(len(rows)), sum[1] / float64(len(rows))
}

func isRight(r row, m int) float64 {
	if r.right[m] {
		return 1
	}
	return 0
}

func ofTruth(r row, m int) float64 {
	if r.positive {
		return r.score[m]
	}
	return 1 - r.score[m]
}

func logLoss(r row, m int) float64 { return -math.Log(max(ofTruth(r, m), 1e-15)) }

func confidentError(r row, m int) float64 {
	if !r.right[m] && max(r.score[m], 1-r.score[m]) > 0.9 {
		return 1
	}
	return 0
}

// area counts the pairs of a positive and a negative row in the right order.
func area(rows []row, m int) float64 {
	sorted := slices.Clone(rows)
	slices.SortFunc(sorted, func(a, b row) int {
		if a.score[m] < b.score[m] {
			return -1
		}
		return 1
	})
	var pairs, negative, positive float64
	for _, r := range sorted {
		if r.positive {
			pairs += negative
			positive++
		} else {
			negative++
		}
	}
	return pairs / positive / negative
}

func TestBetterOverall(t *testing.T) {
	rows := joined(t)
	old, new := mean(rows, isRight)
	t.Logf("accuracy %.4f -> %.4f", old, new)
	if len(rows) != 12_000 || old < 0.78 || old > 0.82 || new < old+0.008 || new > old+0.02 {
		t.Errorf("%d rows, accuracy %.4f and %.4f", len(rows), old, new)
	}
	if old, new = area(rows, 0), area(rows, 1); new < old+0.005 || old < 0.82 {
		t.Errorf("roc_auc %.4f and %.4f", old, new)
	}
	if old, new = mean(rows, logLoss); new > old-0.005 {
		t.Errorf("log_loss %.4f and %.4f", old, new)
	}
	if old, new = mean(rows, confidentError); new > old+0.002 {
		t.Errorf("confident errors %.4f and %.4f", old, new)
	}
}

// groups are the slices of the spec, of its columns one by one, and of sex.
func groups(rows []row) map[string][]row {
	out := map[string][]row{}
	for _, r := range rows {
		c := r.column
		names := []string{"tier=" + c["tier"], "region=" + c["region"], "channel=" + c["channel"], "sex=" + c["sex"],
			"region=" + c["region"] + ",channel=" + c["channel"]}
		for name, in := range map[string]bool{
			"thin_files": r.number("credit_score") < 600,
			"recent":     c["applied_at"] >= "2026-05-01",
			"big_loans":  r.number("requested_amount") > 30_000,
			"young":      r.number("age") < 30,
			"old":        r.number("age") >= 55,
		} {
			if in {
				names = append(names, name)
			}
		}
		for _, name := range names {
			out[name] = append(out[name], r)
		}
	}
	return out
}

func TestWorseForEnterpriseOnly(t *testing.T) {
	small := 0
	for name, rows := range groups(joined(t)) {
		old, new := mean(rows, isRight)
		t.Logf("%-32s %5d rows  %.4f -> %.4f  %+.4f", name, len(rows), old, new, new-old)
		switch {
		case len(rows) < 50:
			small++
		case name == "tier=enterprise":
			if new > old-0.045 || new < old-0.06 {
				t.Errorf("%s: %.4f -> %.4f", name, old, new)
			}
		case new < old-0.02: // a point short of the margin
			t.Errorf("%s: %.4f -> %.4f", name, old, new)
		}
	}
	if small == 0 {
		t.Error("no slice is too small to check; the demo is to show one")
	}
}

// The drop must stand out from chance whatever slices stand beside it:
// McNemar's z of the rows that changed sides.
func TestEnterpriseIsNoChance(t *testing.T) {
	var worse, better float64
	for _, r := range groups(joined(t))["tier=enterprise"] {
		switch {
		case r.right[0] && !r.right[1]:
			worse++
		case r.right[1] && !r.right[0]:
			better++
		}
	}
	if z := (worse - better) / math.Sqrt(worse+better); z < 3.9 {
		t.Errorf("%v newly wrong, %v newly right: z is %.2f", worse, better, z)
	}
}

func TestBigLoansAreFound(t *testing.T) {
	var found, positive float64
	for _, r := range groups(joined(t))["big_loans"] {
		if r.positive {
			positive++
			found += isRight(r, 1)
		}
	}
	if found/positive < 0.6 {
		t.Errorf("recall of big loans is %.3f", found/positive)
	}
}

// TestLooksReal holds the data against what its README and spec say of it.
func TestLooksReal(t *testing.T) {
	rows := joined(t)
	share := func(in func(r row) bool) float64 {
		n := 0.
		for _, r := range rows {
			if in(r) {
				n++
			}
		}
		return n / float64(len(rows))
	}
	for _, c := range []struct {
		what      string
		low, high float64
		in        func(r row) bool
	}{
		{"repaid", 0.67, 0.73, func(r row) bool { return r.positive }},
		{"enterprise", 0.07, 0.09, func(r row) bool { return r.column["tier"] == "enterprise" }},
		{"income missing", 0.02, 0.04, func(r row) bool { return r.column["income"] == "" }},
		{"employment missing", 0.04, 0.06, func(r row) bool { return r.column["employment_years"] == "" }},
		{"recent", 0.15, 0.19, func(r row) bool { return r.column["applied_at"] >= "2026-05-01" }},
		{"employed longer than grown up", 0, 0, func(r row) bool { return r.number("employment_years") > r.number("age")-18 }},
	} {
		if got := share(c.in); got < c.low || got > c.high {
			t.Errorf("%s: %.3f of the rows", c.what, got)
		}
	}
}

// Predictions stand in another order than the applications, so that only a
// join by id pairs them.
func TestScoresAreShuffled(t *testing.T) {
	f := files(t)
	first := func(name string) string {
		return strings.Join(strings.Fields(string(f[name]))[1:50], " ")
	}
	v41 := table(t, f["models/v41.csv"])
	inPlace := 0
	for i, line := range table(t, f["data/eval.csv"]) {
		if v41[i]["application_id"] == line["application_id"] {
			inPlace++
		}
	}
	if inPlace > 10 || first("models/v41.csv") == first("models/v42.csv") {
		t.Errorf("%d scores of v41 stand where their application does", inPlace)
	}
}
