package spec

import (
	"os"
	"strings"
	"testing"
)

// A contract in a file of its own is laid under what the spec says, and is part of it.
func TestContractOfAFile(t *testing.T) {
	s, err := Load("testdata/good/contract_from_file.yaml", options())
	if err != nil {
		t.Fatal(err)
	}
	c := s.Contract
	if c.FromReference || c.Current != OfEval || c.Serving || *c.LeastRows != 10 || len(c.Columns) != 2 {
		t.Errorf("%+v", c)
	}
	if income := c.Columns[0]; income.Name != "income" || *income.Nulls != .05 || *income.Range != [2]float64{0, 1e6} || income.Type != "number" {
		t.Errorf("%+v", income)
	}
	o := options()
	o.ReadFile = func(path string) ([]byte, error) {
		text, err := os.ReadFile(path)
		return []byte(strings.Replace(string(text), "min: 10", "min: 20", 1)), err
	}
	other, err := Load("testdata/good/contract_from_file.yaml", o)
	if err != nil {
		t.Fatal(err)
	}
	if other.SHA256 == s.SHA256 {
		t.Error("with another contract it is the same spec")
	}
}
