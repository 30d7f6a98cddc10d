package spec

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// decoder turns a checked and merged document into a Spec. It skips what is
// marked bad: that has been reported already.
type decoder struct {
	r          *reporter
	getenv     func(string) (string, bool)
	readFile   func(string) ([]byte, error)
	vocabulary Vocabulary
	spec       *Spec
	root       *node
	eval       *node    // data.eval; nil if it cannot be used
	parts      [][]byte // of files that are part of the spec, beside those it extends
}

func newDecoder(l *loader, root *node) *decoder {
	src := root.at.src
	return &decoder{r: l.r, getenv: l.getenv(), readFile: l.options.ReadFile, vocabulary: l.options.Vocabulary, root: root,
		spec: &Spec{fence: l.fence, sources: &sources{places: map[string]place{}, file: place{src: src, line: 1, col: 1}}}}
}

func (d *decoder) decode(root *node) {
	if root.bad {
		return
	}
	d.spec.sources.record(root, nil)
	d.spec.Name = d.name(root)
	if n := root.field("task"); n != nil {
		d.spec.Task = Task(n.text)
	}
	d.eval = root.field("data").field("eval")
	d.decodeEval()
	d.tables()
	d.spec.Candidate = d.model("candidate")
	d.spec.Baseline = d.model("baseline")
	d.spec.Store = d.store(d.root.field("baseline"))
	if b := d.spec.Baseline; b != nil {
		d.spec.Champion = b.Live
	}
	if d.spec.Store != nil {
		d.spec.Baseline = nil
	}
	d.judgeSame()
	d.spec.Decision = d.decision(root.field("decision"))
	if n := root.field("metrics"); n != nil {
		d.spec.Metrics = d.metrics(n)
	}
	if n := root.field("gaps"); n != nil {
		d.gaps(n)
	}
	if e := root.entry("flips"); e != nil {
		d.flips(e)
	}
	if n := root.field("behavior"); n != nil {
		d.behavior(n)
	}
	if n := root.field("latency"); n != nil {
		d.latency(n)
	}
	if n := root.field("memory"); n != nil {
		d.memory(n)
	}
	if n := root.field("parity"); n != nil {
		d.parity(n)
	}
	if e := root.entry("drift"); e != nil {
		d.drift(e)
	}
	if e := root.entry("contract"); e != nil {
		d.contract(e)
	}
	if e := root.entry("slices"); e != nil && !e.value.bad {
		d.slices(e)
	}
}

var (
	validName   = regexp.MustCompile(keyPattern)
	invalidName = regexp.MustCompile(`[^A-Za-z0-9._-]+`)
)

// name is the spec's name, or one made from the name of its file.
func (d *decoder) name(root *node) string {
	n := root.field("name")
	if n == nil {
		base := filepath.Base(d.spec.Path)
		base = strings.TrimSuffix(base, filepath.Ext(base))
		if base = invalidName.ReplaceAllString(base, "-"); base == "" {
			base = "noworse"
		}
		return base
	}
	text, ok := d.text(n, "name")
	if ok && !validName.MatchString(text) {
		d.bad(n, "name wants "+nameWants+": the variable in it has other characters", "")
	}
	return text
}

func (d *decoder) bad(n *node, message, hint string) {
	n.bad = true
	d.r.hint(n.at, message, hint)
}

// text is a scalar's text with its variables read; false if it has none that
// can be used.
func (d *decoder) text(n *node, name string) (string, bool) {
	if n == nil || n.bad {
		return "", false
	}
	if !strings.Contains(n.text, "${") {
		return n.text, true
	}
	text, secrets, err := expand(n.text, d.getenv)
	if err != nil {
		d.bad(n, name+": "+err.Error(), "")
		return "", false
	}
	if len(secrets) > 0 && d.spec.fence != nil {
		d.bad(n, name+": "+refusedText+"it reads the environment", "a stranger's spec says all itself")
		return "", false
	}
	d.spec.sources.secrets = append(d.spec.sources.secrets, secrets...)
	if text == "" {
		d.bad(n, name+" is empty once its variables are read", "")
		return "", false
	}
	return text, true
}

