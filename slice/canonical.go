package slice

import (
	"encoding/json"
	"reflect"
)

// Canonical is a checked syntax tree in the form that survives being printed and
// parsed again. Two literals do not: 1e3 is printed as 1000.0, which is a
// DECIMAL, and the truth value in IS TRUE as the word, which is a cast. Both
// become the casts that they are read back as. The schema main, which the parser
// writes on some operators, is dropped.
func Canonical(astJSON []byte) ([]byte, error) {
	root, err := decode(astJSON)
	if err != nil {
		return nil, err
	}
	return json.Marshal(settled(root))
}

// settled is the tree with its literals replaced, partly in place.
func settled(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = settled(v[i])
		}
	case node:
		if v["schema"] == "main" {
			v["schema"] = ""
		}
		for field := range v {
			v[field] = settled(v[field])
		}
		if text, id, ok := unprintable(v); ok {
			return castOf(text, id, v["query_location"])
		}
	}
	return v
}

// unprintable says that a node is a literal that reads differently once printed,
// and the text and type of a cast that gives it.
func unprintable(n node) (text, id string, ok bool) {
	value, _ := n["value"].(node)
	t, _ := value["type"].(node)
	id, _ = t["id"].(string)
	if n["class"] != "CONSTANT" || id != "DOUBLE" && id != "BOOLEAN" {
		return "", "", false
	}
	switch v := value["value"].(type) {
	case json.Number:
		return v.String(), id, true
	case bool:
		return map[bool]string{true: "t", false: "f"}[v], id, true
	}
	return "", "", false
}

// castOf is CAST('text' AS id).
func castOf(text, id string, location any) node {
	constant := node{"class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "", "query_location": location,
		"value": node{"type": node{"id": "VARCHAR", "type_info": nil}, "is_null": false, "value": text}}
	return node{"class": "CAST", "type": "OPERATOR_CAST", "alias": "", "query_location": location,
		"child": constant, "cast_type": node{"id": id, "type_info": nil}, "try_cast": false}
}

// Same says that two syntax trees differ at most in where things stand in the
// text, and in whether the parser wrote main for the schema of a function.
func Same(a, b []byte) bool {
	x, err := decode(a)
	if err != nil {
		return false
	}
	y, err := decode(b)
	if err != nil {
		return false
	}
	return reflect.DeepEqual(unplaced(x), unplaced(y))
}

// unplaced is the tree without locations and without the schema main, in place.
func unplaced(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = unplaced(v[i])
		}
	case node:
		delete(v, "query_location")
		if v["schema"] == "main" {
			v["schema"] = ""
		}
		for field := range v {
			v[field] = unplaced(v[field])
		}
	}
	return v
}
