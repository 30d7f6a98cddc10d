package live

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/cespare/xxhash/v2"

	"github.com/noworse/noworse/dataset"
)

var nan = math.NaN()

// digest stands for rows, each with its place: 128 bits of sums of hashes of
// rows, so threads may see them in any order.
type digest struct{ a, b uint64 }

func (d *digest) merge(o digest) { d.a, d.b = d.a+o.a, d.b+o.b }

func (d digest) String() string { return fmt.Sprintf("%016x%016x", d.a, d.b) }

// digestOf hashes every value of a frame as a model is given it.
func digestOf(f *frame) digest {
	var d digest
	var row []byte
	for i := range f.Rows {
		row = binary.LittleEndian.AppendUint64(row[:0], uint64(f.positions[i]))
		for j := range f.Columns {
			c := &f.Columns[j]
			switch {
			case c.Null(i):
				row = append(row, 0)
			case c.Kind == dataset.Float:
				row = binary.LittleEndian.AppendUint64(append(row, 1), math.Float64bits(c.Floats[i]))
			case c.Kind == dataset.Text:
				row = binary.AppendUvarint(append(row, 2), uint64(len(c.Texts[i])))
				row = append(row, c.Texts[i]...)
			default:
				row = binary.LittleEndian.AppendUint64(append(row, 3), uint64(c.Ints[i]))
			}
		}
		d.a += xxhash.Sum64(row)
		d.b += xxhash.Sum64(append(row, 1))
	}
	return d
}
