package spec

import (
	"bytes"
	"encoding/json"
	"slices"
)

// JSONSchema prints the grammar of noworse.yaml as a JSON Schema (draft
// 2020-12) for editors: structure, required keys, ranges, and the names of the
// vocabulary's metrics, each with its explanation. It judges one file as it is
// written; what is left to `extends` is not asked for in a file that has it.
func JSONSchema(v Vocabulary) ([]byte, error) {
	p := &printer{defs: map[string]any{}}
	root := grammar(v)
	out := p.print(root, false)
	out["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	out["title"] = "noworse.yaml"
	all := []any{object{"if": object{"not": object{"required": []string{"extends"}}}, "then": p.completion(root)}}
	for _, t := range []Task{Binary, Multiclass, Regression} {
		if c := taskCondition(v, t); c != nil {
			all = append(all, c)
		}
	}
	out["allOf"] = all
	out["$defs"] = p.defs
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(out)
	return b.Bytes(), err
}

type object = map[string]any

// printer prints shapes, those with a ref once under $defs.
type printer struct{ defs map[string]any }

// print prints a shape. Within a list nothing can come from an extended file,
// so there required keys are required at once.
func (p *printer) print(s *shape, inList bool) object {
	if s.ref == "" {
		return p.body(s, inList)
	}
	if _, ok := p.defs[s.ref]; !ok {
		p.defs[s.ref] = object{} // taken, should the shape ever contain itself
		p.defs[s.ref] = p.body(s, inList)
	}
	return object{"$ref": "#/$defs/" + s.ref, "description": s.doc}
}

func (p *printer) body(s *shape, inList bool) object {
	out := object{}
	switch s.kind {
	case objectShape:
		out = p.object(s, inList)
	case mapShape:
		out = p.mapping(s, inList)
	case listShape:
		out = object{"type": "array", "items": p.print(s.elem, true), "minItems": s.atLeast}
	case oneOfShape:
		out = object{"anyOf": each(s.either, func(a *shape) any { return p.print(a, inList) })}
	case textShape:
		out = textSchema(s)
	case enumShape:
		out = enumSchema(s)
	case numberShape:
		out = numberSchema(s)
	case literalShape:
		out = object{"type": []string{"string", "number", "boolean", "null"}}
	case marginShape:
		out = object{"anyOf": []any{object{"type": "number", "minimum": 0}, object{"type": "string", "pattern": sharePattern}}}
	}
	if s.doc != "" {
		out["description"] = s.doc
	}
	return out
}

func each[T, U any](list []T, f func(T) U) []U {
	out := make([]U, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}

func (p *printer) object(s *shape, inList bool) object {
	properties := object{}
	var needed []string
	for _, f := range s.fields {
		printed := p.print(f.shape, inList)
		if f.doc != "" {
			printed["description"] = f.doc
		}
		properties[f.name] = printed
		if f.required == mandatory || f.required == required && inList {
			needed = append(needed, f.name)
		}
	}
	out := object{"type": "object", "properties": properties, "additionalProperties": false}
	if needed != nil {
		out["required"] = needed
	}
	return out
}

func (p *printer) mapping(s *shape, inList bool) object {
	out := object{"type": "object", "additionalProperties": p.print(s.elem, inList)}
	if s.keyPattern != "" {
		out["propertyNames"] = object{"pattern": s.keyPattern}
	}
	if len(s.names) > 0 {
		properties := object{}
		for _, n := range s.names {
			known := p.print(s.elem, inList)
			known["description"] = n.doc
			properties[n.name] = known
		}
		out["properties"] = properties
	}
	return out
}

// textSchema takes any scalar: YAML reads `label: 1` as a number, the spec as
// the column named 1.
func textSchema(s *shape) object {
	out := object{"type": []string{"string", "number", "boolean"}, "minLength": 1}
	if s.pattern != "" {
		out["pattern"] = s.pattern
	}
	var not []any
	if s.forbidden != "" {
		not = append(not, object{"type": "string", "pattern": s.forbidden})
	}
	if s.remote {
		not = append(not, object{"type": "string", "pattern": urlPattern, "not": object{"pattern": remotePattern}})
	}
	if s.noEnv != "" {
		not = append(not, object{"type": "string", "pattern": envPattern})
	}
	if not != nil {
		out["not"] = object{"anyOf": not}
	}
	return out
}

func enumSchema(s *shape) object {
	if len(s.names) == 0 {
		return object{"type": "string"}
	}
	return object{"enum": s.nameList()}
}

func numberSchema(s *shape) object {
	out := object{"type": "number"}
	if s.whole {
		out["type"] = "integer"
	}
	if s.exactly != nil {
		out["const"] = *s.exactly
	}
	for _, b := range []struct {
		v    *float64
		open bool
		key  string
	}{{s.low, s.lowOpen, "inimum"}, {s.high, s.highOpen, "aximum"}} {
		if b.v == nil {
			continue
		}
		key := "m" + b.key
		if b.open {
			key = "exclusiveM" + b.key
		}
		out[key] = *b.v
	}
	return out
}

// completion prints what a document without extends must have besides: the
// required keys of all objects that are not in lists.
func (p *printer) completion(s *shape) object {
	switch s.kind {
	case objectShape:
		return p.completeObject(s)
	case mapShape:
		return p.completeMap(s)
	case oneOfShape:
		for _, a := range s.either {
			if a.kind == objectShape {
				return p.completion(a) // its keywords do not touch the other alternatives
			}
		}
	}
	return object{}
}

func (p *printer) completeObject(s *shape) object {
	out, properties := object{}, object{}
	var needed []string
	for _, f := range s.fields {
		if f.required != optional {
			needed = append(needed, f.name)
		}
		if c := p.completion(f.shape); len(c) > 0 {
			properties[f.name] = c
		}
	}
	if needed != nil {
		out["required"] = needed
	}
	if len(properties) > 0 {
		out["properties"] = properties
	}
	if len(s.atLeastOne) > 0 {
		out["anyOf"] = each(s.atLeastOne, func(key string) any { return object{"required": []string{key}} })
	}
	return out
}

func (p *printer) completeMap(s *shape) object {
	out := object{}
	if s.atLeast > 0 {
		out["minProperties"] = s.atLeast
	}
	if s.otherwise != nil && len(s.names) > 0 {
		known := object{}
		for _, n := range s.names {
			known[n.name] = true
		}
		out["properties"] = known
		out["additionalProperties"] = object{"type": "object", "anyOf": each(s.otherwise, func(key string) any { return object{"required": []string{key}} })}
	} else if c := p.completion(s.elem); len(c) > 0 {
		out["additionalProperties"] = c
	}
	return out
}

// taskCondition refuses metrics of other tasks: under a task, their names can
// only be keys of rules that name another metric.
func taskCondition(v Vocabulary, t Task) any {
	unfit := object{}
	for _, m := range v {
		switch named := (object{"required": []string{"metric"}}); {
		case !slices.Contains(m.Tasks, t):
			unfit[m.Name] = object{"type": "object", "required": []string{"metric"}}
		case t == Multiclass && m.takes("class"):
			unfit[m.Name] = object{"type": "object", "anyOf": []any{named, object{"required": []string{"class"}}}}
		}
	}
	if len(unfit) == 0 {
		return nil
	}
	rules := object{"properties": unfit}
	slice := object{"additionalProperties": object{"properties": object{"rules": rules}}}
	return object{
		"if": object{"properties": object{"task": object{"const": string(t)}}, "required": []string{"task"}},
		"then": object{"properties": object{
			"metrics": rules,
			"slices":  object{"properties": object{"rules": rules, "named": slice}},
			"gaps":    object{"additionalProperties": rules},
		}},
	}
}
