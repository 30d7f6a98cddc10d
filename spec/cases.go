package spec

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// mostCases bounds the cases of one behavior: they are asked one by one in reports.
const mostCases = 100_000

// caseShape is a case of a file.
func caseShape() *shape {
	return &shape{kind: objectShape, wants: `a map such as {"name": "good credit", "given": {"income": 50000}, "expect": 1}`, fields: []field{
		{name: "name", shape: value("What the case is called.")},
		{name: "given", required: required, shape: givenShape()},
		{name: "expect", required: required, shape: expectShape()},
	}}
}

// casesOf reads the files of cases.
func (d *decoder) casesOf(n *node, b *Behavior) {
	pattern := n.field("cases")
	path := d.path(pattern, "cases")
	if path == "" {
		return
	}
	b.Files = path
	if b.Name == "" {
		b.Name = filepath.ToSlash(pattern.text)
	}
	files, err := filepath.Glob(path)
	if err != nil || len(files) == 0 {
		d.bad(pattern, fmt.Sprintf("cases: there is no file %s", quote(pattern.text)), "it is a path or a pattern relative to this file, such as behavior/*.jsonl")
		return
	}
	names := map[string]string{} // and where they were used first
	before := len(d.r.found)
	for _, file := range files {
		if why := d.spec.fence.refuses(file); why != "" {
			d.bad(pattern, "cases: "+file+": "+why, ownFiles)
			return
		}
		for _, c := range d.caseFile(pattern, file) {
			one := d.oneCase(c, cmp.Or(d.column(c, "name"), fmt.Sprintf("%s#%d", filepath.Base(file), c.at.line)), b.At)
			if first := names[one.Name]; first != "" {
				d.r.report(c.at, fmt.Sprintf("two cases are called %s: the other is at %s", quote(one.Name), first))
			}
			names[one.Name] = one.Where
			b.Cases = append(b.Cases, one)
			if len(b.Cases) > mostCases {
				d.r.report(c.at, fmt.Sprintf("a behavior has at most %d cases", mostCases))
				return
			}
		}
	}
	if len(d.r.found) == before {
		d.judgeKnown(n, names, b)
	}
}

// judgeKnown refuses known failures that are no cases.
func (d *decoder) judgeKnown(n *node, names map[string]string, b *Behavior) {
	known := n.field("known_failures")
	if known == nil {
		if len(b.Cases) == 0 {
			d.report(n, "cases", "cases: the files have no case in them")
		}
		return
	}
	d.judgeDistinct(known, "known_failures")
	all := make([]string, 0, len(names))
	for name := range names {
		all = append(all, name)
	}
	slices.Sort(all)
	for _, item := range known.items {
		if text, ok := d.text(item, "known_failures"); ok && names[text] == "" {
			d.r.report(item.at, fmt.Sprintf("known_failures names %s, which is no case%s", quote(text), didYouMean(Nearest(text, all))))
		}
	}
}

// caseFile reads one file of cases, each checked.
func (d *decoder) caseFile(at *node, file string) []*node {
	text, err := d.readFile(file)
	if err != nil {
		d.bad(at, "cases: "+file+": "+cannotRead(err), "")
		return nil
	}
	src, clean := newSource(file, maxExtends+1, text)
	var list []*node
	switch strings.ToLower(filepath.Ext(file)) {
	case ".csv":
		list = d.csvCases(src, clean)
	case ".jsonl", ".ndjson":
		list = d.jsonCases(src, clean)
	default:
		d.bad(at, "cases: "+file+": this is neither JSON Lines nor CSV", "cases are read from .jsonl and .csv files")
		return nil
	}
	c := checker{r: d.r, main: true}
	s := caseShape()
	var sound []*node
	for _, n := range list {
		c.value(n, s, "a case", n.at)
		c.complete(n, s, "a case", n.at)
		if !n.bad {
			sound = append(sound, n)
		}
	}
	return sound
}

// jsonCases reads a case from every line that is not empty.
func (d *decoder) jsonCases(src *source, text string) []*node {
	var list []*node
	for i, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		r := jsonReader{src: src, line: i + 1, text: line, d: json.NewDecoder(strings.NewReader(line))}
		r.d.UseNumber()
		n, err := r.value(0)
		if err == nil {
			if _, more := r.d.Token(); !errors.Is(more, io.EOF) {
				err = errors.New("one line holds one case")
			}
		}
		if err != nil {
			d.r.report(r.at(), "this line is no JSON: "+strings.TrimPrefix(err.Error(), "json: "))
			continue
		}
		list = append(list, n)
	}
	return list
}

