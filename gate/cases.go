package gate

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/noworse/noworse/behavior"
	"github.com/noworse/noworse/live"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// checkCases asks the cases of a behavior, its own or those of its files.
func (p *plan) checkCases(ctx context.Context, b *spec.Behavior, c *result.Check) error {
	one := p.options.running.runners["candidate"]
	var nullable []bool
	if one.answers != nil {
		nullable = one.answers.Nullable
	}
	f, err := behavior.Frame(givenOf(b.Cases), live.Columns(one.features, nullable))
	if err != nil {
		return err
	}
	n := uint64(f.Rows)
	c.Rows = &n
	answers, err := p.answersTo(ctx, "candidate", f)
	if err != nil {
		return err
	}
	before, err := p.answersTo(ctx, "baseline", f)
	if err != nil {
		before = nil // what the candidate does is judged without it
		c.Details.Behavior = &result.Behavior{Note: p.spec.Redact(err.Error())}
	} else {
		c.Details.Behavior = &result.Behavior{}
	}
	d := c.Details.Behavior
	var did, was tried
	for i, one := range b.Cases {
		expect := p.expectOf(one.Expect)
		why := expect.Case(answers[i])
		known := slices.Contains(b.KnownFailures, one.Name)
		switch {
		case known && why == "":
			d.Mended = append(d.Mended, p.spec.Redact(one.Name))
		case known:
			d.Known = append(d.Known, p.spec.Redact(one.Name))
		}
		if before != nil && !known {
			was.add(expect.Case(before[i]) == "", func() result.BehaviorExample { return result.BehaviorExample{} })
		}
		if !known {
			did.add(why == "", func() result.BehaviorExample { return p.caseExample(one, answers, before, i, why) })
		}
	}
	if b.Files == "" {
		p.concludeOne(c, b, &did, &was)
		return nil
	}
	p.concludeBehavior(c, b, &did, &was, false, predict.Count(did.all, "case", "cases"))
	p.knownWords(c, d)
	return nil
}

// knownWords tells of known failures, and passes where there is nothing else.
func (p *plan) knownWords(c *result.Check, d *result.Behavior) {
	if d.Asked == 0 && len(d.Known)+len(d.Mended) > 0 {
		c.Verdict, c.Reason = result.Skipped, "every case is a known failure"
	}
	if n := len(d.Known); n > 0 {
		c.Reason += fmt.Sprintf("; %s still there", predict.Count(uint64(n), "known failure is", "known failures are"))
	}
	if n := len(d.Mended); n > 0 {
		c.Reason += fmt.Sprintf("; %s no more, take them off known_failures: %s", predict.Count(uint64(n), "known failure fails", "known failures fail"), shorten(d.Mended, 5))
	}
}

// concludeOne is the verdict of a single case: rates of one row say nothing.
func (p *plan) concludeOne(c *result.Check, b *spec.Behavior, did, was *tried) {
	p.concludeBehavior(c, b, did, was, false, "one case")
	c.Candidate, c.Baseline, c.Change, c.Rule.PassRate = nil, nil, nil, nil
	c.Reason = "as expected"
	if c.Verdict == result.Fail {
		e := did.failing[0]
		c.Reason = e.Why
		if e.Baseline != nil {
			c.Reason += "; the baseline says " + sayAnswer(*e.Baseline)
		}
	}
}

func sayAnswer(a result.Answer) string {
	if a.Score == nil {
		return a.Label
	}
	score := strconv.FormatFloat(*a.Score, 'g', 4, 64)
	if a.Label == "" {
		return score
	}
	return a.Label + " (" + score + ")"
}

func (p *plan) caseExample(one spec.Case, answers, before []behavior.Answer, i int, why string) result.BehaviorExample {
	e := result.BehaviorExample{ID: p.spec.Redact(one.Name), Why: why, After: p.answer(answers[i])}
	if before != nil {
		a := p.answer(before[i])
		e.Baseline = &a
	}
	for _, g := range one.Given {
		e.Values = append(e.Values, result.Value{Column: p.spec.Redact(g.Column), After: p.spec.Redact(literalText(g.Value))})
	}
	return e
}

func literalText(l spec.Literal) string {
	if l.Null {
		return "null"
	}
	return l.Text
}
