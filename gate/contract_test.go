package gate

import (
	"math"
	"reflect"
	"regexp"
	"testing"

	"github.com/noworse/noworse/contract"
	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/spec"
)

// A contract that is written and read again is the same.
func TestContractIsReadAsItIsWritten(t *testing.T) {
	want := contract.Contract{LeastRows: 1, Columns: []contract.Column{
		{Name: "plain", Type: profile.Number, Required: contract.Always, Nulls: .00015, Range: &[2]float64{-1.5, 1e20}, Outside: .001},
		{Name: "half open: yes", Type: profile.Number, Required: contract.Training, Nulls: 1, Range: &[2]float64{math.Inf(-1), 1. / 3}, Outside: .0035},
		{Name: "true", Type: profile.Text, Required: contract.Always, Nulls: .084, Categories: []string{"a", "", " b", "null", "1", "007", "x: y", "#", "é", `"`, "'", "\t", "<&>", "- a", "~", "yes", "1e3", "a, b"}, Outside: .00043},
		{Name: "7", Type: profile.Text, Required: contract.Serving, Nulls: .077, Pattern: regexp.MustCompile(`^(?:[A-Z]{2}-[0-9]+|\p{L}\\")$`), Outside: 1e-7, Unique: true},
		{Name: "at", Type: profile.Time, Required: contract.Never, Nulls: 0, Ascending: true},
		{Name: "odd \\ \"name\"", Required: contract.Always, Nulls: 1},
	}}
	text := want.Text("a\nb", 12)
	read, err := spec.ParseContract("contract.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var got contract.Contract
	layTerms(&got, read)
	if len(got.Columns) != len(want.Columns) {
		t.Fatalf("%d columns of\n%s", len(got.Columns), text)
	}
	for i, c := range got.Columns {
		w := want.Columns[i]
		if c.Pattern != nil && w.Pattern != nil && c.Pattern.String() == w.Pattern.String() {
			c.Pattern = w.Pattern
		}
		if !reflect.DeepEqual(c, w) {
			t.Errorf("%+v, want %+v", c, w)
		}
	}
}

// What a spec says is laid over what was inferred; a range of its own is meant to the letter.
func TestTermsAreLaidOver(t *testing.T) {
	nulls, outside := .5, .01
	c := contract.Contract{Columns: []contract.Column{{Name: "a", Type: profile.Number, Range: &[2]float64{0, 1}, Outside: .001, Nulls: .1, Required: contract.Always}}}
	layTerms(&c, &spec.Contract{Columns: []spec.ContractColumn{{Name: "a", Range: &[2]float64{0, 5}}, {Name: "b", Nulls: &nulls, Outside: &outside}}})
	if a := c.Columns[0]; *a.Range != [2]float64{0, 5} || a.Outside != 0 || a.Nulls != .1 {
		t.Errorf("%+v", a)
	}
	if b := c.Columns[1]; b.Nulls != .5 || b.Outside != .01 || b.Required != contract.Always {
		t.Errorf("%+v", b)
	}
}
