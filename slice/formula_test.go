package slice

import (
	"errors"
	"strings"
	"testing"
)

const (
	noOrder = `"order_bys":{"type":"ORDER_MODIFIER","orders":[]}`
	total   = `{"class":"FUNCTION","type":"FUNCTION","alias":"","query_location":7,"function_name":"sum","schema":"","children":[` + age + `],"filter":null,` + noOrder + `,"distinct":false,"is_operator":false,"export_state":false,"catalog":""}`
	counted = `{"class":"FUNCTION","type":"FUNCTION","alias":"","query_location":7,"function_name":"count_star","schema":"","children":[],"filter":` + older + `,` + noOrder + `,"distinct":false,"is_operator":false,"export_state":false,"catalog":""}`
	share   = `{"class":"FUNCTION","type":"FUNCTION","alias":"","query_location":17,"function_name":"/","schema":"","children":[` + total + `,` + counted + `],"filter":null,` + noOrder + `,"distinct":false,"is_operator":true,"export_state":false,"catalog":""}`
)

func TestCheckFormula(t *testing.T) {
	f, err := CheckFormula([]byte(open+share+after), isAge)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Aggregates) != 2 || f.Aggregates[0].Function != "sum" || len(f.Aggregates[0].Args) != 1 || f.Aggregates[0].Filter != nil ||
		f.Aggregates[1].Function != "count_star" || len(f.Aggregates[1].Args) != 0 || !strings.Contains(string(f.Aggregates[1].Filter), "age") {
		t.Errorf("%+v", f.Aggregates)
	}
	if tree := string(f.Tree); !strings.Contains(tree, `["a0"]`) || !strings.Contains(tree, `["a1"]`) || strings.Contains(tree, "age") || strings.Contains(tree, "sum") {
		t.Errorf("%s", tree)
	}
	if len(f.Reads) != 1 || f.Reads[0] != "age" {
		t.Errorf("reads %q", f.Reads)
	}
	renamed, err := Renamed(f.Aggregates[0].Args[0], func(name string) string { return "u7" })
	if err != nil || !strings.Contains(string(renamed), `["u7"]`) || strings.Contains(string(renamed), `"age"`) {
		t.Errorf("%s, %v", renamed, err)
	}
}

// TestCheckFormulaRefusesAnyOtherTree changes each part of a tree that is accepted.
func TestCheckFormulaRefusesAnyOtherTree(t *testing.T) {
	tree := open + total + after
	for _, change := range [][2]string{
		{`"sum"`, `"product"`}, {`"sum"`, `"nobody"`}, {`"sum"`, `"corr"`}, {`"sum"`, `"abs"`}, {`"alias":"","query_location":7,"f`, `"alias":"x","query_location":7,"f`},
		{`"alias":"","query_location":7,"f`, `"alias":null,"query_location":7,"f`}, {`"distinct":false`, `"distinct":true`}, {`"distinct":false`, `"distinct":null`},
		{`"is_operator":false`, `"is_operator":true`}, {`"export_state":false`, `"export_state":true`}, {`"export_state":false`, `"export_state":1`}, {`"catalog":""`, `"catalog":"system"`},
		{`"schema":""`, `"schema":"x"`}, {`"orders":[]`, `"orders":[1]`}, {`"orders":[]`, `"orders":null`}, {`"ORDER_MODIFIER"`, `"LIMIT"`}, {`"filter":null`, `"filter":1`},
		{`"filter":null`, `"filter":{}`}, {`"filter":null`, `"filter":` + total}, {`"filter":null,`, ``}, {`"catalog":""`, `"catalog":"","new":1`}, {`"type":"FUNCTION"`, `"type":"OTHER"`},
		{`"class":"FUNCTION"`, `"class":"WINDOW"`}, {`"class":"FUNCTION"`, `"class":7`}, {`"children":[`, `"children":[1,`}, {`"children":[` + age, `"children":[` + total}, {`["age"]`, `["nobody"]`}, {`["age"]`, `["x","age"]`},
		{`"query_location":7,"f`, `"query_location":1,"f`}, {total, age}, {total, number},
	} {
		changed := strings.Replace(tree, change[0], change[1], 1)
		if changed == tree {
			t.Errorf("%s is not in the tree", change[0])
		}
		if f, err := CheckFormula([]byte(changed), isAge); err == nil {
			t.Errorf("%s instead of %s is accepted: %+v", change[1], change[0], f)
		}
	}
}

func FuzzCheckFormula(f *testing.F) {
	for _, e := range []string{total, counted, share, age, older, either} {
		f.Add([]byte(open + e + after))
	}
	f.Fuzz(func(t *testing.T, tree []byte) {
		formula, err := CheckFormula(tree, func(name string) bool { return name != "nobody" })
		if err != nil {
			if strings.Contains(err.Error(), "a slice") {
				if r, ok := errors.AsType[*Refused](err); !ok || !strings.Contains(string(tree), "slice") {
					t.Errorf("said of a metric: %v (%v)", err, r)
				}
			}
			return
		}
		if len(formula.Aggregates) == 0 || len(formula.Aggregates) > maxAggregates {
			t.Errorf("%d aggregates", len(formula.Aggregates))
		}
		// What is left, and what was taken out, is what a predicate may hold.
		trees := [][]byte{formula.Tree}
		for _, a := range formula.Aggregates {
			trees = append(trees, a.Args...)
			if a.Filter != nil {
				trees = append(trees, a.Filter)
			}
		}
		for _, tree := range trees {
			if _, err := Check(tree, func(string) bool { return true }); err != nil {
				t.Errorf("%s: %v", tree, err)
			}
		}
	})
}
