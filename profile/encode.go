package profile

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
)

// Version of the encoding. What a program reads is of this version or refused.
const Version = 1

// The encoding is one line of JSON for the table and one for each column, so that the
// same profile is the same bytes. Numbers that do not exist are left out.
type tableJSON struct {
	Profile int    `json:"noworse_profile"`
	Rows    uint64 `json:"rows"`
	Columns int    `json:"columns"`
}

type columnJSON struct {
	Name     string       `json:"name"`
	Kind     Kind         `json:"kind"`
	Type     string       `json:"type"`
	Nulls    uint64       `json:"nulls"`
	Numbers  *numbersJSON `json:"numbers,omitempty"`
	Texts    *textsJSON   `json:"texts,omitempty"`
	Distinct string       `json:"distinct,omitempty"` // registers
}

type numbersJSON struct {
	NaN           uint64      `json:"nan,omitempty"`
	PlusInfinity  uint64      `json:"plus_infinity,omitempty"`
	MinusInfinity uint64      `json:"minus_infinity,omitempty"`
	Min           *float64    `json:"min,omitempty"`
	Max           *float64    `json:"max,omitempty"`
	Moments       momentsJSON `json:"moments"`
	Deciles       []float64   `json:"deciles"`
	Edges         []float64   `json:"edges"`
	Counts        []uint64    `json:"counts"`
	Quarters      []uint64    `json:"quarters,omitempty"`
}

type momentsJSON struct {
	Origin   float64  `json:"origin"`
	Exponent int      `json:"exponent"`
	N        uint64   `json:"n"`
	Sum      *big.Int `json:"sum"`
	Squares  *big.Int `json:"squares"`
	// Of numbers that are too far out to be counted in steps.
	FarSum     string `json:"far_sum,omitempty"`
	FarSquares string `json:"far_squares,omitempty"`
}

type textsJSON struct {
	Categories []Category `json:"categories"`
	Known      int        `json:"known"`
	Rest       uint64     `json:"rest,omitempty"`
	Empty      uint64     `json:"empty,omitempty"`
	Blank      uint64     `json:"blank,omitempty"`
	Padded     uint64     `json:"padded,omitempty"`
	Numeric    uint64     `json:"numeric,omitempty"`
	Lengths    Lengths    `json:"lengths"`
	Shapes     []Shape    `json:"shapes,omitempty"`
	Shapeless  bool       `json:"shapeless,omitempty"`
}

// Encode is a profile as bytes.
func (p *Profile) Encode() ([]byte, error) {
	var to bytes.Buffer
	lines := json.NewEncoder(&to)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(tableJSON{Version, p.Rows, len(p.Columns)}); err != nil {
		return nil, err
	}
	for _, c := range p.Columns {
		if err := lines.Encode(c.json()); err != nil {
			return nil, fmt.Errorf("column %q: %w", c.Name, err)
		}
	}
	return to.Bytes(), nil
}

func (c *Column) json() columnJSON {
	j := columnJSON{Name: c.Name, Kind: c.Kind, Type: c.Type, Nulls: c.Nulls, Distinct: base64.StdEncoding.EncodeToString(c.Distinct.registers)}
	if n := c.Numbers; n != nil {
		j.Numbers = &numbersJSON{NaN: n.NaN, PlusInfinity: n.PlusInfinity, MinusInfinity: n.MinusInfinity, Min: there(n.Min), Max: there(n.Max),
			Moments: n.Moments.json(), Deciles: n.Deciles, Edges: n.Edges, Counts: n.Counts, Quarters: n.Quarters}
	}
	if t := c.Texts; t != nil {
		j.Texts = &textsJSON{t.Categories, t.Known, t.Rest, t.Empty, t.Blank, t.Padded, t.Numeric, t.Lengths, t.Shapes.List(), t.Shapes.None}
	}
	return j
}

func there(x float64) *float64 {
	if math.IsNaN(x) {
		return nil
	}
	return &x
}

func orNaN(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}

func (m *Moments) json() momentsJSON {
	j := momentsJSON{Origin: m.Origin, Exponent: m.Exponent, N: m.N, Sum: m.Sum.Big(true), Squares: m.Squares.Big(false)}
	if m.far != nil {
		if sum, squares := m.far.sums(); sum != nil {
			j.FarSum, j.FarSquares = sum.Text('p', 0), squares.Text('p', 0)
		} else {
			j.FarSum, j.FarSquares = "inf", "inf"
		}
	}
	return j
}

// IsProfile says whether bytes begin as those of Encode do.
func IsProfile(data []byte) bool {
	return bytes.HasPrefix(data, []byte(`{"noworse_profile":`))
}

// ErrCorrupt is that bytes are no whole profile.
var ErrCorrupt = errors.New("it is no whole profile: write it again with noworse profile")

// VersionError is a profile of another version.
type VersionError struct{ Version int }

func (e *VersionError) Error() string {
	return fmt.Sprintf("it is a profile of version %d, and this program reads version %d: write it again with noworse profile", e.Version, Version)
}

