package gate

import (
	"slices"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/slice"
	"github.com/noworse/noworse/spec"
	"github.com/noworse/noworse/summary"
)

// answerSink gives the answers of the rows that one thread gets.
type answerSink struct {
	plan   *plan
	truth  *predict.Truth
	models []*predict.Recorded
	scores bool // whether they are asked for
	batch  summary.Batch
	out    dataset.Answers
}

func (p *plan) newAnswerSink(f *fields, scores bool) *answerSink {
	s := &answerSink{plan: p, scores: scores}
	s.truth = predict.NewTruth(f.place, p.classes, p.label, nil)
	for _, m := range p.models {
		m.Losses = false
		s.models = append(s.models, predict.NewRecorded(f.place, p.classes, m))
	}
	s.batch.Models = make([]summary.Outputs, len(p.models))
	return s
}

// Consume implements dataset.Sink.
func (s *answerSink) Consume(from *dataset.Batch) error {
	b, out := &s.batch, &s.out
	b.Rows = from.Rows
	s.truth.Read(from, predict.IDs{}, b)
	for m, r := range s.models {
		r.Read(from, predict.IDs{}, b, &b.Models[m])
	}
	if s.plan.classes == nil {
		out.Label = b.Target
		for m := range s.models {
			out.Prediction[m] = b.Models[m].Score
		}
	} else {
		out.Label = numbers(out.Label, b.Label)
		for m, r := range s.models {
			out.Prediction[m] = numbers(out.Prediction[m], b.Models[m].Class)
			if s.scores {
				out.Score[m] = slices.Grow(out.Score[m][:0], from.Rows)
				for row := range from.Rows {
					score, _ := r.Score(from, &b.Models[m], row)
					out.Score[m] = append(out.Score[m], score)
				}
			}
		}
	}
	from.Answers = *out
	return nil
}

// numbers are the places of classes.
func numbers(dst []float64, classes []uint16) []float64 {
	dst = dst[:0]
	for _, c := range classes {
		dst = append(dst, float64(c))
	}
	return dst
}

// term is an aggregate of a formula, for one model, and where its arguments are.
type term struct {
	formula *formula
	of      dataset.Aggregate
	places  []int
}

// terms are those of all formulas, by formula, model and aggregate.
func (p *plan) terms(f *fields) []term {
	var list []term
	for _, formula := range p.formulas {
		for m := range p.models {
			for _, a := range formula.Aggregates {
				t := term{formula: formula, of: a}
				for _, sql := range a.Args[m] {
					form := dataset.AsFloat
					if a.Distinct {
						form = dataset.AsText
					}
					t.places = append(t.places, f.place(dataset.Field{Expression: sql, Form: form}))
				}
				list = append(list, t)
			}
		}
	}
	return list
}

// moments are of one slice: of each term, and of the numbers of each formula that has
// evidence.
type moments struct {
	terms   []summary.Moments
	crosses []summary.Cross
}

func (s *termSink) newMoments() moments {
	var m moments
	for _, t := range s.terms {
		m.terms = append(m.terms, summary.NewMoments(t.of.Function, t.of.Distinct))
	}
	for i := range s.crossings {
		m.crosses = append(m.crosses, summary.NewCross(s.crossings[i].size()))
	}
	return m
}

func (m moments) merge(o moments) {
	for i := range m.terms {
		m.terms[i].Merge(&o.terms[i])
	}
	for i := range m.crosses {
		m.crosses[i].Merge(&o.crosses[i])
	}
}

// termSink adds up the arguments of aggregates for the rows that one thread gets.
type termSink struct {
	terms     []term
	crossings []crossing // by formula
	formulas  []*formula
	named     []int // places of the predicates; -1: not asked for
	encoded   encoded
	by        []byReader
	askedBy   []int // the entry that each reader is of
	whole     moments
	ofNamed   []moments
	ofBy      [][]moments // by reader and code
}

