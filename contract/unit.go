package contract

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/noworse/noworse/profile"
)

// affine is a change of unit or sign: now = add + times*was.
type affine struct {
	add, times float64
	tier       int // lower ones are likelier than others that fit as well
	says       string
}

const fittedTier = 3 // of no known unit

// units are changes that happen, those by powers of ten first.
var units = func() []affine {
	var list []affine
	for k := 1; k <= 9; k++ {
		list = append(list, affine{times: math.Pow10(k)}, affine{times: 1 / math.Pow10(k)})
	}
	list = append(list, affine{times: -1})
	for _, f := range []struct {
		times float64
		says  string
	}{{60, "minutes and seconds, or hours and minutes"}, {3600, "hours and seconds"}, {24, "days and hours"}, {86_400, "days and seconds"}, {7, "weeks and days"}, {12, "years and months"},
		{365.25, "years and days"}, {2.54, "inches and centimetres"}, {25.4, "inches and millimetres"}, {.3048, "feet and metres"}, {.45359237, "pounds and kilograms"},
		{1.609344, "miles and kilometres"}, {28.349523125, "ounces and grams"}, {3.785411784, "gallons and litres"}, {3.6, "m/s and km/h"}, {1.852, "knots and km/h"},
		{1024, "multiples of 1,024"}, {1 << 20, "bytes and mebibytes"}, {math.Pi / 180, "degrees and radians"}} {
		tier := 1
		if f.times > 1000 && f.times != 3600 || f.times < .1 { // much is near them
			tier = 2
		}
		list = append(list, affine{times: f.times, says: f.says, tier: tier}, affine{times: 1 / f.times, says: f.says, tier: tier})
	}
	return append(list, affine{add: 32, times: 1.8, tier: 1, says: "degrees Celsius and Fahrenheit"}, affine{add: -32 / 1.8, times: 1 / 1.8, tier: 1, says: "degrees Celsius and Fahrenheit"},
		affine{add: 273.15, times: 1, tier: 1, says: "degrees Celsius and kelvins"}, affine{add: -273.15, times: 1, tier: 1, says: "degrees Celsius and kelvins"},
		affine{add: 1, times: -1, tier: 1, says: "shares and what they leave of 1"}, affine{add: 100, times: -1, tier: 1, says: "percentages and what they leave of 100"})
}()

// unitChange finds the map that undoes what happened to a column of numbers.
func unitChange(was *known, now *seen) *Violation {
	before, limit := was.apart(now.numbers, 0), noise(was.n, float64(now.values))
	if before < max(far, 1.5*limit) || was.Numbers.Min == was.Numbers.Max || now.numbers[0] == now.numbers[now.values-1] {
		return nil // of one value any map makes another
	}
	step := smallestStep(now.numbers)
	best, after, found := affine{}, math.Inf(1), false
	for _, u := range units {
		d := was.undone(u, now.numbers, step)
		if d <= u.within(was, now) && (!found || u.tier < best.tier || u.tier == best.tier && d < after) {
			best, after, found = u, d, true
		}
	}
	if !found {
		if best, after, found = was.fitted(now, before, step); !found {
			return nil
		}
	}
	return told(was, now, best, &Distance{before, after, limit})
}

// within is how near a change must come to the reference. Of the many that are less
// likely some come near by chance, where a column only grew.
func (u affine) within(was *known, now *seen) float64 {
	if n, m := was.n, float64(now.values); u.tier > 0 {
		return 1.48 * math.Sqrt((n+m)/(n*m)) // one chance in 40
	}
	return noise(was.n, float64(now.values))
}

// undone is how far numbers are from the reference with a change undone. Numbers that
// were rounded in their new unit may be off by half a step of it, where that is little.
func (k *known) undone(u affine, numbers []float64, step float64) float64 {
	back := make([]float64, len(numbers))
	for i, x := range numbers {
		back[i] = (x - u.add) / u.times
	}
	if u.times < 0 {
		slices.Reverse(back)
	}
	rounding := step / 2 / math.Abs(u.times) * 1.001
	return k.apart(back, min(rounding, k.spread()/40))
}

// spread is the distance of the first and the last decile.
func (k *known) spread() float64 {
	d := k.Numbers.Deciles
	if len(d) < 2 {
		return 0
	}
	return d[len(d)-1] - d[0]
}

