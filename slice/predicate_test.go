package slice

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// Trees as the database writes them, without locations worth testing.
const (
	open   = `{"error":false,"statements":[{"node":{"type":"SELECT_NODE","modifiers":[],"cte_map":{"map":[]},"select_list":[`
	after  = `],"from_table":{"type":"EMPTY","alias":"","sample":null,"query_location":18446744073709551615},"where_clause":null,"group_expressions":[],"group_sets":[],"aggregate_handling":"STANDARD_HANDLING","having":null,"sample":null,"qualify":null},"named_param_map":[]}]}`
	age    = `{"class":"COLUMN_REF","type":"COLUMN_REF","alias":"","query_location":7,"column_names":["age"]}`
	number = `{"class":"CONSTANT","type":"VALUE_CONSTANT","alias":"","query_location":13,"value":{"type":{"id":"INTEGER","type_info":null},"is_null":false,"value":30}}`
	isNull = `{"class":"CONSTANT","type":"VALUE_CONSTANT","alias":"","query_location":13,"value":{"type":{"id":"NULL","type_info":null},"is_null":true}}`
	older  = `{"class":"COMPARISON","type":"COMPARE_GREATERTHAN","alias":"","query_location":11,"left":` + age + `,"right":` + number + `}`
	exact  = `{"class":"CONSTANT","type":"VALUE_CONSTANT","alias":"","query_location":9,"value":{"type":{"id":"DECIMAL","type_info":{"type":"DECIMAL_TYPE_INFO","alias":"","extension_info":null,"width":2,"scale":1}},"is_null":false,"value":15}}`
	asText = `{"class":"CAST","type":"OPERATOR_CAST","alias":"","query_location":9,"child":` + age + `,"cast_type":{"id":"VARCHAR","type_info":null},"try_cast":false}`
	shout  = `{"class":"FUNCTION","type":"FUNCTION","alias":"","query_location":7,"function_name":"upper","schema":"","children":[` + asText + `],"filter":null,"order_bys":{"type":"ORDER_MODIFIER","orders":[]},"distinct":false,"is_operator":false,"export_state":false,"catalog":""}`
	choice = `{"class":"CASE","type":"CASE_EXPR","alias":"","query_location":7,"case_checks":[{"when_expr":` + older + `,"then_expr":` + number + `}],"else_expr":` + isNull + `}`
	within = `{"class":"BETWEEN","type":"COMPARE_BETWEEN","alias":"","query_location":9,"input":` + age + `,"lower":` + number + `,"upper":` + exact + `}`
	either = `{"class":"CONJUNCTION","type":"CONJUNCTION_OR","alias":"","query_location":9,"children":[` + shout + `,` + choice + `,` + within + `]}`
)

func isAge(name string) bool { return name == "age" }

func TestCheckAccepts(t *testing.T) {
	for expression, size := range map[string]int{age: 10, number: 1, older: 21, either: 10 + 30 + (10 + 21 + 1 + 1) + (10 + 20 + 1 + 1)} {
		p, err := Check([]byte(open+expression+after), isAge)
		if err != nil || p.Size != size {
			t.Errorf("size %d, want %d: %v", p.Size, size, err)
		}
	}
}

