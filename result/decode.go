package result

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Decode reads what Encode wrote, by this version or another of the same
// schema: fields that are not known are passed over. A result that is cut
// short, or whose verdict is not what its checks make it, is refused.
func Decode(encoded []byte) (*Result, error) {
	if err := checkSchema(encoded); err != nil {
		return nil, err
	}
	if IsSet(encoded) {
		return nil, errors.New("it holds the results of several specs")
	}
	r := new(Result)
	if err := json.Unmarshal(encoded, r); err != nil {
		return nil, notJSON(err)
	}
	if err := r.verify(); err != nil {
		return nil, err
	}
	return r, nil
}

// checkSchema looks at the version before anything else: of a newer result
// nothing else can be said.
func checkSchema(encoded []byte) error {
	if len(bytes.TrimSpace(encoded)) == 0 {
		return errors.New("it is empty")
	}
	var head struct {
		Schema *int `json:"schema"`
	}
	switch err := json.Unmarshal(encoded, &head); {
	case err != nil:
		return notJSON(err)
	case head.Schema == nil:
		return errors.New("it is JSON, but not a result of noworse: it has no schema")
	case *head.Schema > Schema:
		return fmt.Errorf("it has schema %d, and this version of noworse reads no newer one than %d: a newer noworse can read it", *head.Schema, Schema)
	case *head.Schema < 1:
		return fmt.Errorf("there is no schema %d", *head.Schema)
	}
	return nil
}

// notJSON words an error of the JSON decoder.
func notJSON(err error) error {
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if t.Field == "" {
			return fmt.Errorf("it is JSON, but not a result of noworse: it is %s", aKind(t.Value))
		}
		return fmt.Errorf("%s cannot be %s (at byte %d)", t.Field, aKind(t.Value), t.Offset)
	}
	if s, ok := errors.AsType[*json.SyntaxError](err); ok {
		if s.Error() == "unexpected end of JSON input" {
			return fmt.Errorf("it is cut short: the JSON ends at byte %d, before its end", s.Offset)
		}
		return fmt.Errorf("it is not JSON: %w (at byte %d)", err, s.Offset)
	}
	return err
}

func aKind(kind string) string {
	if kind == "array" || kind == "object" {
		return "an " + kind
	}
	return "a " + kind
}

// verify holds the outcome to the checks: what was edited by hand must not
// pass for what a run found.
func (r *Result) verify() error {
	for i, c := range r.Checks {
		for _, f := range []struct{ name, value string }{{"id", c.ID}, {"severity", c.Severity}, {"verdict", string(c.Verdict)}} {
			if f.value == "" {
				return fmt.Errorf("checks[%d] has no %s", i, f.name)
			}
		}
		if c.Verdict == Pass && c.beyond() {
			return fmt.Errorf("it contradicts itself: %s passes with %v, which is beyond its limit of %v", c.ID, *c.Candidate, *c.Rule.Limit)
		}
	}
	derived := Result{Checks: r.Checks}
	derived.Finish()
	switch {
	case r.Verdict != derived.Verdict:
		return fmt.Errorf("it contradicts itself: its verdict is %q, and its checks make it %q", r.Verdict, derived.Verdict)
	case r.Exit != derived.Exit:
		return fmt.Errorf("it contradicts itself: its exit is %d, and its checks make it %d", r.Exit, derived.Exit)
	case r.Counts != derived.Counts:
		return errors.New("it contradicts itself: its counts are not those of its checks")
	}
	return nil
}

// beyond says whether the candidate's value is on the wrong side of the limit,
// by more than rounding.
func (c *Check) beyond() bool {
	if c.Kind != "metric" || c.Candidate == nil || c.Rule.Limit == nil {
		return false
	}
	value, limit := *c.Candidate, *c.Rule.Limit
	rounding := 1e-9 * max(math.Abs(value), math.Abs(limit))
	switch {
	case c.Rule.MaxDrop != nil || c.Rule.Min != nil:
		return value < limit-rounding
	case c.Rule.MaxRise != nil || c.Rule.Max != nil:
		return value > limit+rounding
	}
	return false
}

// UnmarshalJSON reads 0.02, or "2%".
func (m *Margin) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) != nil {
		m.Relative = false
		return json.Unmarshal(b, &m.Value)
	}
	number, percent := strings.CutSuffix(text, "%")
	value, err := strconv.ParseFloat(number, 64)
	if !percent || err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
		return fmt.Errorf(`a margin is a number or a share such as "2%%", and not %q`, text)
	}
	*m = Margin{Value: value / 100, Relative: true}
	return nil
}