func (p *plan) newTermSink(f *fields) *termSink {
	s := &termSink{terms: p.terms(f), ofNamed: make([]moments, p.shape.Named)}
	s.crossings, s.formulas = p.crossings(s.terms), p.formulas
	s.whole = s.newMoments()
	for i := range p.predicates {
		place := -1
		if slices.ContainsFunc(p.formulas, func(f *formula) bool { return f.named[i] }) {
			place = f.place(dataset.Field{Predicate: &p.predicates[i], Form: dataset.AsMask})
		}
		s.named = append(s.named, place)
		s.ofNamed[i] = s.newMoments()
	}
	for i := range p.shape.By {
		if slices.ContainsFunc(p.formulas, func(f *formula) bool { return f.by[i] }) {
			s.by = append(s.by, newByReader(f.place, &s.encoded, p.source.Columns(), p.spec.Slices.By[i].Columns))
			s.askedBy = append(s.askedBy, i)
		}
	}
	s.ofBy = make([][]moments, len(s.by))
	return s
}

// Consume implements dataset.Sink.
func (s *termSink) Consume(from *dataset.Batch) error {
	s.encoded.read(from)
	for i, t := range s.terms {
		if t.formula.whole {
			for row := range from.Rows {
				t.add(&s.whole.terms[i], from, row)
			}
		}
	}
	for i, f := range s.formulas {
		if f.whole {
			s.cross(i, from, func(int) *summary.Cross { return &s.whole.crosses[i] })
		}
	}
	for n, place := range s.named {
		if place < 0 {
			continue
		}
		mask := from.Vectors[place].Mask
		for i, t := range s.terms {
			for row := range from.Rows {
				if t.formula.named[n] && mask[row>>6]>>(row&63)&1 == 1 {
					t.add(&s.ofNamed[n].terms[i], from, row)
				}
			}
		}
		for i, f := range s.formulas {
			if f.named[n] {
				s.cross(i, from, func(row int) *summary.Cross {
					if mask[row>>6]>>(row&63)&1 == 0 {
						return nil
					}
					return &s.ofNamed[n].crosses[i]
				})
			}
		}
	}
	for b := range s.by {
		s.addBy(b, from)
	}
	return nil
}

func (s *termSink) addBy(b int, from *dataset.Batch) {
	codes := s.by[b].read()
	for len(s.ofBy[b]) < s.by[b].len() {
		s.ofBy[b] = append(s.ofBy[b], s.newMoments())
	}
	for i, t := range s.terms {
		if !t.formula.by[s.askedBy[b]] {
			continue
		}
		for row := range from.Rows {
			t.add(&s.ofBy[b][codes[row]].terms[i], from, row)
		}
	}
	for i, f := range s.formulas {
		if f.by[s.askedBy[b]] {
			s.cross(i, from, func(row int) *summary.Cross { return &s.ofBy[b][codes[row]].crosses[i] })
		}
	}
}

// cross counts the rows of a batch into what a formula's evidence rests on; to is nil for
// rows that are of no slice.
func (s *termSink) cross(formula int, from *dataset.Batch, to func(row int) *summary.Cross) {
	c := &s.crossings[formula]
	if c.terms == nil {
		return
	}
	for row := range from.Rows {
		if of := to(row); of != nil {
			c.add(of, from, row)
		}
	}
}

// add counts a row in, unless an argument is null.
func (t *term) add(m *summary.Moments, from *dataset.Batch, row int) {
	for _, place := range t.places {
		if from.Vectors[place].Null(row) {
			return
		}
	}
	first := &from.Vectors[t.places[0]]
	switch {
	case t.of.Distinct:
		m.AddText(first.Texts[row])
	case len(t.places) == 2:
		m.AddPair(first.Floats[row], from.Vectors[t.places[1]].Floats[row])
	default:
		m.Add(first.Floats[row])
	}
}

// bySlice is the moments of every slice that has rows, by its name; "" is the
// whole set.
func (s *termSink) bySlice(named []spec.NamedSlice) map[string]moments {
	all := map[string]moments{"": s.whole}
	for i, m := range s.ofNamed {
		all[slice.Encode(named[i].Name)] = m
	}
	for b := range s.by {
		for code, m := range s.ofBy[b] {
			all[sliceName(s.by[b].names, s.by[b].values(uint32(code)))] = m
		}
	}
	return all
}