// TestCheckEveryField changes each field of an accepted tree: none may be let
// through as if it were not there.
func TestCheckEveryField(t *testing.T) {
	tree := open + either + after
	for _, change := range [][2]string{
		{`"error":false`, `"error":null,"x":1`}, {`"named_param_map":[]`, `"named_param_map":[{"key":"1","value":1}]`}, {`"named_param_map":[]`, `"x":[]`},
		{`"type":"SELECT_NODE"`, `"type":"SET_OPERATION_NODE"`}, {`"modifiers":[]`, `"modifiers":[{"type":"DISTINCT_MODIFIER"}]`}, {`"cte_map":{"map":[]}`, `"cte_map":{"map":[{}]}`}, {`"cte_map":{"map":[]}`, `"cte_map":{"map":[],"more":1}`},
		{`"type":"EMPTY"`, `"type":"BASE_TABLE"`}, {`"EMPTY","alias":""`, `"EMPTY","alias":"x"`}, {`"EMPTY","alias":""`, `"EMPTY","alias":"","x":1`}, {`"sample":null,"query_location"`, `"sample":{},"query_location"`},
		{`"where_clause":null`, `"where_clause":` + age}, {`"group_expressions":[]`, `"group_expressions":[1]`}, {`"group_sets":[]`, `"group_sets":[[]]`}, {`STANDARD_HANDLING`, `FORCE_AGGREGATES`},
		{`"having":null`, `"having":false`}, {`"qualify":null`, `"qualify":0`}, {`"sample":null,"qualify"`, `"sample":"x","qualify"`}, {`"qualify":null`, `"qualify":null,"new":1`}, {`],"from_table"`, `,` + age + `],"from_table"`},
		{`"alias":"","query_location":9,"children"`, `"alias":"x","query_location":9,"children"`}, {`"alias":"","query_location":9,"children"`, `"alias":null,"query_location":9,"children"`}, {`"query_location":9,"children"`, `"query_location":"9","children"`}, {`"query_location":9,"children"`, `"query_location":3,"children"`}, {`"query_location":9,"children"`, `"query_location":9,"new":1,"children"`},
		{`CONJUNCTION_OR`, `CONJUNCTION_XOR`}, {`"class":"CONJUNCTION"`, `"class":"SUBQUERY"`}, {`"class":"CONJUNCTION"`, `"class":5`}, {`"class":"CONJUNCTION"`, `"class":"OPERATOR"`},
		{`"function_name":"upper"`, `"function_name":"random"`}, {`"function_name":"upper"`, `"function_name":5`}, {`"schema":""`, `"schema":"x"`}, {`"schema":""`, `"schema":null`}, {`"catalog":""`, `"catalog":"x"`}, {`"filter":null`, `"filter":` + age}, {`"orders":[]`, `"orders":[1]`}, {`ORDER_MODIFIER`, `LIMIT_MODIFIER`}, {`"orders":[]`, `"orders":[],"x":1`}, {`"distinct":false`, `"distinct":true`}, {`"distinct":false`, `"distinct":null`}, {`"is_operator":false`, `"is_operator":true`}, {`"export_state":false`, `"export_state":true`},
		{`"try_cast":false`, `"try_cast":null`}, {`{"id":"VARCHAR","type_info":null}`, `{"id":"VARCHAR","type_info":{"collation":"de"}}`}, {`"id":"VARCHAR"`, `"id":"BLOB"`}, {`"id":"VARCHAR"`, `"id":"DECIMAL"`}, {`"id":"VARCHAR","type_info":null`, `"id":"VARCHAR","type_info":null,"x":1`},
		{`"width":2`, `"width":200`}, {`"scale":1`, `"scale":"1"`}, {`"extension_info":null`, `"extension_info":{}`}, {`DECIMAL_TYPE_INFO","alias":""`, `DECIMAL_TYPE_INFO","alias":"money"`}, {`DECIMAL_TYPE_INFO`, `OTHER_TYPE_INFO`},
		{`"value":30`, `"value":"30"`}, {`"value":30`, `"value":true`}, {`"value":30`, `"value":[30]`}, {`"value":30`, `"value":{"upper":1,"lower":1}`}, {`"value":30`, `"value":1e999`}, {`"is_null":false`, `"is_null":0`}, {`"is_null":true`, `"is_null":true,"value":1`}, {`"id":"INTEGER"`, `"id":"POINTER"`}, {`"column_names":["age"]`, `"column_names":[]`}, {`"column_names":["age"]`, `"column_names":["t","age"]`}, {`"column_names":["age"]`, `"column_names":[5]`}, {`"column_names":["age"]`, `"column_names":["income"]`},
		{`"case_checks":[`, `"case_checks":[],"x":[`}, {`"when_expr"`, `"x":1,"when_expr"`}, {`"else_expr":` + isNull, `"else_expr":null`}, {`"upper":` + exact, `"upper":5`}, {`{"error"`, `[{"error"`}, {`"named_param_map":[]}]}`, `"named_param_map":[]}]} 5`}, {`"named_param_map":[]}]}`, `"named_param_map":[]},5]}`}, {`{"error"`, ``},
	} {
		if !strings.Contains(tree, change[0]) {
			t.Errorf("%s is not in the tree", change[0])
		}
		changed := strings.Replace(tree, change[0], change[1], 1)
		if _, err := Check([]byte(changed), isAge); err == nil {
			t.Errorf("%s instead of %s is accepted", change[1], change[0])
		}
	}
}

