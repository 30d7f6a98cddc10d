package profile

import (
	"math"
	"math/bits"
)

// Distinct estimates how many different values were seen, by HyperLogLog: to 1.6 % one
// standard deviation. It decides nothing. Flajolet, Fusy, Gandouet and Meunier (2007),
// AofA; below 2.5 values a register by those that are empty.
type Distinct struct{ registers []uint8 }

const registerBits = 12

func newDistinct() Distinct { return Distinct{make([]uint8, 1<<registerBits)} }

func (d *Distinct) add(hash uint64) {
	rank := uint8(bits.LeadingZeros64(hash<<registerBits|1<<(registerBits-1)) + 1)
	if r := &d.registers[hash>>(64-registerBits)]; *r < rank {
		*r = rank
	}
}

func (d *Distinct) addNumbers(numbers []float64) {
	for _, x := range numbers {
		d.add(hashNumber(x))
	}
}

func (d *Distinct) merge(o *Distinct) {
	for i, r := range o.registers {
		d.registers[i] = max(d.registers[i], r)
	}
}

// Estimate is the number of different values.
func (d *Distinct) Estimate() float64 {
	const m = 1 << registerBits
	sum, empty := 0.0, 0
	for _, r := range d.registers {
		sum += math.Ldexp(1, -int(r))
		if r == 0 {
			empty++
		}
	}
	if len(d.registers) == 0 || empty == m {
		return 0
	}
	estimate := 0.7213 / (1 + 1.079/m) * m * m / sum
	if estimate <= 2.5*m && empty > 0 {
		return m * math.Log(float64(m)/float64(empty))
	}
	return estimate
}

// hashNumber mixes the bits of a number; -0 is 0.
func hashNumber(x float64) uint64 {
	high, low := bits.Mul64(math.Float64bits(x+0)^0x9e3779b97f4a7c15, 0xd6e8feb86659fd93)
	high, low = bits.Mul64(high^low^0xa0761d6478bd642f, 0xe7037ed1a0b428db)
	return high ^ low
}