// path is a text that names a local file, joined to the directory of the spec
// file it was written in.
func (d *decoder) path(n *node, name string) string {
	text, ok := d.text(n, name)
	if !ok {
		return ""
	}
	path := rooted(n.at.src.dir, text)
	if why := cmp.Or(d.spec.fence.keepsOut(text), d.spec.fence.refuses(path)); why != "" {
		d.bad(n, name+": "+why, ownFiles)
		return ""
	}
	if IsRemote(text) {
		message, hint := localOnly(name, text)
		d.bad(n, message, hint)
		return ""
	}
	return path
}

// dataPath is a path that may be remote too.
func (d *decoder) dataPath(n *node, name string) string {
	text, ok := d.text(n, name)
	if !ok || !IsRemote(text) || d.spec.fence != nil {
		return d.path(n, name)
	}
	d.spec.sources.secrets = append(d.spec.sources.secrets, secretsOf(text)...)
	if message, hint := remoteProblem(name, text); message != "" {
		d.bad(n, message, hint)
		return ""
	}
	return text
}

// column is the text of a map's field, or "".
func (d *decoder) column(n *node, key string) string {
	text, _ := d.text(n.field(key), key)
	return text
}

// texts are the usable texts of a list.
func (d *decoder) texts(n *node, name string) []string {
	if n == nil {
		return nil
	}
	var out []string
	for _, item := range n.items {
		if text, ok := d.text(item, name); ok {
			out = append(out, text)
		}
	}
	return out
}

func (d *decoder) decodeEval() {
	n := d.eval
	if n == nil {
		return
	}
	d.spec.Eval = Eval{
		Path:       d.dataPath(n.field("path"), "path"),
		Python:     d.rows(n),
		Join:       d.joins(n.field("join")),
		ID:         d.column(n, "id"),
		Label:      d.column(n, "label"),
		Classes:    d.texts(n.field("classes"), "classes"),
		Features:   d.texts(n.field("features"), "features"),
		Weight:     d.column(n, "weight"),
		Time:       d.column(n, "time"),
		Group:      d.column(n, "group"),
		Unlabelled: UnlabelledError,
		Version:    d.column(n, "version"),
	}
	if p, ok := d.text(n.field("positive"), "positive"); ok {
		d.spec.Eval.Positive = &p
	}
	if u := n.field("unlabelled"); u != nil {
		d.spec.Eval.Unlabelled = Unlabelled(u.text)
	}
	d.judgeRoles(n)
	d.judgeFeatures(n)
	d.judgeClasses(n)
}

func (d *decoder) joins(n *node) []Join {
	if n == nil {
		return nil
	}
	var out []Join
	for _, item := range n.items {
		if !item.bad {
			out = append(out, Join{Path: d.dataPath(item.field("path"), "path"), ID: d.column(item, "id")})
		}
	}
	return out
}

// model reads the candidate or the baseline; nil if there is none to use.
func (d *decoder) model(role string) *Model {
	n := d.root.field(role)
	if l := d.live(role); l != nil {
		m := &Model{Live: l, Threshold: threshold(n)}
		d.judgeLiveTask(n)
		return m
	}
	p := n.field("predictions")
	if p == nil {
		return nil
	}
	m := &Model{Path: d.dataPath(p.field("path"), "path"), ID: d.column(p, "id"), Label: d.column(p, "label"), Score: d.column(p, "score"), Threshold: threshold(n)}
	if s := p.field("scores"); s != nil {
		for _, e := range s.entries {
			column, _ := d.text(e.value, e.key)
			m.Scores = append(m.Scores, ClassColumn{Class: e.key, Column: column})
		}
	}
	d.judgeTask(role, n, p)
	d.judgeSource(n, p)
	d.judgeColumns(p, m)
	return m
}

func threshold(n *node) *float64 {
	t := n.field("threshold")
	if t == nil {
		return nil
	}
	v, _ := t.number()
	return &v
}

// report reports a problem with the value of a map's key, or with the key
// itself if the value stands on other lines.
func (d *decoder) report(n *node, key, format string, args ...any) {
	if e := n.entry(key); e != nil {
		d.r.report(e.placeOf(), fmt.Sprintf(format, args...))
	}
}