// smallestStep is the smallest difference of two numbers in order; 0 where there is none.
func smallestStep(numbers []float64) float64 {
	least := math.Inf(1)
	for i := 1; i < len(numbers); i++ {
		if d := numbers[i] - numbers[i-1]; d > 0 && d < least {
			least = d
		}
	}
	if math.IsInf(least, 1) {
		return 0
	}
	return least
}

// fitted is a map of no known unit, from quantiles: taken only where the column is far
// from what it was, of many values, and is stretched, not only moved; a column that
// moved needs no other unit.
func (k *known) fitted(now *seen, before, step float64) (affine, float64, bool) {
	const much, many = .5, 1000
	if before < much || k.n < many || now.values < many || k.level() {
		return affine{}, 0, false
	}
	times := (profile.Quantile(now.numbers, .9) - profile.Quantile(now.numbers, .1)) / (k.quantile(.9) - k.quantile(.1))
	if !(times > 0) || math.IsInf(times, 0) || times < 2 && times > .5 {
		return affine{}, 0, false
	}
	for _, t := range []float64{times, -times} {
		u := affine{tier: fittedTier, add: profile.Quantile(now.numbers, .5) - t*k.quantile(.5), times: t}
		if d := k.undone(u, now.numbers, step); d <= noise(k.n, float64(now.values)) {
			return u, d, true
		}
	}
	return affine{}, 0, false
}

// level says whether numbers are about as frequent from the least to the largest, as ids
// and times are that go on: any two such columns are a map of each other.
func (k *known) level() bool {
	n := k.Numbers
	worst := 0.0
	for i, edge := range n.Edges {
		worst = max(worst, math.Abs(k.below[i]-min(1, max(0, (edge-n.Min)/(n.Max-n.Min)))))
	}
	return worst < far
}

// quantile is that of the reference, between the edges of its bin.
func (k *known) quantile(share float64) float64 {
	n := k.Numbers
	i, _ := slices.BinarySearch(k.below, share)
	switch {
	case i == 0:
		return n.Min
	case i == len(k.below):
		return n.Max
	}
	low, high := max(n.Edges[i-1], n.Min), min(n.Edges[i], n.Max)
	return low + (high-low)*(share-k.below[i-1])/(k.below[i]-k.below[i-1])
}

// told is a change of unit as a violation.
func told(was *known, now *seen, u affine, d *Distance) *Violation {
	v := &Violation{Name: UnitChange, Column: now.name, Undo: u.undo(), Distance: d}
	middle := profile.Quantile(now.numbers, .5)
	v.Examples = []Example{{Value: number(middle), Was: number(was.quantile(.5))}}
	says := ""
	switch {
	case u.times == -1 && u.add == 0:
		v.Name, says = SignFlip, "the sign of its values is turned round"
	case u.add == 0 && u.times > 1:
		says = fmt.Sprintf("its values are %s times what they were", number(u.times))
	case u.add == 0 && u.times > 0:
		says = fmt.Sprintf("its values are 1/%s of what they were", number(1/u.times))
	case u.says != "":
		says = "its values are in another unit"
	default:
		says = "its values are in another unit, of which no name is known"
	}
	if u.says != "" {
		says += fmt.Sprintf(" (as between %s)", u.says)
	}
	v.Message = fmt.Sprintf("%s: %s makes the reference's of them (the median is %s and was %s)", says, v.Undo, number(middle), v.Examples[0].Was)
	return v
}

// undo is the expression that makes was of now, which is x.
func (u affine) undo() string {
	digits := func(x float64) string {
		if u.tier == fittedTier {
			return strconv.FormatFloat(x, 'g', 4, 64)
		}
		return strconv.FormatFloat(x, 'g', 10, 64)
	}
	x := "x"
	if u.add != 0 && math.Abs(u.times) < 1 {
		x += " * " + digits(1/u.times)
		if by := -u.add / u.times; by < 0 {
			return x + " - " + digits(-by)
		}
		return x + " + " + digits(-u.add/u.times)
	}
	switch {
	case u.times == -1 && u.add == 0:
		return "-x"
	case u.times == -1:
		return digits(u.add) + " - x"
	case u.add > 0:
		x = "(x - " + digits(u.add) + ")"
	case u.add < 0:
		x = "(x + " + digits(-u.add) + ")"
	}
	switch {
	case u.times == 1:
		return x[1 : len(x)-1]
	case math.Abs(u.times) < 1:
		return x + " * " + digits(1/u.times)
	}
	return x + " / " + digits(u.times)
}
