package predict

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/summary"
)

// Fault is what may be wrong with a row.
type Fault uint8

// The faults.
const (
	LabelNull Fault = iota
	LabelUnknown
	LabelNotANumber
	WeightInvalid
	AnswerMissing // no row for the id
	AnswerNull
	AnswerUnknown
	AnswerNotANumber
	ScoreNotAProbability
	ScoresDoNotSum
	faults
)

// words say each fault of rows: "12 rows ...".
var words = [faults]string{
	LabelNull:            "have no label",
	LabelUnknown:         "have a label that is not one of the classes",
	LabelNotANumber:      "have a target that is missing, NaN or infinite",
	WeightInvalid:        "have a weight that is missing, negative, NaN or infinite",
	AnswerMissing:        "have no prediction",
	AnswerNull:           "have an empty predicted label",
	AnswerUnknown:        "have a predicted label that is not one of the classes",
	AnswerNotANumber:     "have a prediction that is missing, NaN or infinite",
	ScoreNotAProbability: "have a score that is not a probability from 0 to 1",
	ScoresDoNotSum:       "have probabilities that do not add up to 1",
}

// Problems counts faults and keeps examples of each. The zero value is ready.
type Problems struct {
	counts   [faults]uint64
	examples [faults]summary.Sample[example]
}

// example is one row, or one value where rows have no ids.
type example struct{ id, value string }

const mostExamples = 5

// IDs names the rows of a batch.
type IDs struct {
	Hash func(row int) uint64 // nil: rows have no ids
	Text func(row int) string
	skip *dataset.Vector // rows that are null here are not looked at
}

// Any says whether there are any faults.
func (p *Problems) Any() bool { return p.counts != [faults]uint64{} }

// note counts one fault.
func (p *Problems) note(f Fault, ids IDs, row int, value string) {
	if ids.skip != nil && ids.skip.Null(row) {
		return
	}
	p.counts[f]++
	e := example{value: value}
	hash := xxhash.Sum64String(value)
	if ids.Hash != nil {
		hash = ids.Hash(row)
		e.id = ids.Text(row)
	}
	p.examples[f].Add(mostExamples, hash, func() example { return e })
}

// Merge adds the problems of other rows.
func (p *Problems) Merge(q *Problems) {
	for f := range faults {
		p.counts[f] += q.counts[f]
		p.examples[f].Merge(mostExamples, &q.examples[f])
	}
}

// numbers notes the rows whose number is null or not ok.
func (p *Problems) numbers(f Fault, v *dataset.Vector, rows int, ids IDs, ok func(float64) bool) {
	for i, x := range v.Floats[:rows] {
		switch {
		case v.Null(i):
			p.note(f, ids, i, "null")
		case !ok(x):
			p.note(f, ids, i, number(x))
		}
	}
}

// classes notes the rows without a class and puts class 0 there, so that what
// comes after need not look.
func (p *Problems) classes(null, other Fault, class []uint16, v *dataset.Vector, ids IDs) {
	for i, c := range class {
		if c < noClass {
			continue
		}
		class[i] = 0
		if c == noClass {
			p.note(null, ids, i, "")
		} else {
			p.note(other, ids, i, valueOf(v, i))
		}
	}
}

func valueOf(v *dataset.Vector, row int) string {
	if v.Texts != nil {
		return strings.Clone(v.Texts[row])
	}
	return strconv.FormatInt(v.Ints[row], 10)
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// Sentences says each fault with its count and examples.
func (p *Problems) Sentences() []string {
	var list []string
	for f := range faults {
		if p.counts[f] > 0 {
			list = append(list, p.sentence(f))
		}
	}
	return list
}

func (p *Problems) sentence(f Fault) string {
	s := Count(p.counts[f], "row "+strings.Replace(words[f], "have", "has", 1), "rows "+words[f])
	var shown []string
	for _, e := range p.examples[f].Rows() {
		if text := e.String(); text != "" && !slices.Contains(shown, text) {
			shown = append(shown, text)
		}
	}
	if len(shown) > 0 {
		s += ", such as " + strings.Join(shown, ", ")
	}
	return s
}

// Count writes a number with its noun: "1 row", "12 rows".
func Count(n uint64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (e example) String() string {
	switch {
	case e.id == "":
		return e.value
	case e.value == "":
		return "id " + e.id
	}
	return fmt.Sprintf("%s (id %s)", e.value, e.id)
}
