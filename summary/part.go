package summary

// part is a statistic of the groups of a grouping beyond counts and sums of
// losses. Like those, it must not depend on the order of rows.
type part interface {
	grow(groups int)
	add(group, row int, b *Batch)
	// absorb adds a group of a part of the same kind to a group of this one.
	absorb(into int, from part, group int)
}

// parts are those that some needs ask for.
func newParts(shape *Shape, needs Needs) []part {
	var list []part
	if len(needs.Curves) > 0 && shape.Binned {
		list = append(list, &binned{models: shape.Models})
	}
	for _, c := range needs.Calibrations {
		list = append(list, newCalibrated(c, shape))
	}
	if needs.CellWeights {
		list = append(list, &cellWeights{shape: shape})
	}
	for _, c := range needs.Miscalibrations {
		list = append(list, newMiscalibrated(c, shape))
	}
	if needs.LargestError {
		list = append(list, &largest{models: shape.Models})
	}
	return list
}

// find is the part of a grouping that is of this kind and satisfies a condition.
func find[P part](g *grouping, is func(P) bool) (P, bool) {
	for _, p := range g.parts {
		if p, ok := p.(P); ok && is(p) {
			return p, true
		}
	}
	var none P
	return none, false
}

// largest is the largest absolute error, by group and model, of the rows that
// have weight.
type largest struct {
	models int
	errors []float64
}

func (l *largest) grow(groups int) { l.errors = extend(l.errors, groups*l.models) }

func (l *largest) add(group, row int, b *Batch) {
	if b.Weight != nil && b.Weight[row] == 0 {
		return
	}
	for m := range l.models {
		e := b.Models[m].Score[row] - b.Target[row]
		most := &l.errors[group*l.models+m]
		*most = max(*most, e, -e)
	}
}

func (l *largest) absorb(into int, from part, group int) {
	for m := range l.models {
		most := &l.errors[into*l.models+m]
		*most = max(*most, from.(*largest).errors[group*l.models+m])
	}
}

// LargestError is the largest |prediction - target| of the rows that have weight.
func (v View) LargestError(model int) float64 {
	l, ok := find(v.g, func(*largest) bool { return true })
	if !ok {
		panic("summary: an error that the shape does not name")
	}
	return l.errors[v.group*l.models+model]
}
