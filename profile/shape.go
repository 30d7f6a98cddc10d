package profile

import (
	"cmp"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Shape is how texts are built: runs of letters and of digits, and other characters as
// they are.
type Shape struct {
	// Runs has one character for each run: 9 for digits, A and a for letters of A to Z, L
	// for other letters; any other stands for itself.
	Runs  string `json:"runs"`
	Rows  uint64 `json:"rows"`
	Least []int  `json:"least,omitempty"` // of each run: how long it is
	Most  []int  `json:"most,omitempty"`
}

// Shapes are all shapes of a column's texts; None where they are too many, or too long,
// to say something.
type Shapes struct {
	None bool
	list map[string]*Shape
	runs []byte // of the last text
	lens []int
}

const (
	mostShapes = 64
	mostRuns   = 24
)

// List has the shapes with the most rows first.
func (s *Shapes) List() []Shape {
	var list []Shape
	for _, one := range s.list {
		list = append(list, *one)
	}
	slices.SortFunc(list, func(a, b Shape) int { return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Runs, b.Runs)) })
	return list
}

// look adds the shape of a text that so many rows have.
func (s *Shapes) look(text string, rows uint64) {
	switch {
	case s.None:
	case !s.take(text):
		s.none()
	default:
		one := s.list[string(s.runs)]
		if one == nil {
			s.add(Shape{string(s.runs), rows, s.lens, s.lens})
			return
		}
		one.Rows += rows
		one.reach(s.lens, s.lens)
	}
}

// take finds the runs of a text; false where they are too many.
func (s *Shapes) take(text string) bool {
	s.runs, s.lens = s.runs[:0], s.lens[:0]
	last := rune(-1)
	for _, r := range text {
		class := classOf(r)
		if class == last {
			s.lens[len(s.lens)-1]++
			continue
		}
		if len(s.lens) == mostRuns {
			return false
		}
		s.runs, s.lens, last = utf8.AppendRune(s.runs, class), append(s.lens, 1), class
	}
	return true
}

// classOf is the character of a run. No character that stands for itself is one of a class.
func classOf(r rune) rune {
	switch {
	case r >= '0' && r <= '9':
		return '9'
	case r >= 'A' && r <= 'Z':
		return 'A'
	case r >= 'a' && r <= 'z':
		return 'a'
	case r >= utf8.RuneSelf && unicode.IsLetter(r):
		return 'L'
	}
	return r
}

func (s *Shapes) add(one Shape) {
	if s.list == nil {
		s.list = map[string]*Shape{}
	}
	one.Least, one.Most = append([]int{}, one.Least...), append([]int{}, one.Most...)
	s.list[one.Runs] = &one
	if len(s.list) > mostShapes {
		s.none()
	}
}

func (s *Shapes) none() { *s = Shapes{None: true} }

// reach widens what lengths runs have.
func (one *Shape) reach(least, most []int) {
	for i := range least {
		one.Least[i], one.Most[i] = min(one.Least[i], least[i]), max(one.Most[i], most[i])
	}
}

func (s *Shapes) merge(o *Shapes) {
	if o.None {
		s.none()
	}
	for runs, other := range o.list {
		if s.None {
			return
		}
		if one := s.list[runs]; one != nil {
			one.Rows += other.Rows
			one.reach(other.Least, other.Most)
		} else {
			s.add(*other)
		}
	}
}

// shapesOf is false for shapes that counting could not have found.
func shapesOf(list []Shape, none bool) (Shapes, bool) {
	s := Shapes{None: none}
	if none && len(list) > 0 || len(list) > mostShapes {
		return s, false
	}
	for _, one := range list {
		n := utf8.RuneCountInString(one.Runs)
		if s.list[one.Runs] != nil || len(one.Least) != n || len(one.Most) != n || n > mostRuns {
			return s, false
		}
		for i := range one.Least {
			if one.Least[i] < 1 || one.Most[i] < one.Least[i] {
				return s, false
			}
		}
		s.add(one)
	}
	return s, true
}
