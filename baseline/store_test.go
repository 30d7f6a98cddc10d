package baseline

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// some is a baseline whose rows are a text.
func some(reason string) *Baseline {
	cut := 0.5
	return &Baseline{
		Accepted: "2026-01-02T03:04:05Z", By: "Ada", Reason: reason, Tool: "test", Name: "loan", Task: "binary",
		Spec: Spec{Path: "noworse.yaml", SHA256: "00"}, Check: Check{Verdict: "pass", Summary: "PASS: <all> & more."},
		Data:  Data{Rows: 4, Fingerprint: "fp1:1"},
		Model: Model{Form: "predictions", Path: "v41.csv", Threshold: &cut, Fingerprint: "fp1:2"},
		Rows:  Rows{ID: "id", IDKind: "integer", Score: true}, Classes: []string{"0", "1"},
		Slices: []Slice{
			{Rows: 4, Values: []Value{{Key: "acc", Metric: "accuracy", Value: 0.30000000000000004}}, Confusion: [][]uint64{{1, 1}, {1, 1}}},
			{Name: "tier=a", Rows: 2, Values: []Value{{Key: "sure", Metric: "high_confidence_error_rate", Params: json.RawMessage(`{"above":0.9}`), Value: 1e-300, Bound: 1e-9}}},
		},
	}
}

