package gate_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/noworse/noworse/gate"
)

// flipsFile is the file of a run, and how many rows it is said to have.
type flipsFile struct {
	content string
	gate.FlipRows
}

func flipsOf(t *testing.T, dir, text, format string, o gate.Options) flipsFile {
	t.Helper()
	var f flipsFile
	o.Flips = &gate.Flips{Format: format, Take: func(path string, rows gate.FlipRows) error {
		content, err := os.ReadFile(path)
		f = flipsFile{string(content), rows}
		return err
	}}
	if _, err := check(t, dir, text, o); err != nil {
		t.Fatal(err)
	}
	return f
}

// records are the rows of a file, the header first.
func (f flipsFile) records(t *testing.T) [][]string {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(f.content)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// TestFlipsFile: which rows are written, in which order, and as what. Columns of
// the data with a name that is taken get another one; a text comes out as it was.
func TestFlipsFile(t *testing.T) {
	dir := write(t, map[string]string{"eval.csv": "" +
		"key,y,old,new,label,DATA.label,note\n" +
		"10,1,0.9,0.1,a,,\"she said \"\"no\"\",\n日本, =1+1\"\n" +
		"9,1,0.9,0.9,a,b,\n" +
		"2,0,0.75,0.25,,c,\"\"\n" +
		"7,0,0.1,1e-05,b,d,' x '\n" +
		"3,0,0.2,0.5,b,d,é\n"})
	spec := strings.NewReplacer("id: id", "id: key").Replace(twoModels) +
		"metrics: {accuracy: 0.5}\nslices: {min_rows: 1, named: {high: old > 0.7, 'a, b': key > 5}}\n"
	got := flipsOf(t, dir, spec, "csv", gate.Options{})
	want := "flip,confident_error,id,label,baseline_label,baseline_score,candidate_label,candidate_score,slices,old,new,data.label,data.DATA.label,note\n" +
		"positive,false,2,0,1,0.75,0,0.25,high,0.75,0.25,,c,\n" +
		"negative,false,3,0,0,0.2,1,0.5,\"\",0.2,0.5,b,d,é\n" +
		"negative,false,10,1,1,0.9,0,0.1,\"high, a%2C b\",0.9,0.1,a,,\"she said \"\"no\"\",\n日本, =1+1\"\n"
	if got.content != want || got.Negative != 2 || got.Positive != 1 {
		t.Errorf("%d negative, %d positive\n%s\nwant\n%s", got.Negative, got.Positive, got.content, want)
	}
}

// TestFlipsOfTheChosenChecks: of a run of some checks, the rows of their slices.
func TestFlipsOfTheChosenChecks(t *testing.T) {
	data := lines("id,y,old,new,group,sub", 120, func(i int) string {
		return fmt.Sprintf("%d,1,0.9,0.1,g%d,%s", i, i%3, []string{"x", "", "a/b"}[i/3%3])
	})
	dir := write(t, map[string]string{"eval.csv": data})
	spec := strings.Replace(twoModels, "label: y", "label: y, classes: [0, 1]", 1) +
		"metrics: {accuracy: 1%}\nslices: {min_rows: 1, rules: {accuracy: 0.9}, named: {first: id < 10}, by: [group, [group, sub]]}\n"
	for only, want := range map[string]uint64{
		"":                                       120,
		"*":                                      120,
		"metric/*":                               120,
		"slice/group=g1/*":                       40,
		"slice/first/*":                          10,
		"slice/group=g1,sub=NULL/*":              13,
		"slice/group=g1,sub=a%2Fb/*":             13,
		"slice/*/accuracy/max_drop":              120,
		"slice/group=g1,sub=?/*":                 14,
		"slice/group=g[0-1]/*":                   0,
		"slice/first/accuracy/max_drop":          10,
		"slice/group=g2,sub=x/accuracy/max_dro?": 14,
	} {
		if only == "slice/group=g[0-1]/*" { // a pattern that matches nothing
			if _, err := check(t, dir, spec, gate.Options{Only: only}); err == nil {
				t.Errorf("%s: no error", only)
			}
			continue
		}
		got := flipsOf(t, dir, spec, "csv", gate.Options{Only: only})
		if got.Negative != want || uint64(len(got.records(t))) != want+1 {
			t.Errorf("%s: %d rows, %d records, want %d", only, got.Negative, len(got.records(t)), want)
		}
	}
}

// TestFlipsWithoutIDs are in the order of the rows, with their places.
func TestFlipsWithoutIDs(t *testing.T) {
	data := lines("y,new,old,p_a,p_b,p_c", 9, func(i int) string {
		return fmt.Sprintf("%c,%c,%c,0.5,0.25,0.25", 'a'+i%3, 'a'+i%2, 'a'+i%3)
	})
	dir := write(t, map[string]string{"eval.csv": data})
	got := flipsOf(t, dir, `
version: 1
task: multiclass
data: {eval: {path: eval.csv, label: y}}
candidate: {predictions: {label: new, scores: {a: p_a, b: p_b, c: p_c}}}
baseline: {predictions: {label: old}}
metrics: {accuracy: 0.9}
`, "csv", gate.Options{})
	want := "flip,row,label,baseline_label,candidate_label,candidate_score,slices,new,old,p_a,p_b,p_c\n" +
		"negative,2,c,c,a,0.5,\"\",a,c,0.5,0.25,0.25\n" +
		"negative,3,a,a,b,0.25,\"\",b,a,0.5,0.25,0.25\n" +
		"negative,4,b,b,a,0.5,\"\",a,b,0.5,0.25,0.25\n" +
		"negative,5,c,c,b,0.25,\"\",b,c,0.5,0.25,0.25\n" +
		"negative,8,c,c,a,0.5,\"\",a,c,0.5,0.25,0.25\n"
	if got.content != want {
		t.Errorf("\n%s\nwant\n%s", got.content, want)
	}
}

func TestFlipsAreTheSameBytesAtAnyNumberOfThreads(t *testing.T) {
	const rows = 300_000 // several row groups of flips
	data := lines("id,y,old,new,group", rows, func(i int) string {
		return fmt.Sprintf("k%d,%d,0.%d,0.%d,g%d", i*7919%rows, i%2, 1+i%8, 1+(i/8)%8, i%5)
	})
	dir := write(t, map[string]string{"eval.csv": data})
	for _, format := range []string{"csv", "parquet"} {
		var first flipsFile
		for _, threads := range []int{1, 2, 4} {
			got := flipsOf(t, dir, twoModels+"metrics: {accuracy: 0.5}\nslices: {by: [group]}\n", format, gate.Options{Open: opener(threads), Threads: threads})
			if first.content == "" {
				first = got
			}
			if got != first || got.Negative < rows/8 {
				t.Errorf("%s with %d threads: other bytes (%d of %d, %d negative)", format, threads, len(got.content), len(first.content), got.Negative)
			}
		}
	}
}

// TestFlipsThatCannotBe are refused before the scan.
func TestFlipsThatCannotBe(t *testing.T) {
	dir := write(t, map[string]string{"eval.csv": lines("id,y,old,new", 20, func(i int) string { return fmt.Sprintf("%d,%d,0.4,0.6", i, i%2) })})
	for spec, want := range map[string]string{
		strings.ReplaceAll(strings.ReplaceAll(twoModels, "binary", "regression"), "score:", "label:") + "metrics: {mae: 9}\n": "no flips in a regression",
		strings.Replace(twoModels, "baseline: {predictions: {score: old}}\n", "", 1) + "metrics: {accuracy: {min: 0}}\n":      "there is no baseline",
	} {
		take := func(string, gate.FlipRows) error { t.Error("a file was written"); return nil }
		_, err := check(t, dir, spec, gate.Options{Flips: &gate.Flips{Format: "csv", Take: take}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
