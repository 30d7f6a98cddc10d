package spec

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// broken lists what a Spec that was accepted must never be.
func broken(s *Spec) []string {
	var out []string
	complain := func(wrong bool, format string, args ...any) {
		if wrong {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	complain(s.Task != Binary && s.Task != Multiclass && s.Task != Regression, "task %q", s.Task)
	complain(!validName.MatchString(s.Name), "name %q", s.Name)
	complain(s.Eval.Name() == "" || s.Eval.Label == "", "the evaluation set lacks rows or label")
	complain(s.Eval.Unlabelled != UnlabelledDrop && s.Eval.Unlabelled != UnlabelledError, "unlabelled %q", s.Eval.Unlabelled)
	complain(s.Candidate == nil, "no candidate")
	complain(len(s.Metrics) == 0 && s.Slices == nil && len(s.Gaps) == 0 && s.Flips == nil && len(s.Behavior) == 0 && s.Latency == nil && s.Memory == nil && s.Parity == nil && s.Drift == nil && s.Contract == nil, "nothing to check")
	for _, g := range s.Gaps {
		complain(len(g.Columns) == 0 || contains(g.Columns, "") || len(g.Rules) == 0, "gaps %+v", g)
		for _, r := range g.Rules {
			complain(r.Metric == "" || r.MaxGap == nil && r.MaxRise == nil, "a gap that checks nothing: %+v", r)
		}
	}
	out = append(out, brokenFlips(s)...)
	for _, j := range s.Eval.Join {
		complain(j.Path == "" || j.ID == "", "join %+v", j)
	}
	for _, m := range []*Model{s.Candidate, s.Baseline} {
		if m == nil {
			continue
		}
		complain(m.Live == nil && m.Label == "" && m.Score == "" && len(m.Scores) == 0, "model without columns")
		complain(m.Live != nil && (m.Path != "" || m.Label != "" || m.Score != "" || len(m.Scores) > 0), "a model that runs and has columns")
		complain(m.Path != "" && s.Eval.ID == "", "a file of predictions without an id")
		complain(m.Threshold != nil && (*m.Threshold < 0 || *m.Threshold > 1), "threshold %v", m.Threshold)
		for _, c := range m.Scores {
			complain(c.Column == "", "class %q has no column", c.Class)
		}
	}
	for _, l := range []*Live{s.Champion, liveOf(s.Candidate), liveOf(s.Baseline)} {
		complain(l != nil && brokenLive(l), "live model %+v", l)
	}
	complain(s.Store != nil && (s.Baseline != nil || s.Store.Path == "" || s.Store.Rows == s.Store.Path || s.Store.Anchor != AnchorChecked && s.Store.Anchor != AnchorIgnored), "store %+v", s.Store)
	decision := s.Decision
	complain(!(decision.Alpha > 0 && decision.Alpha < 0.5), "alpha %v", decision.Alpha)
	complain(decision.Fail != ByEvidence && decision.Fail != ByBeyond && decision.Fail != ByPoint, "fail %q", decision.Fail)
	complain(decision.Overall == Unset || decision.Slices == Unset, "inconclusive %+v", decision)
	out = append(out, brokenRules(s.Metrics)...)
	if s.Slices == nil {
		return out
	}
	complain(s.Slices.MinRows < 1, "min_rows %d", s.Slices.MinRows)
	for _, n := range s.Slices.Named {
		complain(n.Name == "" || n.Where == "" || !utf8.ValidString(n.Name), "named slice %+v", n)
		complain(n.Severity == Unset || len(n.Rules) == 0, "named slice %q lacks severity or rules", n.Name)
		out = append(out, brokenRules(n.Rules)...)
	}
	for _, b := range s.Slices.By {
		complain(len(b.Columns) == 0 || contains(b.Columns, ""), "by %q", b.Columns)
		complain(b.Severity == Unset || len(b.Rules) == 0, "by %q lacks severity or rules", b.Columns)
		out = append(out, brokenRules(b.Rules)...)
	}
	return out
}

func brokenFlips(s *Spec) []string {
	if s.Flips == nil {
		return nil
	}
	var out []string
	if s.Task == Regression {
		out = append(out, "flips of a regression")
	}
	rules := []FlipRules{s.Flips.Whole}
	if s.Flips.Slices != nil {
		rules = append(rules, *s.Flips.Slices)
	}
	for _, r := range rules {
		if len(r.Limits) == 0 {
			out = append(out, "flips that check nothing")
		}
		for _, l := range r.Limits {
			if !(l.Value >= 0 && l.Value <= 1) || l.Name == "" || !strings.HasPrefix(l.At, "flips") {
				out = append(out, fmt.Sprintf("flips %+v", l))
			}
		}
	}
	return out
}

func brokenRules(rules []Rule) []string {
	var out []string
	for _, r := range rules {
		limits := 0
		margins := []*Margin{r.MaxDrop, r.MaxRise, r.MaxChange}
		if r.Total != nil {
			margins = append(margins, &r.Total.Margin)
			if t := r.InTotal(); !isTotal(t.Key) || !t.Said {
				out = append(out, fmt.Sprintf("%s: total %+v", r.At, *t))
			}
		}
		for _, m := range margins {
			if m == nil {
				continue
			}
			limits++
			if m.Value < 0 || math.IsNaN(m.Value) || math.IsInf(m.Value, 0) || m.Relative && m.Value > 1 {
				out = append(out, fmt.Sprintf("%s: margin %v", r.At, *m))
			}
		}
		for _, v := range []*float64{r.Min, r.Max} {
			if v == nil {
				continue
			}
			limits++
			if math.IsNaN(*v) || math.IsInf(*v, 0) {
				out = append(out, fmt.Sprintf("%s: bound %v", r.At, *v))
			}
		}
		if limits == 0 || r.Key == "" || r.Metric == "" || !strings.Contains(r.At, ".") {
			out = append(out, fmt.Sprintf("a rule that checks nothing: %+v", r))
		}
	}
	return out
}

func liveOf(m *Model) *Live {
	if m == nil {
		return nil
	}
	return m.Live
}

// brokenLive says whether a model that runs lacks what its form needs, or has
// another form too.
func brokenLive(l *Live) bool {
	forms := 0
	if l.ONNX != nil && l.ONNX.Path != "" {
		forms++
	}
	if p := l.Python; p != nil && (p.Load == "") != (p.Call == "") && p.Timeout > 0 && p.Dir != "" {
		forms++
	}
	if h := l.HTTP; h != nil && h.URL != "" && h.Batch > 0 && h.Concurrency > 0 && h.Timeout > 0 && (h.Protocol == Invocations) == (h.Model == "") {
		forms++
	}
	if m := l.MLflow; m != nil && (m.URI == "") != (m.Folder == "") && m.Timeout > 0 && m.Dir != "" {
		forms++
	}
	return forms != 1 || l.At == ""
}