// Decode reads what Encode gave. An error is ErrCorrupt or *VersionError.
func Decode(data []byte) (*Profile, error) {
	lines := bytes.Split(data, []byte("\n"))
	var table tableJSON
	if !IsProfile(data) || json.Unmarshal(lines[0], &table) != nil {
		return nil, ErrCorrupt
	}
	if table.Profile != Version {
		return nil, &VersionError{table.Profile}
	}
	if len(lines) != table.Columns+2 || len(lines[len(lines)-1]) > 0 {
		return nil, ErrCorrupt
	}
	p := &Profile{Rows: table.Rows}
	names := map[string]bool{}
	for _, line := range lines[1 : len(lines)-1] {
		var j columnJSON
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if d.Decode(&j) != nil || d.More() || names[j.Name] {
			return nil, ErrCorrupt
		}
		c, ok := j.column(table.Rows)
		if !ok {
			return nil, fmt.Errorf("column %q: %w", j.Name, ErrCorrupt)
		}
		names[c.Name] = true
		p.Columns = append(p.Columns, c)
	}
	return p, nil
}

// column is false where the numbers of a column do not add up.
func (j *columnJSON) column(rows uint64) (*Column, bool) {
	c := &Column{Name: j.Name, Kind: j.Kind, Type: j.Type, Nulls: j.Nulls}
	if j.Nulls > rows || (j.Numbers != nil) != j.Kind.numeric() || (j.Texts != nil) != j.Kind.textual() {
		return nil, false
	}
	if j.Kind == Nested {
		return c, j.Distinct == ""
	}
	registers, err := base64.StdEncoding.DecodeString(j.Distinct)
	if err != nil || len(registers) != 1<<registerBits || slices.Max(registers) > 65-registerBits {
		return nil, false
	}
	c.Distinct = Distinct{registers}
	if j.Numbers != nil {
		n, ok := j.Numbers.numbers()
		c.Numbers = n
		return c, ok && (len(n.Quarters) == Quarters) == (j.Kind == Time) && sumIs(rows, append(slices.Clone(n.Counts), n.NaN, n.PlusInfinity, n.MinusInfinity, j.Nulls))
	}
	t := j.Texts
	shapes, ok := shapesOf(t.Shapes, t.Shapeless)
	c.Texts = &Texts{t.Categories, t.Known, t.Rest, t.Empty, t.Blank, t.Padded, t.Numeric, t.Lengths, shapes}
	return c, ok && c.Texts.holds() && sumIs(rows, []uint64{c.Texts.Rows(), j.Nulls})
}

// sumIs guards against sums that overflow, too.
func sumIs(all uint64, parts []uint64) bool {
	for _, n := range parts {
		if n > all {
			return false
		}
		all -= n
	}
	return all == 0
}

func (j *numbersJSON) numbers() (*Numbers, bool) {
	n := &Numbers{NaN: j.NaN, PlusInfinity: j.PlusInfinity, MinusInfinity: j.MinusInfinity, Min: orNaN(j.Min), Max: orNaN(j.Max),
		Edges: j.Edges, Counts: j.Counts, Deciles: j.Deciles, Quarters: j.Quarters}
	ascending := func(list []float64) bool {
		return slices.IsSorted(list) && len(slices.Compact(slices.Clone(list))) == len(list)
	}
	if len(n.Counts) != len(n.Edges)+1 || len(n.Edges) > math.MaxUint16 || !ascending(n.Edges) || !ascending(n.Deciles) {
		return n, false
	}
	for _, d := range append(slices.Clone(n.Deciles), 0, afterZero) {
		if _, ok := slices.BinarySearch(n.Edges, d); !ok {
			return n, false
		}
	}
	all := n.Finite()
	if len(n.Quarters) > 0 && !sumIs(all, n.Quarters) {
		return n, false
	}
	if (all == 0) != math.IsNaN(n.Min) || (all == 0) != math.IsNaN(n.Max) || n.Min > n.Max || j.Moments.N != all {
		return n, false
	}
	return n, j.Moments.moments(&n.Moments)
}

func (j *momentsJSON) moments(m *Moments) bool {
	*m = Moments{Origin: j.Origin, Exponent: j.Exponent, N: j.N}
	if j.Sum == nil || j.Squares == nil || j.Sum.BitLen() > 127 || j.Squares.BitLen() > 128 || j.Squares.Sign() < 0 || j.Exponent < -1000 || j.Exponent > 1024 {
		return false
	}
	m.Sum, m.Squares = fromBig(j.Sum), fromBig(j.Squares)
	if j.FarSum == "" && j.FarSquares == "" {
		return true
	}
	m.far = new(far)
	if j.FarSum == "inf" {
		m.far.squares.Add(math.Inf(1))
		return true
	}
	var ok, too bool
	m.far.sumBefore, ok = wide().SetString(j.FarSum)
	m.far.squaresBefore, too = wide().SetString(j.FarSquares)
	return ok && too && !m.far.sumBefore.IsInf() && !m.far.squaresBefore.IsInf()
}

func fromBig(n *big.Int) Wide {
	mask := new(big.Int).SetUint64(math.MaxUint64)
	low := new(big.Int).And(n, mask)
	high := new(big.Int).Rsh(n, 64)
	return Wide{high.And(high, mask).Uint64(), low.Uint64()}
}

// holds says whether categories are ones that counting could have found.
func (t *Texts) holds() bool {
	if t.Known < 0 || t.Known > len(t.Categories) || len(t.Categories) > mostKept+mostFresh {
		return false
	}
	seen := map[string]bool{}
	for _, c := range t.Categories {
		if seen[c.Text] {
			return false
		}
		seen[c.Text] = true
	}
	return true
}
