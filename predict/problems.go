package predict

import (
	"cmp"
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
	NumberInvalid
	GroupMissing
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
	NumberInvalid:        "have a number that is missing, NaN or infinite",
	GroupMissing:         "have no group",
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

// numbers notes the rows whose number is null or not in an interval.
func (p *Problems) numbers(f Fault, v *dataset.Vector, rows int, ids IDs, ok interval) {
	for i, x := range v.Floats[:rows] {
		switch {
		case v.Null(i):
			p.note(f, ids, i, "null")
		case !ok.has(x):
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
	if v.Codes != nil {
		text, _ := v.Dictionary.Value(v.Codes[row])
		return strconv.Quote(text)
	}
	return strconv.FormatInt(v.Ints[row], 10)
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// Finding is one fault as a sentence, and how to mend it.
type Finding struct{ Sentence, Mend string }

// Findings says each fault with its count and examples. classes are the names
// of the label values, for advice.
func (p *Problems) Findings(classes []string) []Finding {
	var list []Finding
	for f := range faults {
		if p.counts[f] > 0 {
			list = append(list, Finding{p.sentence(f), mend(f, classes)})
		}
	}
	return list
}

// mend says how to mend a fault.
func mend(f Fault, classes []string) string {
	switch f {
	case ScoreNotAProbability:
		return "a score is a probability, in every row: divide percentages by 100; scores of another kind go through a sigmoid or softmax first"
	case ScoresDoNotSum:
		return "the probabilities of all classes of a row add up to 1"
	case LabelUnknown, AnswerUnknown:
		return "the classes are " + strings.Join(quoted(classes, 20), ", ") + ", spaces and case included"
	case AnswerMissing:
		return "predict on every row of the evaluation set"
	case GroupMissing:
		return "give every row a group; a row that depends on no other is a group of its own"
	}
	return "mend the rows: noworse leaves none out"
}

func quoted(names []string, most int) []string {
	list := make([]string, 0, most+1)
	for i, n := range names {
		if i == most {
			return append(list, "…")
		}
		list = append(list, strconv.Quote(n))
	}
	return list
}

func (p *Problems) sentence(f Fault) string {
	s := Count(p.counts[f], "row "+strings.Replace(words[f], "have", "has", 1), "rows "+words[f])
	var shown []string
	examples := p.examples[f].Rows()
	slices.SortFunc(examples, compareExamples)
	for _, e := range examples {
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
	return Thousands(n) + " " + many
}

// Thousands writes a number with separators: 48,842.
func Thousands(n uint64) string {
	text := strconv.FormatUint(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// compareExamples orders whole numbers as numbers and the rest as text.
func compareExamples(a, b example) int {
	if x, errX := strconv.ParseInt(a.id, 10, 64); errX == nil {
		if y, errY := strconv.ParseInt(b.id, 10, 64); errY == nil && x != y {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.value, b.value))
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