// jsonReader turns a line of JSON into nodes.
type jsonReader struct {
	src  *source
	line int
	text string
	d    *json.Decoder
}

// at is the place of what has just been read.
func (r *jsonReader) at() place {
	before := r.text[:min(int(r.d.InputOffset()), len(r.text))]
	return place{src: r.src, line: r.line, col: max(len([]rune(before)), 1), width: 1}
}

func (r *jsonReader) value(depth int) (*node, error) {
	t, err := r.d.Token()
	if err != nil {
		return nil, cmp.Or(endOf(err), err)
	}
	n := &node{kind: scalarNode, at: r.at()}
	switch t := t.(type) {
	case nil:
		n.kind, n.text = nullNode, "~"
	case string:
		n.text = t
	case json.Number:
		n.text, n.plain = t.String(), true
	case bool:
		n.text, n.plain = fmt.Sprint(t), true
	case json.Delim:
		if depth > maxDepth {
			return nil, depthError{}
		}
		return n, r.inside(n, t, depth)
	}
	return n, nil
}

func endOf(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends too early")
	}
	return nil
}

// inside reads a list or a map up to its end.
func (r *jsonReader) inside(n *node, open json.Delim, depth int) error {
	n.kind = listNode
	if open == '{' {
		n.kind = mapNode
	}
	for r.d.More() {
		if n.kind == listNode {
			item, err := r.value(depth + 1)
			if err != nil {
				return err
			}
			n.items = append(n.items, item)
			continue
		}
		key, err := r.d.Token()
		if err != nil {
			return cmp.Or(endOf(err), err)
		}
		e := &entry{key: key.(string), at: r.at()}
		if n.entry(e.key) != nil {
			return fmt.Errorf("the key %q stands twice", e.key)
		}
		if e.value, err = r.value(depth + 1); err != nil {
			return err
		}
		n.entries = append(n.entries, e)
	}
	_, err := r.d.Token()
	return cmp.Or(endOf(err), err)
}

// csvExpects are the columns of a CSV that say what is expected; others are given.
var csvExpects = map[string][]string{"expect": {"label"}, "score_min": {"score", "min"}, "score_max": {"score", "max"}, "number_min": {"number", "min"}, "number_max": {"number", "max"}}

// csvCases reads a case from every record of a CSV with a header.
func (d *decoder) csvCases(src *source, text string) []*node {
	r := csv.NewReader(bytes.NewReader([]byte(text)))
	header, err := r.Read()
	if err != nil {
		d.r.report(place{src: src, line: 1, col: 1}, "this file has no header")
		return nil
	}
	var list []*node
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return list
		}
		if e, ok := errors.AsType[*csv.ParseError](err); ok {
			d.r.report(place{src: src, line: e.Line, col: e.Column}, "this is no record of a CSV: "+e.Err.Error())
			return nil
		}
		list = append(list, csvCase(src, r, header, record))
	}
}

func csvCase(src *source, r *csv.Reader, header, record []string) *node {
	at := func(i int) place {
		line, col := r.FieldPos(i)
		return place{src: src, line: line, col: col, width: 1}
	}
	out, given, expect := &node{kind: mapNode, at: at(0)}, &node{kind: mapNode, at: at(0)}, &node{kind: mapNode, at: at(0)}
	for i, field := range record {
		v := &node{kind: scalarNode, text: field, plain: true, at: at(i)}
		path, expects := csvExpects[header[i]]
		switch {
		case header[i] == "name" && field != "":
			out.entries = append(out.entries, &entry{"name", v.at, v})
		case header[i] == "name":
		case expects && field == "":
		case expects:
			expect.put(path, v)
		default:
			if field == "" {
				v.kind = nullNode
			}
			given.entries = append(given.entries, &entry{header[i], v.at, v})
		}
	}
	out.entries = append(out.entries, &entry{"given", given.at, given})
	if len(expect.entries) > 0 {
		out.entries = append(out.entries, &entry{"expect", expect.at, expect})
	}
	return out
}

// put sets a value at a path of keys.
func (n *node) put(path []string, v *node) {
	e := n.entry(path[0])
	if e == nil {
		e = &entry{key: path[0], at: v.at, value: v}
		if len(path) > 1 {
			e.value = &node{kind: mapNode, at: v.at}
		}
		n.entries = append(n.entries, e)
	}
	if len(path) > 1 {
		e.value.put(path[1:], v)
	}
}
