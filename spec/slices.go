package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const defaultMinRows = 50

// slices reads the section of slices.
func (d *decoder) slices(e *entry) {
	n := e.value
	out := &Slices{MinRows: defaultMinRows}
	if v := n.field("min_rows"); v != nil {
		rows, _ := v.number()
		out.MinRows = int(rows)
	}
	if d.root.entry("gaps") != nil && n.empties("named") && n.empties("by") && n.empties("rules") {
		d.spec.Slices = out // min_rows is for the slices of gaps
		return
	}
	shared := d.sharedRules(e)
	if named := n.field("named"); named != nil {
		for _, one := range named.entries {
			if !one.value.bad {
				out.Named = append(out.Named, d.namedSlice(one, shared))
			}
		}
	}
	if by := n.field("by"); by != nil {
		out.By = d.bySlices(by, shared)
	}
	d.judgeSlices(e)
	d.spec.Slices = out
}

// judgeSlices refuses a section that checks nothing. One that is only inherited
// may hold no slice: a policy's rules for the slices that a spec may have.
func (d *decoder) judgeSlices(e *entry) {
	if !e.value.empties("named") || !e.value.empties("by") {
		return
	}
	if inherited := e.at.src.index > 0; !inherited || d.root.entry("metrics") == nil && d.root.entry("gaps") == nil && d.root.entry("flips") == nil {
		d.r.hint(e.at, "slices names no slices, so there is nothing to check: add named or by", "for example by: [tier]")
	}
}

// sharedRules are the rules of every slice: those that are written, or that
// accuracy may drop by 0.03.
func (d *decoder) sharedRules(e *entry) []Rule {
	s := scope{[]string{"slices", "rules"}, sliceMargin}
	n := e.value
	written := n.field("rules")
	if written != nil && (len(written.entries) > 0) {
		return d.rules(written, s)
	}
	if n.has("rules") && written == nil {
		return nil
	}
	info, ok := d.info("accuracy")
	r := Rule{Key: info.Name, Metric: info.Name, At: s.path(info.Name)}
	if ok && d.fits(info) && r.setDefault(info, s.margin) {
		return []Rule{r}
	}
	if d.spec.Task != "" && d.needShared(n) {
		d.r.hint(e.at, fmt.Sprintf("slices needs rules: %s has no default rule for slices", d.spec.Task), d.exampleRule())
	}
	return nil
}

// needShared reports whether some slice has no rules of its own.
func (d *decoder) needShared(n *node) bool {
	named := n.field("named")
	if named == nil || n.entry("by") != nil {
		return true
	}
	for _, e := range named.entries {
		if own := e.value.field("rules"); !e.value.bad && (own == nil || len(own.entries) == 0) {
			return true
		}
	}
	return false
}

// namedSlice reads one slice by condition.
func (d *decoder) namedSlice(e *entry, shared []Rule) NamedSlice {
	at := []string{"slices", "named", e.key}
	out := NamedSlice{Name: e.key, Severity: Block, Rules: shared, At: At(at...)}
	if e.value.kind != mapNode {
		out.Where = e.value.text
		return out
	}
	if where := e.value.field("where"); where != nil {
		out.Where, out.At = where.text, At(append(at, "where")...)
	}
	if v := e.value.field("severity"); v != nil {
		out.Severity = Severity(v.text)
	}
	if own := e.value.field("rules"); own != nil {
		out.Rules = overlay(shared, d.rules(own, scope{append(at, "rules"), sliceMargin}))
	}
	return out
}

// overlay adds a slice's own rules to the shared ones, or puts them in their
// place by key. The shared list is left as it is.
func overlay(shared, own []Rule) []Rule {
	out := slices.Clone(shared)
	for _, r := range own {
		i := slices.IndexFunc(out, func(o Rule) bool { return o.Key == r.Key })
		if i < 0 {
			out = append(out, r)
		} else {
			out[i] = r
		}
	}
	return out
}

func (d *decoder) bySlices(n *node, shared []Rule) []BySlices {
	var out []BySlices
	seen := map[string]bool{}
	for i, item := range n.items {
		if item.bad {
			continue
		}
		b := BySlices{Rules: shared, Severity: Warn, At: At("slices", "by", strconv.Itoa(i))}
		b.Columns = d.byColumns(item, &b)
		family := strings.Join(slices.Sorted(slices.Values(b.Columns)), "\x00")
		if seen[family] && family != "" {
			d.r.report(item.at, "by lists the same columns twice")
			continue
		}
		seen[family] = true
		out = append(out, b)
	}
	return out
}

// byColumns are the columns of one entry of by, in any of its forms.
func (d *decoder) byColumns(item *node, b *BySlices) []string {
	switch item.kind {
	case scalarNode:
		text, _ := d.text(item, "by")
		return []string{text}
	case mapNode:
		if v := item.field("severity"); v != nil {
			b.Severity = Severity(v.text)
		}
		item = item.field("columns")
	}
	d.judgeDistinct(item, "by")
	return d.texts(item, "by")
}
