package spec

import (
	"fmt"
	"slices"
	"strings"
)

// Default margins for metrics that lie between 0 and 1, and what is tolerated
// of confident errors.
const (
	wholeMargin     = 0.02
	sliceMargin     = 0.03
	confidentMargin = 0.005
	confidentAbove  = 0.9
	calibrationBins = 10
)

// scope is where rules stand: their path, and the margin of those without one.
type scope struct {
	at     []string
	margin float64
}

func (s scope) path(key string) string { return At(append(slices.Clone(s.at), key)...) }

// metrics reads the rules of the whole set; {} means the task's defaults.
func (d *decoder) metrics(n *node) []Rule {
	s := scope{[]string{"metrics"}, wholeMargin}
	if len(n.entries) > 0 {
		return d.rules(n, s)
	}
	var out []Rule
	for _, info := range d.vocabulary {
		r := Rule{Key: info.Name, Metric: info.Name, At: s.path(info.Name)}
		if info.Default && d.fits(info) && d.wantsAny(info) == "" && !(info.Scores && d.scoreless() != "") && r.setDefault(info, s.margin) {
			r.setParameters(info, d.spec.Task)
			out = append(out, r)
		}
	}
	if len(out) == 0 && d.spec.Task != "" {
		d.r.hint(d.root.entry("metrics").at, fmt.Sprintf("%s has no default rules: name the metrics and their margins", d.spec.Task), d.exampleRule())
	}
	return out
}

// exampleRule shows how a rule of the task could look.
func (d *decoder) exampleRule() string {
	for _, info := range d.vocabulary {
		if d.fits(info) && info.Better != Neither {
			return fmt.Sprintf("for example %s: %s", info.Name, exampleLimits(info))
		}
	}
	return ""
}

func (d *decoder) fits(info MetricInfo) bool { return slices.Contains(info.Tasks, d.spec.Task) }

func (d *decoder) info(metric string) (MetricInfo, bool) {
	for _, info := range d.vocabulary {
		if info.Name == metric {
			return info, true
		}
	}
	return MetricInfo{}, false
}

// scoreless names the model that gives no scores, or is "". A model that
// cannot be judged counts as giving them: its problem has been reported.
func (d *decoder) scoreless() string {
	for _, role := range []string{"candidate", "baseline"} {
		if d.root.entry(role) == nil {
			continue
		}
		p := d.root.field(role).field("predictions")
		if p == nil { // what a model that runs gives is seen when it does
			continue
		}
		if !p.hasAny([]string{"score", "scores"}) {
			return role
		}
	}
	return ""
}

// rules reads a map of rules, in its order.
func (d *decoder) rules(n *node, s scope) []Rule {
	var out []Rule
	for _, e := range n.entries {
		if e.value.bad {
			continue
		}
		if r, ok := d.rule(e, s); ok {
			out = append(out, r)
		}
	}
	return out
}

// rule reads one rule and judges it; false if it cannot be used.
func (d *decoder) rule(e *entry, s scope) (Rule, bool) {
	if e.value.names("sql") {
		return d.sqlRule(e, s)
	}
	if better := e.value.entry("better"); better != nil {
		d.r.report(better.at, "better is for a metric in sql: which way a metric of noworse is better is known")
		return Rule{}, false
	}
	if e.value.names("cost") {
		return d.costRule(e, s)
	}
	metric, at := e.key, e.at
	if m := e.value.entry("metric"); m != nil {
		if m.value.bad {
			return Rule{}, false
		}
		metric, at = m.value.text, m.placeOf()
	}
	info, ok := d.info(metric)
	if !ok || !d.judgeMetric(info, at) {
		return Rule{}, false
	}
	r := Rule{Key: e.key, Metric: metric, At: s.path(e.key)}
	if e.value.kind == scalarNode {
		ok = d.shortRule(e, info, &r)
	} else {
		ok = d.longRule(e, info, s, &r)
	}
	return r, ok
}

// judgeMetric checks that a metric fits the task and what the models give.
func (d *decoder) judgeMetric(info MetricInfo, at place) bool {
	if d.spec.Task == "" {
		return true
	}
	if !d.fits(info) {
		d.r.report(at, fmt.Sprintf("%s is for %s; this task is %s", info.Name, taskList(info.Tasks), d.spec.Task))
		return false
	}
	if role := d.scoreless(); info.Scores && role != "" {
		d.r.report(at, fmt.Sprintf("%s needs scores and the %s gives none: add %s to its predictions", info.Name, role, scoreField(d.spec.Task)))
		return false
	}
	return true
}

func taskList(tasks []Task) string {
	words := make([]string, len(tasks))
	for i, t := range tasks {
		words[i] = string(t)
	}
	return strings.Join(words, " and ")
}

func scoreField(t Task) string {
	if t == Multiclass {
		return "scores"
	}
	return "score"
}