func TestCheckErrors(t *testing.T) {
	for tree, want := range map[string]string{
		`{"error":true,"error_type":"parser","error_message":"syntax error at or near \">\"","position":"11"}`:      `syntax error at or near ">"`,
		`{"error":true,"error_type":"parser","error_message":"Max expression depth limit of 1000 exceeded. Use …"}`: "this slice is nested too deeply: at most 200 levels",
		`{"error":true,"error_message":"Only SELECT statements can be serialized to json!"}`:                        "a slice is one true-or-false expression; this is another statement",
		`{"error":true}`: errShape.Error(),
		open + strings.Replace(age, `["age"]`, `["nobody"]`, 1) + after: `there is no column "nobody"`,
		open + after: "a slice is one true-or-false expression; this has 0, separated by commas",
	} {
		if _, err := Check([]byte(tree), isAge); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	var m *Malformed
	_, err := Check([]byte(`{"error":true,"error_message":"x","position":"9"}`), isAge)
	if !errors.As(err, &m) || m.Offset("é日>") != 5 || m.Offset("") != 0 {
		t.Errorf("%#v", err)
	}
}

func TestCanonical(t *testing.T) {
	double := strings.Replace(number, "INTEGER", "DOUBLE", 1)
	for from, to := range map[string]string{
		double: `"child":{"alias":"","class":"CONSTANT","query_location":13,"type":"VALUE_CONSTANT","value":{"is_null":false,"type":{"id":"VARCHAR","type_info":null},"value":"30"}}`,
		strings.Replace(strings.Replace(number, "INTEGER", "BOOLEAN", 1), "30", "true", 1): `"value":"t"`,
		strings.Replace(shout, `"schema":""`, `"schema":"main"`, 1):                        `"schema":""`,
		number: `"value":30`,
	} {
		canonical, err := Canonical([]byte(open + from + after))
		if err != nil || !strings.Contains(string(canonical), to) {
			t.Errorf("%s, %v", canonical, err)
		}
		again, err := Canonical(canonical)
		if err != nil || string(again) != string(canonical) {
			t.Errorf("%s is not stable: %s, %v", canonical, again, err)
		}
	}
}

func TestSame(t *testing.T) {
	tree := open + shout + after
	for _, c := range []struct {
		other string
		want  bool
	}{
		{tree, true},
		{strings.ReplaceAll(tree, `"query_location":7`, `"query_location":70`), true},
		{strings.Replace(tree, `"schema":""`, `"schema":"main"`, 1), true},
		{strings.Replace(tree, "upper", "lower", 1), false},
		{strings.Replace(tree, "age", "Age", 1), false},
		{"", false},
	} {
		if got := Same([]byte(tree), []byte(c.other)); got != c.want {
			t.Errorf("%s: %v", c.other, got)
		}
	}
}

func TestCheckText(t *testing.T) {
	for text, want := range map[string]string{
		"age > 1": "", "age > 1;": "", "'select' = $": "$", "age > 1.5e3 and .5 < 1": "", "x = 'it''s; -- fine'": "",
		"/* /* */ x": "*/", "a.b": "dot", `"a.b"`: "", "case x when 1 then 2 end": "", "case when a then b end": "",
		"/*/ */ 1": "", "1 -- $\r$": "$", "'a'\n'b\\'": "", "\"'\" > 1 or ';'": "", "'' '' ''": "", "1e5": "", "1e+": "runs into",
		strings.Repeat("case x when 1 then ", 8): "", "5.": "point", "007": "begin with 0", "0.5 > 0 or 0": "", "00.5": "begin with 0", "5. > 1": "point", "5.e3": "", strings.Repeat("case x when 1 then 2 when 3 then ", 20): "copied",
		"é > 1": "", "a\u200b": "U+200B", "a\x00": "control", "a\x7f": "control", "a;\u00e9": "follows", "over_18": "", "OVER": "window",
	} {
		err := CheckText(text)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, e := range []string{age, number, isNull, older, exact, asText, shout, choice, within, either} {
		f.Add([]byte(open + e + after))
	}
	f.Add([]byte(`{"error":true,"error_message":"x","position":"9"}`))
	f.Fuzz(func(t *testing.T, tree []byte) {
		began := time.Now()
		p, err := Check(tree, func(name string) bool { return name != "nobody" })
		if err != nil {
			return
		}
		if p.Size <= 0 || p.Size > maxSize {
			t.Errorf("size %d", p.Size)
		}
		canonical, err := Canonical(tree)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Check(canonical, func(string) bool { return true }); err != nil && p.Size < maxSize/20 {
			t.Errorf("accepted, and in canonical form %v", err)
		}
		if again, err := Canonical(canonical); err != nil || !Same(canonical, again) {
			t.Errorf("%s is not stable: %s, %v", canonical, again, err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func FuzzCheckText(f *testing.F) {
	for _, s := range []string{"age > 1", "/* /* */ x", "case x when 1 then 2 end", "'a''b' \"c\" 1.5e3 -- x", "a;b", "$", "é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var refused *Refused
		err := CheckText(s)
		if err != nil && (!errors.As(err, &refused) || refused.Offset >= len(s)) {
			t.Errorf("%q: %#v", s, err)
		}
	})
}