func rowsFileOf(t testing.TB, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rows.parquet")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// accepted puts baselines into a new store, one after the other.
func accepted(t *testing.T, reasons ...string) Store {
	t.Helper()
	s := Store{Dir: filepath.Join(t.TempDir(), "a", "store")}
	for _, reason := range reasons {
		accept(t, s, reason)
	}
	return s
}

func accept(t *testing.T, s Store, reason string) *Baseline {
	t.Helper()
	current, err := s.Load()
	if err != nil {
		t.Fatal(err)
	}
	b := some(reason)
	if err := s.Accept(t.Context(), b, rowsFileOf(t, "rows "+reason), current.State()); err != nil {
		t.Fatal(err)
	}
	return b
}

// listing is the files of a store, below its directory.
func listing(t *testing.T, s Store) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(s.Dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(s.Dir, path)
			list = append(list, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func rowsName(reason string) string {
	sum := sha256.Sum256([]byte("rows " + reason))
	return hex.EncodeToString(sum[:]) + ".parquet"
}

func TestAcceptAndLoad(t *testing.T) {
	s := accepted(t)
	if b, err := s.Load(); b != nil || err != nil {
		t.Fatalf("a store that is not there: %v, %v", b, err)
	}
	for i, reason := range []string{"one", "two", "three"} {
		want := accept(t, s, reason)
		got, err := s.Load()
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("loaded:\n%+v\naccepted:\n%+v", got, want)
		}
		if got.Number != i+1 || got.Checksum == "" || got.Slices[0].Values[0].Value != 0.30000000000000004 || got.Slices[1].Values[0].Value != 1e-300 {
			t.Errorf("%+v", got)
		}
		path, err := s.RowsPath(got)
		if err != nil {
			t.Fatal(err)
		}
		if content, err := os.ReadFile(path); err != nil || string(content) != "rows "+reason {
			t.Errorf("rows: %q, %v", content, err)
		}
	}
	list, err := s.History()
	if err != nil || len(list) != 3 {
		t.Fatalf("%d in the history, %v", len(list), err)
	}
	for i, b := range list {
		if b.Number != 3-i || i > 0 && list[i-1].Replaces != b.Checksum {
			t.Errorf("history: %d is number %d", i, b.Number)
		}
	}
	want := []string{".gitignore", ".lock", "baseline.json"}
	for i := range list {
		b := list[len(list)-1-i]
		want = append(want, fmt.Sprintf("history/%04d-%s.json", b.Number, b.Checksum[:8]))
	}
	if got := listing(t, s); !slices.Equal(got, append(want, "rows/"+rowsName("one"), "rows/"+rowsName("three"))) { // the first is the anchor
		t.Errorf("files: %q", got)
	}
}

// TestRowsElsewhere keeps rows in a directory of their own, and finds those that
// were accepted before it was named.
func TestRowsElsewhere(t *testing.T) {
	s := accepted(t, "inside")
	b, err := s.Load()
	if err != nil {
		t.Fatal(err)
	}
	s.Rows = filepath.Join(t.TempDir(), "big", "rows")
	if path, err := s.RowsPath(b); err != nil || filepath.Dir(path) != filepath.Join(s.Dir, "rows") {
		t.Errorf("rows that were accepted before: %s, %v", path, err)
	}
	b = accept(t, s, "outside")
	if path, err := s.RowsPath(b); err != nil || filepath.Dir(path) != s.Rows {
		t.Errorf("rows: %s, %v", path, err)
	}
	if anchor, err := s.LoadAnchor(b); err != nil || anchor.Reason != "inside" {
		t.Errorf("the anchor: %+v, %v", anchor, err)
	} else if path, err := s.RowsPath(anchor); err != nil || filepath.Dir(path) != filepath.Join(s.Dir, "rows") {
		t.Errorf("rows of the anchor: %s, %v", path, err)
	}
	if _, err := s.SetAnchor(t.Context(), Anchoring{}, b.State()); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Join(s.Dir, "rows")); err != nil || len(left) > 0 {
		t.Errorf("left within the store: %v, %v", left, err)
	}
}

func TestTooLarge(t *testing.T) {
	s := accepted(t, "one")
	before, _ := s.Load()
	large := rowsFileOf(t, "")
	if err := os.Truncate(large, MaxInside+1); err != nil {
		t.Fatal(err)
	}
	err := s.Accept(t.Context(), some("large"), large, before.State())
	if tooLarge, ok := errors.AsType[*TooLarge](err); !ok || tooLarge.Error() != "the answers row by row take 21 MB, and a store holds at most 20 MB" {
		t.Fatalf("%v", err)
	}
	if after, err := s.Load(); err != nil || after.Checksum != before.Checksum {
		t.Errorf("the baseline changed: %v", err)
	}
	s.Rows = t.TempDir()
	if err := s.Accept(t.Context(), some("large"), large, before.State()); err != nil {
		t.Error(err)
	}
}

// TestOneWins lets many accepts at once replace the same baseline.
func TestOneWins(t *testing.T) {
	for _, first := range []bool{true, false} {
		s := accepted(t)
		if !first {
			accept(t, s, "before")
		}
		judged, err := s.Load()
		if err != nil {
			t.Fatal(err)
		}
		const n = 8
		errs, files := make([]error, n), make([]string, n)
		for i := range n {
			files[i] = rowsFileOf(t, fmt.Sprint("rows ", i))
		}
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() { errs[i] = s.Accept(t.Context(), some(fmt.Sprint(i)), files[i], judged.State()) })
		}
		wg.Wait()
		now, err := s.Load()
		if err != nil {
			t.Fatal(err)
		}
		won := 0
		for i, err := range errs {
			conflict, lost := errors.AsType[*Conflict](err)
			switch {
			case err == nil:
				won++
				if now.Reason != fmt.Sprint(i) {
					t.Errorf("%d won, and the baseline is of %s", i, now.Reason)
				}
			case !lost || conflict.Winner == nil || conflict.Winner.Checksum != now.Checksum:
				t.Errorf("%d: %v", i, err)
			case !strings.HasSuffix(err.Error(), "at 2026-01-02T03:04:05Z by Ada"):
				t.Errorf("%v does not say who won", err)
			}
		}
		if won != 1 {
			t.Errorf("%d accepts won", won)
		}
		if path, err := s.RowsPath(now); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestUnusable damages a store in every way that comes to mind.
func TestUnusable(t *testing.T) {
	edit := func(change func(string) string) func(t *testing.T, s Store) {
		return func(t *testing.T, s Store) {
			path := filepath.Join(s.Dir, pointerFile)
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			changed := change(string(content))
			if changed == string(content) {
				t.Fatal("nothing was changed")
			}
			if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	replaced := func(old, by string) func(*testing.T, Store) {
		return edit(func(s string) string { return strings.Replace(s, old, by, 1) })
	}
	// signed changes the baseline and its checksum, as a stranger would.
	signed := func(old, by string) func(*testing.T, Store) {
		return edit(func(s string) string {
			s = strings.ReplaceAll(s, old, by)
			var e envelope
			if err := json.Unmarshal([]byte(s), &e); err != nil {
				return s
			}
			checksum, _ := checksumOf(e.Baseline)
			return strings.Replace(s, e.Checksum, checksum, 1)
		})
	}
	removed := func(name string) func(*testing.T, Store) {
		return func(t *testing.T, s Store) {
			if err := os.RemoveAll(filepath.Join(s.Dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		damage func(*testing.T, Store)
		want   string
	}{
		"empty":          {edit(func(string) string { return "" }), "baseline.json is empty"},
		"cut short":      {edit(func(s string) string { return s[:len(s)/2] }), "baseline.json is cut short"},
		"one byte less":  {edit(func(s string) string { return strings.TrimSpace(s)[:len(s)-2] }), "baseline.json is cut short"},
		"a newer schema": {replaced(`"schema": 1`, `"schema": 2`), "baseline.json has schema 2, and this version of noworse reads schema 1"},
		"no schema":      {replaced(`"schema": 1`, `"scheme": 1`), "baseline.json is not a baseline of noworse"},
		"a value":        {replaced("0.30000000000000004", "0.9"), "was changed after it was accepted: its checksum does not match"},
		"a reason":       {replaced(`"reason": "two"`, `"reason": "none"`), "was changed after it was accepted"},
		"no checksum":    {edit(func(s string) string { return strings.Replace(s, `"checksum"`, `"check"`, 1) }), "its checksum does not match"},
		"a conflict":     {edit(func(s string) string { return "<<<<<<< HEAD\n" + s + "=======\n" + s + ">>>>>>> theirs\n" }), "has the marks of a merge conflict"},
		"not JSON":       {edit(func(s string) string { return "PAR1" + s }), "is not a baseline of noworse"},
		"a list":         {edit(func(s string) string { return "[" + s + "]" }), "is not a baseline of noworse"},
		"rows outside":   {signed(rowsName("two"), "../../secret.parquet"), "names \"../../secret.parquet\" as its file of rows"},
		"another file":   {signed(rowsName("two"), strings.Repeat("0", 64)+".parquet"), "as its file of rows"},
		"no pairing":     {signed(`"id": "id",`, ""), "does not say how its rows are paired"},
		"anchor outside": {signed(`"rows": "`+rowsName("one"), `"rows": "../`+rowsName("one")), "names an anchor that cannot be"},
		"anchor to come": {signed("\"anchor\": {\n    \"number\": 1", "\"anchor\": {\n    \"number\": 3"), "names an anchor that cannot be"},
		"anchor path":    {signed(`"checksum": "`, `"checksum": "../`), "names an anchor that cannot be"},
		"no answers":     {signed(`"score": true`, `"score": false`), "has no answers in its rows"},
		"a wrong type":   {signed(`"number": 2`, `"number": "2"`), "is not a baseline of noworse"},
		"no slices":      {signed(`{"name":"","rows"`, `{"name":"x","rows"`), "is not a whole baseline"},
		"pointer gone":   {removed(pointerFile), "baseline.json is missing, though baselines were accepted here"},
		"rows gone":      {removed("rows"), rowsName("two") + " is missing: it holds the baseline's answers row by row"},
		"pointer a folder": {func(t *testing.T, s Store) {
			removed(pointerFile)(t, s)
			os.Mkdir(filepath.Join(s.Dir, pointerFile), 0o755)
		}, "baseline.json cannot be read: is a directory"},
		"rows changed": {func(t *testing.T, s Store) {
			os.WriteFile(filepath.Join(s.Dir, "rows", rowsName("two")), []byte("rows 2wo"), 0o644)
		}, "is not the file that was accepted: its content is another"},
	} {
		t.Run(name, func(t *testing.T) {
			s := accepted(t, "one", "two")
			c.damage(t, s)
			b, err := s.Load()
			if err == nil {
				_, err = s.RowsPath(b)
			}
			u, ok := errors.AsType[*Unusable](err)
			if !ok || !strings.Contains(u.Error(), c.want) {
				t.Fatalf("%v; want %q", err, c.want)
			}
			// Only who knows of the damage may begin anew.
			conflict, ok := errors.AsType[*Conflict](s.Accept(t.Context(), some("anew"), rowsFileOf(t, "rows anew"), "another"))
			if !ok || b == nil && conflict.Winner != nil {
				t.Errorf("an accept that does not know of it: %v", err)
			}
			if name == "pointer a folder" {
				os.Remove(filepath.Join(s.Dir, pointerFile))
			}
			if err := s.Accept(t.Context(), some("anew"), rowsFileOf(t, "rows anew"), u.State); err != nil {
				t.Fatal(err)
			}
			if now, err := s.Load(); err != nil || now.Number != 3 {
				t.Errorf("anew: %+v, %v", now, err)
			}
		})
	}
}

// TestHistoryUnusable refuses a history that was tampered with.
func TestHistoryUnusable(t *testing.T) {
	s := accepted(t, "one", "two")
	entries, err := s.entries()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.Dir, historyDir, entries[0].name)
	content, _ := os.ReadFile(path)
	os.WriteFile(path, bytes.Replace(content, []byte(`"Ada"`), []byte(`"Eve"`), 1), 0o644)
	if _, err := s.History(); err == nil || !strings.Contains(err.Error(), entries[0].name+" was changed after it was accepted") {
		t.Errorf("%v", err)
	}
	if _, err := s.Load(); err != nil {
		t.Errorf("the baseline itself is whole: %v", err)
	}
}

// TestLayout takes a file that only its layout was changed of, as tools do.
func TestLayout(t *testing.T) {
	s := accepted(t, "one")
	path := filepath.Join(s.Dir, pointerFile)
	content, _ := os.ReadFile(path)
	var b bytes.Buffer
	if err := json.Indent(&b, content, "", "\t"); err != nil {
		t.Fatal(err)
	}
	os.WriteFile(path, bytes.ReplaceAll(b.Bytes(), []byte("\n"), []byte("\r\n")), 0o644)
	if _, err := s.Load(); err != nil {
		t.Error(err)
	}
}

func TestAcceptFails(t *testing.T) {
	s := accepted(t, "one")
	if err := s.Accept(t.Context(), some("two"), filepath.Join(t.TempDir(), "none"), NoBaseline); err == nil {
		t.Error("rows that are not there are accepted")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b, _ := s.Load()
	if err := s.Accept(ctx, some("two"), rowsFileOf(t, "rows two"), b.State()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if now, err := s.Load(); err != nil || now.Checksum != b.Checksum {
		t.Errorf("%v, %v", now, err)
	}
	file := filepath.Join(t.TempDir(), "file")
	os.WriteFile(file, []byte("x"), 0o644)
	inFile := Store{Dir: file}
	if _, err := inFile.Load(); err == nil || !strings.Contains(err.Error(), "is a file, and a store is a directory") {
		t.Errorf("%v", err)
	}
}

// TestSweep removes what an accept that was killed may have left.
func TestSweep(t *testing.T) {
	s := accepted(t, "one")
	next := accepted(t, "one", "lost") // what a crash before the last rename leaves
	for _, dir := range []string{"history", "rows"} {
		files, _ := os.ReadDir(filepath.Join(next.Dir, dir))
		for _, f := range files {
			content, _ := os.ReadFile(filepath.Join(next.Dir, dir, f.Name()))
			os.WriteFile(filepath.Join(s.Dir, dir, f.Name()), content, 0o644)
		}
	}
	for _, dir := range []string{".", "history", "rows"} {
		os.WriteFile(filepath.Join(s.Dir, dir, tempPrefix+"123"), []byte("half"), 0o600)
	}
	if list, err := s.History(); err != nil || len(list) != 1 || list[0].Reason != "one" {
		t.Fatalf("what never became the baseline is in the history: %d, %v", len(list), err)
	}
	b := accept(t, s, "two")
	got := listing(t, s)
	if len(got) != 7 || !slices.Contains(got, "rows/"+rowsName("one")) || slices.Contains(got, "rows/"+rowsName("lost")) || !slices.Contains(got, "rows/"+rowsName("two")) || b.Number != 2 {
		t.Errorf("files: %q", got)
	}
}

// TestEncode reads back whatever is written.
func TestEncode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		b := some(text.Draw(t, "reason"))
		b.Number, b.Name = rapid.IntRange(1, 1<<30).Draw(t, "number"), text.Draw(t, "name")
		b.Rows.SHA256 = strings.Repeat("0", 64)
		b.Rows.File = b.Rows.SHA256 + ".parquet"
		for range rapid.IntRange(0, 4).Draw(t, "slices") {
			value := rapid.Float64().Draw(t, "value")
			b.Slices = append(b.Slices, Slice{Name: text.Draw(t, "slice"), Rows: rapid.Uint64().Draw(t, "rows"), Values: []Value{{Key: "k", Metric: "m", Value: value}}})
		}
		file, checksum, err := b.encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := decode(file)
		if err != nil {
			t.Fatalf("%v\n%s", err, file)
		}
		again, sum, err := got.encode()
		if err != nil || sum != checksum || !bytes.Equal(again, file) {
			t.Errorf("%v\n%s\n%s", err, file, again)
		}
	})
}

// FuzzDecode reads files that nobody vetted.
func FuzzDecode(f *testing.F) {
	b := some("seed")
	b.Number, b.Rows.SHA256 = 1, strings.Repeat("a", 64)
	b.Rows.File = b.Rows.SHA256 + ".parquet"
	file, _, err := b.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add([]byte(`{"schema":1,"checksum":"","baseline":null}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		b, err := decode(file)
		if err != nil {
			return
		}
		if err := b.verify(); err != nil || !rowsFile.MatchString(b.Rows.File) {
			t.Errorf("accepted: %v", err)
		}
	})
}
