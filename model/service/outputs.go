package service

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/model"
)

// output is one thing that a server answered: some values for each row.
type output struct {
	name    string
	kind    dataset.Kind // Float, Integer, Bool or Text; 0: told by its values
	width   int          // values of each row
	numbers []float64    // Float
	texts   []string     // all others
}

func (out *output) len() int { return len(out.numbers) + len(out.texts) }

// flatten appends the values of JSON, however they are nested.
func (out *output) flatten(v any) error {
	if list, ok := v.([]any); ok {
		for _, one := range list {
			if err := out.flatten(one); err != nil {
				return err
			}
		}
		return nil
	}
	if out.kind == 0 {
		out.kind = kindOf(v)
	}
	var wrong bool
	switch v := v.(type) {
	case json.Number:
		wrong = !out.number(v.String())
	case nil:
		if wrong = out.kind != dataset.Float && !out.promote(); !wrong {
			out.numbers = append(out.numbers, math.NaN())
		}
	case bool:
		wrong = out.kind != dataset.Bool
		out.texts = append(out.texts, strconv.FormatBool(v))
	case string:
		wrong = out.kind != dataset.Text
		out.texts = append(out.texts, v)
	default:
		wrong = true
	}
	if wrong {
		return &model.Error{Message: fmt.Sprintf("the server answered %s among the values of %q, which are of another type", show(v), out.name)}
	}
	return nil
}

func kindOf(v any) dataset.Kind {
	switch v := v.(type) {
	case bool:
		return dataset.Bool
	case string:
		return dataset.Text
	case json.Number:
		if _, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return dataset.Integer
		}
	}
	return dataset.Float
}

// number appends a number as it is written; false if it is no value of the kind.
func (out *output) number(text string) bool {
	switch out.kind {
	case dataset.Integer:
		if _, err := strconv.ParseInt(text, 10, 64); err == nil {
			out.texts = append(out.texts, text)
			return true
		}
		if !out.promote() {
			return false
		}
	case dataset.Float:
	default:
		return false
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return false
	}
	out.numbers = append(out.numbers, v)
	return true
}

// promote makes whole numbers numbers with a fraction; false if they are none.
func (out *output) promote() bool {
	if out.kind == dataset.Float {
		return true
	}
	if out.kind != dataset.Integer {
		return false
	}
	for _, text := range out.texts {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return false
		}
		out.numbers = append(out.numbers, v)
	}
	out.kind, out.texts = dataset.Float, nil
	return true
}

// shaped holds an output to the rows that were asked about, and to the shape that it
// says it has.
func (out *output) shaped(shape []int64, rows int) error {
	size := int64(1)
	for _, n := range shape {
		size *= n
	}
	switch n := out.len(); {
	case len(shape) > 0 && (shape[0] != int64(rows) || size != int64(n)):
		return &model.Error{Message: fmt.Sprintf("the server answered %q with the shape %v and %d values for %s", out.name, shape, n, rowCount(rows))}
	case n == 0 || n%rows != 0:
		return &model.Error{Message: fmt.Sprintf("the server answered %d values of %q for %s", n, out.name, rowCount(rows))}
	}
	out.width = out.len() / rows
	return nil
}

// outputsOf are the outputs of JSON that has no types: a list with an entry for each
// row, which is a value, a list of them, or an object of named ones; or an object of such
// lists.
func outputsOf(name string, v any, rows int) ([]output, error) {
	if named, ok := v.(map[string]any); ok {
		var list []output
		for _, key := range slices.Sorted(maps.Keys(named)) {
			more, err := outputsOf(key, named[key], rows)
			if err != nil {
				return nil, err
			}
			list = append(list, more...)
		}
		return list, nil
	}
	all, ok := v.([]any)
	if !ok || len(all) != rows {
		got := "one value"
		if ok {
			got = fmt.Sprintf("%d entries", len(all))
		}
		return nil, &model.Error{Message: fmt.Sprintf("the server answered %s of %q for %s", got, name, rowCount(rows))}
	}
	if _, ok := all[0].(map[string]any); ok {
		return records(all)
	}
	out := output{name: name}
	for i, one := range all {
		before := out.len()
		if err := out.flatten(one); err != nil {
			return nil, err
		}
		if n := out.len() - before; n*(i+1) != out.len() || n == 0 {
			return nil, &model.Error{Message: fmt.Sprintf("the server answered %d values of %q for one row, and another number for others", n, name), Rows: []int{i}}
		}
	}
	return []output{out}, out.shaped(nil, rows)
}

// records are the outputs of objects, one for each row.
func records(all []any) ([]output, error) {
	first := slices.Sorted(maps.Keys(all[0].(map[string]any)))
	columns := make(map[string]any, len(first))
	for _, key := range first {
		values := make([]any, len(all))
		for i, one := range all {
			row, _ := one.(map[string]any)
			v, ok := row[key]
			if !ok || len(row) != len(first) {
				return nil, &model.Error{Message: fmt.Sprintf("the server answered %s for one row, and something else for another", list(first)), Rows: []int{i}}
			}
			values[i] = v
		}
		columns[key] = values
	}
	return outputsOf("", columns, len(all))
}

// object reads an answer that is an object of JSON.
func (r *reply) object(into any) error {
	d := json.NewDecoder(bytes.NewReader(plain(r.body)))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return &model.Error{Message: "the server's answer is no JSON that the protocol has", Detail: last(string(r.body[:min(len(r.body), mostLine)]), 1), Hint: "are url and protocol right?", Gone: true}
	}
	return nil
}

// plain is JSON without the words that Python and TensorFlow write for what is no
// number: NaN becomes null, and Infinity a number that is too large.
func plain(text []byte) []byte {
	nan, infinity := []byte("NaN"), []byte("Infinity")
	if !bytes.Contains(text, nan) && !bytes.Contains(text, infinity) {
		return text
	}
	var out []byte
	for i := 0; i < len(text); {
		n := 1
		switch {
		case text[i] == '"':
			for n = 1; i+n < len(text) && text[i+n] != '"'; n++ {
				if text[i+n] == '\\' {
					n++
				}
			}
			n = min(n+1, len(text)-i)
		case bytes.HasPrefix(text[i:], nan):
			out, i = append(out, "null"...), i+len(nan)
			continue
		case bytes.HasPrefix(text[i:], infinity):
			out, i = append(out, "1e999"...), i+len(infinity)
			continue
		}
		out, i = append(out, text[i:i+n]...), i+n
	}
	return out
}

func show(v any) string {
	if v == nil {
		return "null"
	}
	text, _ := json.Marshal(v)
	return last(string(text[:min(len(text), 40)]), 1)
}

func list(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = strconv.Quote(name)
	}
	return strings.Join(quoted, ", ")
}
