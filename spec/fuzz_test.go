package spec

import (
	"errors"
	"os"
	"testing"
	"time"
)

// FuzzParse: whatever the text, there is no panic and no endless work; what is
// accepted keeps the invariants, and what is refused says where.
func FuzzParse(f *testing.F) {
	for _, dir := range []string{"good", "bad"} {
		for _, file := range corpus(f, dir) {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	o := options()
	o.ReadFile = func(string) ([]byte, error) { return nil, os.ErrNotExist }
	f.Fuzz(func(t *testing.T, text []byte) {
		start := time.Now()
		s, err := Parse("noworse.yaml", text, o)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("took %v for %d bytes", took, len(text))
		}
		if err == nil {
			for _, complaint := range broken(s) {
				t.Error(complaint)
			}
			return
		}
		var problems Problems
		if !errors.As(err, &problems) || len(problems) == 0 || s != nil {
			t.Fatalf("not Problems alone: %v, %v", s, err)
		}
		for _, p := range problems {
			if p.Line < 1 || p.Col < 1 || p.Message == "" || p.File != "noworse.yaml" || p.Error() == "" {
				t.Errorf("a problem that says too little: %+v", p)
			}
		}
	})
}