// shortRule reads `metric: 0.02`, the tolerated worsening.
func (d *decoder) shortRule(e *entry, info MetricInfo, r *Rule) bool {
	if info.Better == Neither {
		d.r.report(e.placeOf(), sideless(info))
		return false
	}
	if missing := d.wantsAny(info); missing != "" {
		d.lacks(e, info, parameterNamed(missing))
		return false
	}
	m := e.value.margin()
	r.setWorsening(info, m)
	r.setParameters(info, d.spec.Task)
	return d.judgeMargin(e.placeOf(), e.value, m, info)
}

func sideless(info MetricInfo) string {
	return info.Name + " has no better side: write max_change, min or max"
}

// longRule reads a map of limits. Without any limit the metric's default
// margin holds.
func (d *decoder) longRule(e *entry, info MetricInfo, s scope, r *Rule) bool {
	n, before := e.value, len(d.r.found)
	limits := 0
	for _, key := range limitKeys {
		limit := n.entry(key)
		if limit == nil {
			continue
		}
		limits++
		if !limit.value.bad {
			d.limit(limit, info, r)
		}
	}
	if v := n.field("severity"); v != nil {
		r.Severity = Severity(v.text)
	}
	d.judgeBounds(n, info, r)
	d.parameters(e, info, r)
	if limits == 0 && !n.unread && len(n.guessed) == 0 && !r.setDefault(info, s.margin) {
		d.r.report(e.at, needsRule(info))
	}
	return len(d.r.found) == before
}

func needsRule(info MetricInfo) string {
	if info.Better == Neither {
		return sideless(info)
	}
	return fmt.Sprintf("%s needs a rule such as %s", info.Name, exampleLimits(info))
}

func exampleLimits(info MetricInfo) string {
	margin := "5%"
	if info.Signed || info.Bounded {
		margin = "0.05"
	}
	return fmt.Sprintf("{%s: %s}", worsening(info), margin)
}

// limit reads one limit of a rule.
func (d *decoder) limit(e *entry, info MetricInfo, r *Rule) {
	if e.key == "min" || e.key == "max" {
		v, _ := e.value.number()
		if e.key == "min" {
			r.Min = &v
		} else {
			r.Max = &v
		}
		return
	}
	if isTotal(e.key) {
		d.total(e, info, r)
		return
	}
	if message := againstDirection(info, e.key); message != "" {
		d.r.report(e.at, message)
		return
	}
	m := e.value.margin()
	if !d.judgeMargin(e.placeOf(), e.value, m, info) {
		return
	}
	if e.key == "max_change" {
		r.MaxChange = &m
		return
	}
	r.setWorsening(info, m)
}

// againstDirection says what is wrong with a margin on a metric of this
// direction, or "". A margin on the wrong side would forbid improvement.
func againstDirection(info MetricInfo, key string) string {
	switch want := map[Direction]string{Higher: "max_drop", Lower: "max_rise", Neither: "max_change"}[info.Better]; {
	case key == want:
		return ""
	case info.Better == Neither:
		return sideless(info)
	default:
		return fmt.Sprintf("%s is better when %s: write %s", info.Name, info.Better, want)
	}
}

// judgeMargin checks that a margin means something for its metric.
func (d *decoder) judgeMargin(at place, n *node, m Margin, info MetricInfo) bool {
	switch {
	case m.Relative && info.Signed:
		d.r.report(at, fmt.Sprintf("%s can be 0 or negative, where a share of the baseline has no meaning: write an absolute margin such as 0.02", info.Name))
	case !m.Relative && info.Bounded && m.Value >= 1:
		message := fmt.Sprintf("%s lies between 0 and 1, so a margin of %s means %.6g points", info.Name, n.text, m.Value*100)
		if m.Value <= 100 {
			message += fmt.Sprintf(": did you mean %s%%?", n.text)
		}
		d.r.report(at, message)
	default:
		return true
	}
	return false
}

// judgeBounds checks min and max against the metric's range and each other.
func (d *decoder) judgeBounds(n *node, info MetricInfo, r *Rule) {
	sound := true
	for _, b := range []struct {
		key string
		v   *float64
	}{{"min", r.Min}, {"max", r.Max}} {
		if info.Bounded && b.v != nil && (*b.v < 0 || *b.v > 1) {
			sound = false
			d.report(n, b.key, "%s: %s lies between 0 and 1, %s does not", b.key, info.Name, n.field(b.key).text)
		}
	}
	if sound && r.Min != nil && r.Max != nil && *r.Min > *r.Max {
		d.report(n, "min", "min %s is above max %s: nothing can satisfy both", n.field("min").text, n.field("max").text)
	}
}

// setWorsening sets the margin on the metric's worse side.
func (r *Rule) setWorsening(info MetricInfo, m Margin) {
	if info.Better == Lower {
		r.MaxRise = &m
	} else {
		r.MaxDrop = &m
	}
}

// setDefault gives a rule the default margin; false if its metric has none.
func (r *Rule) setDefault(info MetricInfo, margin float64) bool {
	if !info.Bounded || info.Better == Neither {
		return false
	}
	if info.takes("above") {
		margin = confidentMargin
	}
	r.setWorsening(info, Margin{Value: margin})
	return true
}
