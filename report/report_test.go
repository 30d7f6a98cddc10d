package report

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noworse/noworse/result"
)

var update = flag.Bool("update", false, "write the golden files anew")

func text(t testing.TB, r *result.Result, o Options) string {
	t.Helper()
	o.Rate = rates
	var b bytes.Buffer
	if err := Text(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	goldenFile(t, name+".txt", got)
}

func goldenFile(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run with -update and read the diff\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}

func TestText(t *testing.T) {
	for _, f := range fixtures {
		t.Run(f.name, func(t *testing.T) { golden(t, f.name, text(t, f.make(), Options{})) })
	}
}

func TestTextForOtherReaders(t *testing.T) {
	for _, c := range []struct {
		name string
		make func() *result.Result
		o    Options
	}{
		{"fail-color", failing, Options{Color: true}},
		{"fail-ascii", failing, Options{ASCII: true}},
		{"fail-all", failing, Options{All: true}},
		{"combinations", combinations, Options{}},
		{"combinations-all", combinations, Options{All: true}},
		{"combinations-60", combinations, Options{All: true, Width: 60}},
		{"fail-40", failing, Options{Width: 40}},
		{"fail-60", failing, Options{Width: 60}},
		{"fail-120", failing, Options{Width: 120}},
		{"unicode-60", unicodeNames, Options{Width: 60}},
		{"regression-60", regression, Options{Width: 60}},
		{"pass-color", passing, Options{Color: true}},
	} {
		t.Run(c.name, func(t *testing.T) { golden(t, c.name, text(t, c.make(), c.o)) })
	}
}

func TestCompactIsTheSentence(t *testing.T) {
	for _, f := range fixtures {
		r := f.make()
		var b bytes.Buffer
		if err := Compact(&b, r, Options{}); err != nil {
			t.Fatal(err)
		}
		if want := clean(r.Summary) + "\n"; b.String() != want {
			t.Errorf("%s: got %q, want %q", f.name, b.String(), want)
		}
		if quiet := text(t, r, Options{Quiet: true}); quiet != b.String() {
			t.Errorf("%s: Quiet writes %q", f.name, quiet)
		}
	}
}

func TestASCIIOfASCII(t *testing.T) {
	for _, f := range fixtures {
		if f.name == "unicode" {
			continue
		}
		for _, r := range text(t, f.make(), Options{ASCII: true, All: true}) {
			if r > 126 {
				t.Errorf("%s: %q in the ASCII report", f.name, r)
			}
		}
	}
}

func TestColorOnlyRepeats(t *testing.T) {
	for _, f := range fixtures {
		plain, colored := text(t, f.make(), Options{}), text(t, f.make(), Options{Color: true})
		if got := sequence.ReplaceAllString(colored, ""); got != plain {
			t.Errorf("%s: without colour:\n%s\nwith:\n%s", f.name, plain, got)
		}
	}
}

func TestAllShowsEveryCheck(t *testing.T) {
	r := manySlices()
	got := text(t, r, Options{All: true})
	for _, c := range r.Checks {
		if c.Slice != "" && !strings.Contains(got, c.Slice+" (") {
			t.Errorf("%s is not shown", c.Slice)
		}
	}
	if strings.Contains(got, "--all lists them") {
		t.Error("offers --all to a reader who gave it")
	}
}

func TestRenderingLeavesTheResultAlone(t *testing.T) {
	for _, f := range fixtures {
		r := f.make()
		before, err := r.Encode()
		if err != nil {
			t.Fatal(err)
		}
		text(t, r, Options{All: true})
		junit(t, r)
		markdown(t, r)
		if after, _ := r.Encode(); !bytes.Equal(before, after) {
			t.Errorf("%s: the result changed", f.name)
		}
	}
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriteErrorsAreReturned(t *testing.T) {
	r := failing()
	for name, err := range map[string]error{
		"Text": Text(full{}, r, Options{}), "Compact": Compact(full{}, r, Options{}),
		"JUnit": JUnit(full{}, r, nil), "Markdown": Markdown(full{}, r, nil),
	} {
		if !errors.Is(err, errFull) {
			t.Errorf("%s returned %v", name, err)
		}
	}
}

// TestRowsOfASliceAreShownOnce: two metrics that fail on the same rows have the
// same rows that became wrong, which are shown beneath the first that has some.
func TestRowsOfASliceAreShownOnce(t *testing.T) {
	row := example("A-1029", "1", 0.92, "0", 0.31)
	gap := check("recall", "", 1000, 0.02, 0.2, -0.03)
	gap.By = []string{"sex"}
	r := (&builder{base("loan-approval")}).add(
		gap,
		withExamples(check("accuracy", "", 1000, 0.86, 0.76, -0.02), row),
		withExamples(check("f1", "", 1000, 0.85, 0.74, -0.02), row),
		withExamples(check("accuracy", "tier=enterprise", 90, 0.8, 0.6, -0.02), row),
	).done()
	if got := strings.Count(text(t, r, Options{Width: 120}), "row A-1029"); got != 2 {
		t.Errorf("the row is there %d times, want 2: once for all rows, once for the slice\n%s", got, text(t, r, Options{Width: 120}))
	}
}
